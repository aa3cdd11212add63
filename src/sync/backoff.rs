//! Looking again and again for a little while: crossbeam's backoff, or the simulated machine's.

#[cfg(not(sim))]
pub(crate) use crossbeam_utils::Backoff;

#[cfg(sim)]
pub(crate) use self::simulated::Backoff;

#[cfg(sim)]
mod simulated {
    use crate::sync::atomic::spin_loop;
    use crate::sync::thread::yield_now;
    use std::cell::Cell;

    /// With the steps of crossbeam's.
    #[derive(Debug)]
    pub(crate) struct Backoff(Cell<u32>);

    const SPINNING: u32 = 6;
    const YIELDING: u32 = 10;

    impl Backoff {
        pub(crate) fn new() -> Self {
            Backoff(Cell::new(0))
        }

        #[track_caller]
        pub(crate) fn snooze(&self) {
            let step = self.0.get();
            if step <= SPINNING {
                (0..1 << step).for_each(|_| spin_loop());
            } else {
                yield_now();
            }
            self.0.set((step + 1).min(YIELDING + 1));
        }

        pub(crate) fn is_completed(&self) -> bool {
            self.0.get() > YIELDING
        }
    }
}
