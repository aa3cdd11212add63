//! A recording, as the program begins and ends it.

use crate::trace::recorder::Recorder;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Records what all threads of all pools do while `f` runs, and what the caller does in a pool. Returns the result of `f`.
///
/// The events go to a file at `path`; a file that is there is overwritten. So is a file of the same name with the
/// extension `html`, which gets the report, unless `path` itself has that extension. The [module](crate::trace) has the events.
///
/// The call blocks, besides for `f`, while it writes the rest of the events and the report.
///
/// # Errors
///
/// If another recording is on ([`ResourceBusy`](io::ErrorKind::ResourceBusy)), or the file cannot be created: then `f`
/// has not run. If the file or the report could not be written: then `f` has run to its end, with a recording as far as
/// the file goes. A caller that needs the result of `f` in that case too uses [`start`].
///
/// # Panics
///
/// With `f`'s panic; the file has the events up to there.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// use paceline::prelude::*;
///
/// let path = std::env::temp_dir().join("paceline_record_example.json");
/// let sum = paceline::trace::record(&path, || (0..1_000_000_u64).into_par_iter().sum::<u64>())?;
/// assert_eq!(sum, 499_999_500_000);
/// assert!(std::fs::read_to_string(&path)?.starts_with('['));
/// # std::fs::remove_file(path.with_extension("html"))?;
/// # std::fs::remove_file(path)
/// # }
/// ```
pub fn record<R>(path: impl AsRef<Path>, f: impl FnOnce() -> R) -> io::Result<R> {
    let recording = start(path)?;
    let result = f();
    recording.finish()?;
    Ok(result)
}

/// Begins a recording, which lasts until [`Recording::finish`].
///
/// # Errors
///
/// If another recording is on, or the file cannot be created.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let path = std::env::temp_dir().join("paceline_start_example.json");
/// let recording = paceline::trace::start(&path)?;
/// let (a, b) = paceline::join(|| 20, || 22);
/// if let Err(error) = recording.finish() {
///     eprintln!("the recording is not complete: {error}");
/// }
/// assert_eq!(a + b, 42);
/// # std::fs::remove_file(path.with_extension("html"))?;
/// # std::fs::remove_file(path)
/// # }
/// ```
pub fn start(path: impl AsRef<Path>) -> io::Result<Recording> {
    Ok(Recording { recorder: Recorder::begin(path.as_ref())? })
}

/// A recording that is on.
///
/// Dropping the value ends the recording too, and ignores errors.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let path = std::env::temp_dir().join("paceline_recording_example.json");
/// {
///     let _recording = paceline::trace::start(&path)?;
///     paceline::join(|| 20, || 22);
/// }
/// assert!(std::fs::read_to_string(&path)?.ends_with("]\n"));
/// # std::fs::remove_file(path.with_extension("html"))?;
/// # std::fs::remove_file(path)
/// # }
/// ```
#[derive(Debug)]
pub struct Recording {
    recorder: Arc<Recorder>,
}

impl Recording {
    /// Ends the recording: writes the rest of the events, and the report. It blocks while it writes.
    ///
    /// # Errors
    ///
    /// If the file or the report could not be written.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let path = std::env::temp_dir().join("paceline_finish_example.json");
    /// let recording = paceline::trace::start(&path)?;
    /// recording.finish()?;
    /// assert!(paceline::trace::start(&path).is_ok(), "another recording can begin");
    /// # std::fs::remove_file(path.with_extension("html"))?;
    /// # std::fs::remove_file(path)
    /// # }
    /// ```
    pub fn finish(self) -> io::Result<()> {
        self.recorder.end()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // After `finish` this finds nothing to do.
        _ = self.recorder.end();
    }
}
