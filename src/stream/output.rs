//! Layer 5: the iterators that streams give to their consumers.

use crate::job::context::CarriedContext;
use crate::stream::pipeline::Tap;
use crate::stream::reorder_buffer::{ItemOutcome, hand_out};
use std::fmt;
use std::iter::FusedIterator;

/// The consumer's side of a stream, in order or not.
pub(super) struct StreamHandle<R> {
    /// `None` once the stream is over.
    tap: Option<Box<dyn Tap<R>>>,
    /// The bounds that the input gave for its length, less the items that were handed out.
    hint: (usize, Option<usize>),
    /// That of the thread that made the stream.
    context: Option<CarriedContext>,
}

impl<R> StreamHandle<R> {
    pub(super) fn new(hint: (usize, Option<usize>), tap: impl Tap<R> + 'static) -> Self {
        StreamHandle { tap: Some(Box::new(tap)), hint, context: CarriedContext::capture() }
    }

    fn next(&mut self) -> Option<R> {
        let tap = self.tap.as_ref()?;
        // The jobs that are spawned here, and by those jobs, run in this context.
        let entered = self.context.as_ref().map(CarriedContext::enter);
        let outcome: Option<ItemOutcome<R>> = tap.next();
        drop(entered);
        match outcome {
            Some(outcome) => {
                let (least, most) = self.hint;
                self.hint = (least.saturating_sub(1), most.map(|most| most.saturating_sub(1)));
                Some(hand_out(outcome))
            }
            None => {
                self.tap = None;
                None
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.tap.is_some() { self.hint } else { (0, Some(0)) }
    }

    fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("size_hint", &self.size_hint())
            .field("is_over", &self.tap.is_none())
            .finish_non_exhaustive()
    }
}

impl<R> Drop for StreamHandle<R> {
    fn drop(&mut self) {
        if let Some(tap) = &self.tap {
            tap.close();
        }
    }
}

/// An iterator over results in the order of the items: what [`par_map_ordered`](crate::ParallelMap::par_map_ordered) makes.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
/// use paceline::stream::ParMapOrdered;
///
/// let mut squares: ParMapOrdered<u32> = (1..=3).par_map_ordered(2, |n| n * n);
/// assert_eq!(squares.next(), Some(1));
/// assert_eq!(squares.collect::<Vec<_>>(), [4, 9]);
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ParMapOrdered<R>(StreamHandle<R>);

/// An iterator over results as they are done: what [`par_map_unordered`](crate::ParallelMap::par_map_unordered) makes.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
/// use paceline::stream::ParMapUnordered;
///
/// let squares: ParMapUnordered<u32> = (1..=3).par_map_unordered(2, |n| n * n);
/// assert_eq!(squares.sum::<u32>(), 14);
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ParMapUnordered<R>(StreamHandle<R>);

/// An iterator over the items of another one, which are pulled ahead: what [`readahead`](crate::ParallelMap::readahead) makes.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::stream::ReadAhead;
///
/// let numbers: ReadAhead<u32> = (1..=3).readahead(2);
/// assert_eq!(numbers.sum::<u32>(), 6);
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ReadAhead<T>(StreamHandle<T>);

macro_rules! handle {
    ($name:ident) => {
        impl<R> $name<R> {
            pub(super) fn new(handle: StreamHandle<R>) -> Self {
                $name(handle)
            }
        }

        impl<R> Iterator for $name<R> {
            type Item = R;

            fn next(&mut self) -> Option<R> {
                self.0.next()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<R> FusedIterator for $name<R> {}

        impl<R> fmt::Debug for $name<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(stringify!($name), f)
            }
        }
    };
}

handle!(ParMapOrdered);
handle!(ParMapUnordered);
handle!(ReadAhead);
