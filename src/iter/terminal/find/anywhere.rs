//! Layer 4: the search for any item that matches; all leaves end when one of them finds one.

use super::super::reduction::Reduction;
use super::STRIDE;
use crate::iter::signal::Halt;

/// Finds an item for which a predicate is true.
pub(in crate::iter) struct FindAny<P> {
    predicate: P,
    found: Halt,
}

impl<P> FindAny<P> {
    pub(in crate::iter) fn new(predicate: P) -> Self {
        let found = Halt::new();
        Self { predicate, found }
    }
}

impl<T: Send, P: Fn(&T) -> bool + Sync> Reduction<T> for FindAny<P> {
    type Output = Option<T>;

    #[inline]
    fn identity(&self) -> Option<T> {
        None
    }

    #[inline]
    fn fold<I: Iterator<Item = T>>(&self, so_far: Option<T>, mut iter: I) -> Option<T> {
        if so_far.is_some() {
            return so_far;
        }
        while !self.found.is_halted() {
            for _ in 0..STRIDE {
                let item = iter.next()?;
                if (self.predicate)(&item) {
                    self.found.halt();
                    return Some(item);
                }
            }
        }
        None
    }

    #[inline]
    fn combine(&self, left: Option<T>, right: Option<T>) -> Option<T> {
        left.or(right)
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.found.is_halted()
    }
}
