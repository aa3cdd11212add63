//! Layer 4: `WithCancel`, which ends when a token is cancelled.

use std::iter;

use super::stage::{Same, Stage};
use crate::iter::ParallelIterator;
use crate::task::cancel::{CancelFlag, CancelToken};

/// Ends when a token is cancelled; made by [`with_cancel`](crate::extra::ParallelIteratorExt::with_cancel).
///
/// It has no length and no positions, even if its base has them: the number of items that will come is unknown.
///
/// ```
/// use paceline::CancelToken;
/// use paceline::extra::prelude::*;
/// use paceline::iter::WithCancel;
/// use paceline::prelude::*;
///
/// let token = CancelToken::new();
/// let numbers: WithCancel<_> = (0..10_u32).into_par_iter().with_cancel(&token);
/// assert_eq!(numbers.clone().sum::<u32>(), 45);
/// token.cancel();
/// assert_eq!(numbers.sum::<u32>(), 0);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct WithCancel<I> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) token: CancelToken,
}

staged! {
    impl[I] WithCancel<I> { base, token }
    where [I: ParallelIterator]
    item: I::Item,
    length: at_most,
    seed: Same(UntilCancelled(token.flag())),
}

#[derive(Clone)]
struct UntilCancelled<'t>(CancelFlag<'t>);

impl<T> Stage<T> for UntilCancelled<'_> {
    type Item = T;

    #[inline]
    fn over<I: Iterator<Item = T>>(&mut self, mut iter: I) -> impl Iterator<Item = T> {
        let token = self.0;
        // The token is checked before an item is made, because making an item may be work.
        iter::from_fn(move || if token.is_cancelled() { None } else { iter.next() })
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.is_cancelled()
    }
}
