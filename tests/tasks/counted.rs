//! Values whose drops are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many of its values have been made and dropped.
#[derive(Clone, Default)]
pub(crate) struct Count(Arc<Both>);

#[derive(Default)]
struct Both {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

/// One that is counted.
pub(crate) struct Counted(Count);

impl Count {
    pub(crate) fn one(&self) -> Counted {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0.dropped.load(Ordering::SeqCst)
    }

    /// All that were made have been dropped, each once.
    #[track_caller]
    pub(crate) fn assert_balanced(&self) {
        assert_eq!(self.dropped(), self.0.made.load(Ordering::SeqCst));
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// Panics when it is dropped, and with a payload that does the same.
pub(crate) struct Thorn(pub(crate) u32);

impl Drop for Thorn {
    fn drop(&mut self) {
        if self.0 > 0 {
            std::panic::panic_any(Thorn(self.0 - 1));
        }
    }
}
