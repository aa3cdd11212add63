//! Layer 4: `WhileSome`, which ends at the first `None` that any leaf finds.

use std::iter;

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;
use crate::iter::signal::Halt;

/// Unwraps items until one is `None`; made by [`while_some`](ParallelIterator::while_some).
///
/// ```
/// use paceline::iter::WhileSome;
/// use paceline::prelude::*;
///
/// let digits: WhileSome<_> = "1969".par_chars().map(|char| char.to_digit(10)).while_some();
/// assert_eq!(digits.sum::<u32>(), 25);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct WhileSome<I> {
    pub(in crate::iter) base: I,
}

staged! {
    impl[I, T] WhileSome<I> { base }
    where [I: ParallelIterator<Item = Option<T>>, T: Send]
    item: T,
    length: at_most,
    seed: Same(UntilNone(&Halt::new())),
}

#[derive(Clone)]
struct UntilNone<'h>(&'h Halt);

impl<T> Stage<Option<T>> for UntilNone<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = Option<T>>>(&mut self, mut iter: I) -> impl Iterator<Item = T> {
        iter::from_fn(move || {
            if self.0.is_halted() {
                return None;
            }
            let item = iter.next()?;
            if item.is_none() {
                self.0.halt();
            }
            item
        })
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.is_halted()
    }
}
