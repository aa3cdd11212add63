//! Layer 4: `TakeAny` and `SkipAny`, which take or leave a number of items from anywhere.

use std::iter;

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;
use crate::iter::signal::Tickets;

/// Takes a number of items from anywhere; made by [`take_any`](ParallelIterator::take_any).
///
/// ```
/// use paceline::iter::TakeAny;
/// use paceline::prelude::*;
///
/// let few: TakeAny<_> = (0..100_u32).into_par_iter().take_any(7);
/// assert_eq!(few.count(), 7);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct TakeAny<I> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) count: usize,
}

staged! {
    impl[I] TakeAny<I> { base, count }
    where [I: ParallelIterator]
    item: I::Item,
    length: at_most,
    seed: Same(Taking(&Tickets::new(count))),
}

#[derive(Clone)]
struct Taking<'t>(&'t Tickets);

impl<T> Stage<T> for Taking<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, mut iter: I) -> impl Iterator<Item = T> {
        iter::from_fn(move || {
            if self.0.are_gone() {
                return None;
            }
            // The ticket is drawn after the item has come: one drawn before could be wasted.
            let item = iter.next()?;
            self.0.draw().then_some(item)
        })
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.are_gone()
    }
}

/// Leaves out a number of items from anywhere; made by [`skip_any`](ParallelIterator::skip_any).
///
/// ```
/// use paceline::iter::SkipAny;
/// use paceline::prelude::*;
///
/// let most: SkipAny<_> = (0..100_u32).into_par_iter().skip_any(7);
/// assert_eq!(most.count(), 93);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct SkipAny<I> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) count: usize,
}

staged! {
    impl[I] SkipAny<I> { base, count }
    where [I: ParallelIterator]
    item: I::Item,
    length: at_most,
    seed: Same(Skipping(&Tickets::new(count))),
}

#[derive(Clone)]
struct Skipping<'t>(&'t Tickets);

impl<T> Stage<T> for Skipping<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.filter(|_| !self.0.draw())
    }
}
