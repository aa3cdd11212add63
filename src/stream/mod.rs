//! Maps the items of any iterator in parallel, at most a window of them at a time, and gives the results as a plain
//! iterator: streams.
//!
//! [`ParallelMap`] does so for every sequential iterator; [`extra::prelude`](crate::extra::prelude) brings it in. The memory that
//! it takes depends on the window, not on the number of items: it can go through the lines of a file that does not fit
//! into memory, or through requests that come in as long as the program runs.
//!
//! ```
//! use paceline::extra::prelude::*;
//! use paceline::prelude::*;
//!
//! let text = "one\ntwo\nthree".to_owned().into_bytes();
//! let lines = std::io::BufRead::lines(std::io::Cursor::new(text));
//! let lengths = lines.par_map_ordered(64, |line| line.map_or(0, |line| line.len()));
//! assert_eq!(lengths.collect::<Vec<_>>(), [3, 3, 5]);
//! ```
//!
//! Lines of a file need not be taken one by one: [`ParallelLines`] reads blocks of them. Inputs and closures that borrow
//! are for [`par_map_ordered_in`](ParallelMap::par_map_ordered_in), which works in a scope.
//!
//! [`IntoSeqIterator`] is for parallel iterators: their items come out one after the other while further ones are made.
//!
//! [`workers`] has pools of threads, each with a state of its own, which a bounded queue feeds.
//!
//! With the feature `stream`, `ParallelMapStream` does the same for async streams.

mod capacity;
mod executor;
mod item_cost;
mod line_blocks;
mod map;
mod nesting;
mod ordered_sink;
mod output;
mod par_lines;
mod pipeline;
#[cfg(feature = "stream")]
mod polled;
mod readahead;
mod reorder_buffer;
mod scoped_map;
mod segments;
mod seq_iter;
mod weighed;
mod window;
mod with_progress;
pub mod workers;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

pub use self::line_blocks::LineBlocks;
pub use self::map::ParallelMap;
pub use self::output::{ParMapOrdered, ParMapUnordered, ReadAhead};
pub use self::par_lines::{ParLinesOrdered, ParallelLines};
#[cfg(feature = "stream")]
pub use self::polled::{ParMapOrderedStream, ParMapUnorderedStream, ParallelMapStream};
pub use self::scoped_map::ScopedParMap;
pub use self::seq_iter::{IntoSeqIterator, SeqIter};
pub use self::with_progress::ProgressIter;
