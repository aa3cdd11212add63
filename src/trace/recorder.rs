//! The recorder: the recording that is on, its tracks and its file.

use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::clock::Instant;
use crate::sync::environment;
use crate::sync::lock::Mutex;
use crate::sync::process::{self, PerProcess};
use crate::trace::file::{SEPARATOR, TraceFile};
use crate::trace::format::Format;
use crate::trace::names;
use crate::trace::report;
use crate::trace::span::{ON, now};
use crate::trace::track::Track;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The variable that has a whole process recorded.
const VARIABLE: &str = "PACELINE_TRACE";

/// One recording.
#[derive(Debug)]
pub(super) struct Recorder {
    /// Unique among the recordings of the process; not 0.
    pub(super) session: usize,
    path: PathBuf,
    incarnation: usize,
    begun: Instant,
    origin: usize,
    tracks: Mutex<Tracks>,
    output: Mutex<Output>,
}

#[derive(Debug, Default)]
struct Tracks {
    live: Vec<Arc<Track>>,
    made: usize,
}

#[derive(Debug)]
struct Output {
    session: usize,
    /// `None` when the recording has ended, or when writing has failed.
    file: Option<TraceFile>,
    format: Format,
    has_scale: bool,
    /// The failure, until a caller is told of it.
    failure: Option<io::Error>,
}

/// The recording of this process, if one is on.
#[derive(Debug, Default)]
struct CurrentRecorder(Mutex<Option<Arc<Recorder>>>);

static CURRENT: PerProcess<CurrentRecorder> = PerProcess::new();

/// Relaxed suffices: only uniqueness matters.
static SESSIONS: StaticAtomicUsize = StaticAtomicUsize::new(1);

/// The recording that is on.
pub(super) fn current() -> Option<Arc<Recorder>> {
    let current = CURRENT.get().0.lock();
    if current.is_none() {
        // A forked child has the number of its parent's recording.
        ON.store(0, Ordering::Relaxed);
    }
    current.clone()
}

impl Recorder {
    /// Creates the file, and has all threads record.
    pub(super) fn begin(path: &Path) -> io::Result<Arc<Self>> {
        let mut current = CURRENT.get().0.lock();
        if current.is_some() {
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another recording is on"));
        }
        let origin = now();
        let format = Format::new(origin);
        let file = TraceFile::create(path, &Format::process_name(&program_name()))?;
        let session = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let recorder = Arc::new(Recorder {
            session,
            path: path.to_owned(),
            incarnation: process::incarnation(),
            begun: Instant::now(),
            origin,
            tracks: Mutex::new(Tracks::default()),
            output: Mutex::new(Output { session, file: Some(file), format, has_scale: false, failure: None }),
        });
        *current = Some(Arc::clone(&recorder));
        ON.store(recorder.session, Ordering::Relaxed);
        Ok(recorder)
    }

    /// Has no thread record any more, and writes what all have recorded, and the report.
    pub(super) fn end(&self) -> io::Result<()> {
        let mut current = CURRENT.get().0.lock();
        if !current.as_ref().is_some_and(|current| std::ptr::eq(&**current, self)) {
            // It has ended, or this is a forked child.
            return Ok(());
        }
        ON.store(0, Ordering::Relaxed);
        *current = None;
        drop(current);
        let live = std::mem::take(&mut self.tracks.lock().live);
        live.iter().for_each(|track| self.write(track));
        let mut output = self.output.lock();
        match (output.failure.take(), output.file.take()) {
            (Some(failure), _) => Err(failure),
            (None, Some(file)) => file.finish().and_then(|()| report::write_beside(&self.path)),
            (None, None) => Ok(()),
        }
    }

    /// A new track, for the calling thread.
    pub(super) fn add_track(&self, name: String) -> Arc<Track> {
        let mut tracks = self.tracks.lock();
        tracks.made += 1;
        let track = Arc::new(Track::new(tracks.made, name));
        tracks.live.push(Arc::clone(&track));
        drop(tracks);
        let line = Format::thread_name(track.number, &track.name);
        let mut output = self.output.lock();
        output.append(|text, _| text.extend_from_slice(format!("{SEPARATOR}{line}").as_bytes()));
        output.flush();
        track
    }

    /// Writes the last events of a thread that ends.
    pub(super) fn remove_track(&self, track: &Arc<Track>) {
        if !process::is(self.incarnation) {
            return;
        }
        self.write(track);
        self.tracks.lock().live.retain(|live| !Arc::ptr_eq(live, track));
    }

    /// Moves the events of a track to the file. When there is no file any more, they are dropped.
    pub(super) fn write(&self, track: &Track) {
        if !process::is(self.incarnation) {
            return track.drain(|_| ());
        }
        let mut output = self.output.lock();
        output.prepare(|| self.begun.elapsed().as_nanos() as f64 / now().saturating_sub(self.origin).max(1) as f64);
        let of_track = Format::track(track.number);
        track.drain(|event| output.append(|text, format| format.event(text, &of_track, event)));
        output.flush();
    }
}

impl Output {
    /// The first write decides the scale of all times.
    fn prepare(&mut self, scale: impl FnOnce() -> f64) {
        if !std::mem::replace(&mut self.has_scale, true) {
            self.format.set_scale(scale());
        }
        self.format.set_names(names::all());
    }

    /// Appends what `write` appends to the vector, by the format, to the file, if there is one.
    #[inline]
    fn append(&mut self, write: impl FnOnce(&mut Vec<u8>, &mut Format)) {
        if let Some(file) = &mut self.file {
            let outcome = file.append(|text| write(text, &mut self.format));
            self.end_on_failure(outcome);
        }
    }

    fn flush(&mut self) {
        if let Some(file) = &mut self.file {
            let outcome = file.flush();
            self.end_on_failure(outcome);
        }
    }

    #[inline]
    fn end_on_failure(&mut self, outcome: io::Result<()>) {
        if let Err(error) = outcome {
            self.file = None;
            self.failure = Some(error);
            // Another recording may be on by now.
            _ = ON.compare_exchange(self.session, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

fn program_name() -> String {
    let path = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    path.file_name().map_or_else(|| "a program".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Begins the recording of the whole process, if the environment asks for one. To be called when a pool is made, and when
/// a name is given; only the first call counts.
#[inline]
pub(crate) fn start_by_environment() {
    if !cfg!(any(loom, sim)) && IS_READ.load(Ordering::Relaxed) == 0 {
        read_environment();
    }
}

/// Whether the variable has been read. Relaxed suffices: the exchange decides which thread reads it.
static IS_READ: StaticAtomicUsize = StaticAtomicUsize::new(0);

#[cold]
fn read_environment() {
    if IS_READ.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).is_err() {
        return;
    }
    let Some(path) = environment::variable(VARIABLE).filter(|path| !path.is_empty()) else { return };
    match Recorder::begin(Path::new(&path)) {
        Ok(_) => process::at_exit(end_at_exit),
        Err(error) => say(&format!("{VARIABLE} is {path:?}, and nothing is recorded: {error}")),
    }
}

extern "C" fn end_at_exit() {
    // A child that was forked off has none.
    let recorder = CURRENT.get().0.lock_unless_abandoned().and_then(|current| current.clone());
    if let Some(Err(error)) = recorder.map(|recorder| recorder.end()) {
        say(&format!("the file that {VARIABLE} names is not complete: {error}"));
    }
}

/// A line on stderr. A program may have closed that, and must not end for it.
fn say(message: &str) {
    _ = writeln!(io::stderr(), "paceline: {message}");
}
