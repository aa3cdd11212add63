//! Wall time and the processor time of the whole process, read together.

use std::time::{Duration, Instant};

/// The processor time that all threads of this process have used, or `None` where the system does not tell.
#[cfg(unix)]
pub(crate) fn processor_time() -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a live, exclusively borrowed `timespec`, and the call writes nothing else.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
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
