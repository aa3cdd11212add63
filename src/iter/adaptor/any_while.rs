//! Layer 4: `TakeAnyWhile` and `SkipAnyWhile`, which take or leave items until a predicate fails anywhere.

use std::iter;

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;
use crate::iter::signal::Halt;

/// Takes items until a predicate fails; made by [`take_any_while`](ParallelIterator::take_any_while).
///
/// ```
/// use paceline::iter::TakeAnyWhile;
/// use paceline::prelude::*;
///
/// let small: TakeAnyWhile<_, _> = (0..100_u32).into_par_iter().take_any_while(|&n| n < 50);
/// assert!(small.all(|n| n < 50));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct TakeAnyWhile<I, P> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) predicate: P,
}

debug_base! { TakeAnyWhile { base } <I, P> }

staged! {
    impl[I, P] TakeAnyWhile<I, P> { base, predicate }
    where [I: ParallelIterator, P: Fn(&I::Item) -> bool + Sync + Send]
    item: I::Item,
    length: at_most,
    seed: Same(TakingWhile(&predicate, &Halt::new())),
}

#[derive(Clone)]
struct TakingWhile<'h, P>(P, &'h Halt);

impl<T, P: Fn(&T) -> bool> Stage<T> for TakingWhile<'_, P> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, mut iter: I) -> impl Iterator<Item = T> {
        iter::from_fn(move || {
            if self.1.is_halted() {
                return None;
            }
            let item = iter.next()?;
            if (self.0)(&item) {
                return Some(item);
            }
            self.1.halt();
            None
        })
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.1.is_halted()
    }
}

/// Leaves items out until a predicate fails; made by [`skip_any_while`](ParallelIterator::skip_any_while).
///
/// ```
/// use paceline::iter::SkipAnyWhile;
/// use paceline::prelude::*;
///
/// let rest: SkipAnyWhile<_, _> = (0..100_u32).into_par_iter().skip_any_while(|&n| n < 50);
/// assert_eq!(rest.filter(|&n| n >= 50).count(), 50);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct SkipAnyWhile<I, P> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) predicate: P,
}

debug_base! { SkipAnyWhile { base } <I, P> }

staged! {
    impl[I, P] SkipAnyWhile<I, P> { base, predicate }
    where [I: ParallelIterator, P: Fn(&I::Item) -> bool + Sync + Send]
    item: I::Item,
    length: at_most,
    seed: Same(SkippingWhile(&predicate, &Halt::new())),
}

/// `Halt` here ends the skipping, when the predicate has failed.
#[derive(Clone)]
struct SkippingWhile<'h, P>(P, &'h Halt);

impl<T, P: Fn(&T) -> bool> Stage<T> for SkippingWhile<'_, P> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, iter: I) -> impl Iterator<Item = T> {
        iter.filter(|item| {
            if self.1.is_halted() {
                return true;
            }
            let skipped = (self.0)(item);
            if !skipped {
                self.1.halt();
            }
            !skipped
        })
    }
}
