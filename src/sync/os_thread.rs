//! A thread as the system knows it: how much processor time it has used. Only Linux tells this of another thread.

use std::path::PathBuf;
use std::time::Duration;

/// A thread of this process.
#[derive(Debug, Clone)]
pub(crate) struct OsThread {
    /// Where the system keeps the numbers of the thread.
    directory: PathBuf,
}

/// Linux counts processor time for `/proc` in hundredths of a second, whatever the rate of its own clock is.
const TICKS_PER_SECOND: u32 = 100;

impl OsThread {
    /// The calling thread; `None` where the system has no such numbers.
    pub(crate) fn current() -> Option<Self> {
        if !cfg!(target_os = "linux") || cfg!(any(loom, sim, miri)) {
            return None;
        }
        let link = std::fs::read_link("/proc/thread-self").ok()?;
        Some(OsThread { directory: PathBuf::from("/proc").join(link) })
    }

    /// The processor time that the thread has used, to a hundredth of a second; `None` if it has ended.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        let numbers = std::fs::read_to_string(self.directory.join("stat")).ok()?;
        Some(Duration::from_secs(1) * ticks(&numbers)? / TICKS_PER_SECOND)
    }
}

/// The ticks in the program and in the system, from the line of numbers. The thread's name, in brackets, may contain brackets
/// and spaces, and comes before them.
fn ticks(numbers: &str) -> Option<u32> {
    let (_, behind_name) = numbers.rsplit_once(") ")?;
    let mut from_program = behind_name.split_ascii_whitespace().skip(11);
    let mut next = || from_program.next()?.parse::<u32>().ok();
    next()?.checked_add(next()?)
}

#[cfg(all(test, not(any(loom, sim, miri))))]
mod tests {
    use super::{OsThread, ticks};

    #[test]
    fn a_line_of_numbers_has_the_ticks_behind_the_name() {
        assert_eq!(ticks("17 (a) b) S 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20"), Some(42));
        assert_eq!(ticks("17 (short) S 1 2"), None);
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn linux_tells_the_time_of_a_thread_until_it_ends() {
        let ended = std::thread::spawn(|| {
            let thread = OsThread::current();
            assert_eq!(thread.is_some(), cfg!(target_os = "linux"));
            assert!(thread.as_ref().is_none_or(|thread| thread.processor_time().is_some()));
            thread
        });
        drop(ended.join().unwrap());
    }
}
