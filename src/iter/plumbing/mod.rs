//! The traits below parallel iterators, for crates that implement their own.
//!
//! Items flow from a producer to a consumer, and both can be split in two at the same position.
//!
//! - A [`Producer`] is a part of a source of known length: it splits at any index, and becomes a sequential iterator
//!   when it is not split further. An [`UnindexedProducer`] chooses where it splits.
//! - A [`Consumer`] is the receiving side of the same part. It becomes a [`Folder`], which takes the items in order and
//!   ends with a result, and makes a [`Reducer`] for the results of two neighbouring parts.
//! - [`bridge()`], [`bridge_producer_consumer`] and [`bridge_unindexed`] run a producer against a consumer: they decide
//!   how far to split, and fork.
//!
//! A type of yours becomes a parallel iterator by implementing
//! [`drive_unindexed`](super::ParallelIterator::drive_unindexed) with one of the bridges:
//!
//! ```
//! use paceline::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
//! use paceline::prelude::*;
//!
//! /// The leaves of a complete binary tree of the given height, as their paths from the root.
//! struct Leaves {
//!     path: u64,
//!     height: u32,
//! }
//!
//! impl UnindexedProducer for Leaves {
//!     type Item = u64;
//!
//!     fn split(self) -> (Self, Option<Self>) {
//!         let Some(height) = self.height.checked_sub(1) else {
//!             return (self, None);
//!         };
//!         let left = Leaves { path: self.path * 2, height };
//!         let right = Leaves { path: self.path * 2 + 1, height };
//!         (left, Some(right))
//!     }
//!
//!     fn fold_with<F: Folder<u64>>(self, folder: F) -> F {
//!         let first = self.path << self.height;
//!         folder.consume_iter(first..first + (1 << self.height))
//!     }
//! }
//!
//! impl ParallelIterator for Leaves {
//!     type Item = u64;
//!
//!     fn drive_unindexed<C: UnindexedConsumer<u64>>(self, consumer: C) -> C::Result {
//!         bridge_unindexed(self, consumer)
//!     }
//! }
//!
//! let paths: Vec<u64> = Leaves { path: 0, height: 3 }.collect();
//! assert_eq!(paths, [0, 1, 2, 3, 4, 5, 6, 7]);
//! ```

mod bridge;
mod consumer;
mod producer;

pub use self::bridge::{bridge, bridge_producer_consumer, bridge_unindexed};
pub use self::consumer::{Consumer, Folder, Reducer, UnindexedConsumer};
pub use self::producer::{Producer, ProducerCallback, UnindexedProducer};
