//! Values that are counted while they live, and barriers that tests open.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};

/// Counts the tokens that were made of it and are alive.
#[derive(Clone, Default)]
pub(crate) struct Gauge(Arc<AtomicUsize>);

/// One of the values that a [`Gauge`] counts.
pub(crate) struct Token(Gauge);

impl Gauge {
    pub(crate) fn token(&self) -> Token {
        self.0.fetch_add(1, Ordering::SeqCst);
        Token(self.clone())
    }

    pub(crate) fn alive(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Where workers stop until the test lets them go on.
#[derive(Clone)]
pub(crate) struct Stop {
    arrived: Sender<()>,
    passes: Receiver<()>,
}

/// The test's side of a [`Stop`].
pub(crate) struct Warden {
    arrivals: Receiver<()>,
    pass: Sender<()>,
}

pub(crate) fn stop() -> (Stop, Warden) {
    let (arrived, arrivals) = unbounded();
    let (pass, passes) = unbounded();
    (Stop { arrived, passes }, Warden { arrivals, pass })
}

impl Stop {
    /// Tells the warden, and waits for a pass, or for the warden to be gone.
    pub(crate) fn wait(&self) {
        let _ = self.arrived.send(());
        let _ = self.passes.recv();
    }
}

impl Warden {
    /// Waits until so many have come to the stop.
    pub(crate) fn await_arrivals(&self, count: usize) {
        for _ in 0..count {
            self.arrivals.recv().expect("somebody may still come");
        }
    }

    /// Lets so many go on, those who wait and those who come.
    pub(crate) fn let_pass(&self, count: usize) {
        for _ in 0..count {
            // When all workers have ended, nobody needs it.
            let _ = self.pass.send(());
        }
    }

    /// Whether somebody has come who was not awaited.
    pub(crate) fn has_arrivals(&self) -> bool {
        !self.arrivals.is_empty()
    }
}
