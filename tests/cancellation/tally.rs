//! Objects that are counted as they are made and as they drop.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Makes [`Counted`] objects and knows how often each of them was dropped.
#[derive(Debug)]
pub(crate) struct Tally {
    made: AtomicUsize,
    drops: Box<[AtomicUsize]>,
}

/// An object whose drops its [`Tally`] counts.
#[derive(Debug)]
pub(crate) struct Counted<'t> {
    tally: &'t Tally,
    pub(crate) number: usize,
}

impl Tally {
    /// For at most so many objects.
    pub(crate) fn new(most: usize) -> Self {
        Tally { made: AtomicUsize::new(0), drops: (0..most).map(|_| AtomicUsize::new(0)).collect() }
    }

    /// Makes the next object.
    pub(crate) fn make(&self) -> Counted<'_> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        assert!(number < self.drops.len(), "more than {} were made", self.drops.len());
        Counted { tally: self, number }
    }

    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.drops.iter().map(|drops| drops.load(Ordering::Relaxed)).sum()
    }

    /// Checks that all that were made have been dropped, each once.
    #[track_caller]
    pub(crate) fn assert_settled(&self) {
        let drops: Vec<_> = self.drops[..self.made()].iter().map(|drops| drops.load(Ordering::Relaxed)).collect();
        assert_eq!(drops, vec![1; self.made()], "drops of each");
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.tally.drops[self.number].fetch_add(1, Ordering::Relaxed);
    }
}
