//! Wall time and the processor time of the whole process, read together.

use std::time::{Duration, Instant};

/// The processor time that all threads of this process have used, or `None` where the system does not tell.
///
/// Where other threads run at the moment, what they have used since the system last looked at them may be missing: up to
/// some milliseconds for each. [`ThreadClocks`] have it all.
#[cfg(unix)]
pub(crate) fn processor_time() -> Option<Duration> {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[cfg(unix)]
fn read(clock: libc::clockid_t) -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a live, exclusively borrowed `timespec`, and the call writes nothing else.
    let status = unsafe { libc::clock_gettime(clock, &mut time) };
    if status != 0 {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u32::try_from(time.tv_nsec).ok()?;
    Some(Duration::new(seconds, nanoseconds))
}

/// The processor time that all threads of this process have used, or `None` where the system does not tell.
#[cfg(not(unix))]
pub(crate) fn processor_time() -> Option<Duration> {
    None
}

/// The processor clocks of all threads that a process had at some moment.
#[cfg(target_os = "linux")]
pub(crate) struct ThreadClocks(Vec<libc::clockid_t>);

#[cfg(target_os = "linux")]
impl ThreadClocks {
    /// Those of the threads that there are now; `None` where the system does not tell.
    pub(crate) fn of_all_threads() -> Option<Self> {
        let threads = std::fs::read_dir("/proc/self/task").ok()?;
        let clock = |thread: std::fs::DirEntry| {
            let id: libc::pid_t = thread.file_name().to_str()?.parse().ok()?;
            // How Linux numbers them, for whoever knows a thread's number and has no handle: 4 for a thread's, 2 for exact.
            Some(!id << 3 | 4 | 2)
        };
        threads.flatten().map(clock).collect::<Option<_>>().map(Self)
    }

    /// The processor time that those threads have used, which are all alive.
    pub(crate) fn read(&self) -> Option<Duration> {
        self.0.iter().map(|&clock| read(clock)).sum()
    }
}

/// The process's clock, where the threads' are not known.
#[cfg(not(target_os = "linux"))]
pub(crate) struct ThreadClocks;

#[cfg(not(target_os = "linux"))]
impl ThreadClocks {
    /// Those of the threads that there are now; `None` where the system does not tell.
    pub(crate) fn of_all_threads() -> Option<Self> {
        processor_time().map(|_| Self)
    }

    /// The processor time that those threads have used, which are all alive.
    pub(crate) fn read(&self) -> Option<Duration> {
        processor_time()
    }
}

/// Both clocks, started at once.
pub(crate) struct Stopwatch {
    wall: Instant,
    processor: Option<Duration>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { processor: processor_time(), wall: Instant::now() }
    }

    /// Starts anew: what came before was preparation.
    pub(crate) fn restart(&mut self) {
        *self = Self::start();
    }

    /// Wall time and processor time since the start.
    pub(crate) fn read(&self) -> (Duration, Option<Duration>) {
        let wall = self.wall.elapsed();
        let processor = processor_time().zip(self.processor).map(|(now, then)| now.saturating_sub(then));
        (wall, processor)
    }
}
