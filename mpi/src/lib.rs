//! Parallel iterators over the ranks of an MPI program: ranks outside, `paceline`'s pool inside.
//!
//! ```no_run
//! use paceline_mpi::AcrossRanks;
//! use paceline::prelude::*;
//!
//! # fn main() -> Result<(), paceline_mpi::InitError> {
//! let world = paceline_mpi::init()?;
//! let sum: f64 = world.block(0..1_000_000).into_par_iter().map(|n| (n as f64).sqrt()).sum_all(&world);
//! if world.rank() == 0 {
//!     println!("{sum} on {} ranks", world.size());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every rank runs the whole program. [`World::block`] gives each its part of the items, as an ordinary indexed parallel
//! iterator: the rank's pool works on it, with all adaptors. The methods of [`AcrossRanks`] end the iterator and bring the
//! ranks' results together.
//!
//! # What each rank does in each call
//!
//! | call | a rank's part of it | returns when |
//! |---|---|---|
//! | [`init`] | initialises MPI, divides the processors of the node, builds its pool | all ranks have called it |
//! | [`block`](World::block) | computes the bounds of its block | at once; in debug builds when all have called it |
//! | [`scatter`](World::scatter) | the root sends each rank its block | the rank has its block; the root: they are sent |
//! | [`dynamic`](World::dynamic), when it is run | draws numbers from a counter at rank 0, and works on them, until none is left | all ranks are at the end |
//! | [`combine_all`](World::combine_all) | exchanges its value with about log2(ranks) others | it has the result |
//! | [`reduce_all`](AcrossRanks::reduce_all), [`sum_all`](AcrossRanks::sum_all) | reduces its items by its pool, then `combine_all` | it has the result |
//! | … after [`deterministic_in`](AcrossRanks::deterministic_in) | reduces whole subtrees by its pool, folds the ends of leaves with its neighbours, exchanges the subtrees | it has the result |
//! | [`collect_at`](AcrossRanks::collect_at) | collects its items by its pool; the root receives those of each rank in order | the root: all items are there; others: theirs are sent |
//! | [`gather_ordered`](AcrossRanks::gather_ordered) | its pool works a window ahead; the thread sends when the root wants items | the root: at once, with a stream; others: the root has their items |
//! | [`barrier`](World::barrier) | nothing | all ranks have called it |
//! | drop of the [`World`] | ends MPI | all ranks have dropped theirs |
//!
//! # Threads
//!
//! The thread that calls [`init`] makes all collective calls: MPI is initialised as *funneled*. A call from another thread
//! panics with a message. The pool's threads run closures only, which may ask for [`World::rank`] and [`World::size`].
//!
//! # Faults
//!
//! A panic that drops the [`World`] prints the rank, the message and, if it comes from an item of a [`Block`] or of
//! [`World::dynamic`], the item's index; then it ends all ranks (`MPI_Abort`) with exit code 101. It comes to the world when
//! the rank's other threads have ended the items that they were at. With `panic = "abort"` the launcher ends the ranks, without
//! the index.
//!
//! Ranks that make different calls wait for each other for ever. In debug builds they notice: before each collective call they
//! exchange a header with the operation, the number of items, their size and the root, and panic with a message that names the
//! two calls. A rank that ends early is noticed at its end. Release builds exchange nothing.
//!
//! # What travels
//!
//! Items that go to other ranks implement [`Transfer`]: numbers, `bool`, `char`, strings, options, arrays, vectors, maps,
//! tuples, and your own types, by two methods. It is a trait of this crate because MPI's own description of data
//! (`mpi::Equivalence`) has none for a type with a pointer in it, such as the map of a word count. Items that stay on their
//! rank need nothing.

mod across_ranks;
mod agreement;
mod batches;
mod block;
mod counter;
mod deterministic;
mod dynamic;
mod fault;
mod gathered;
mod link;
mod threads;
mod transfer;
mod world;

pub use across_ranks::AcrossRanks;
pub use block::Block;
pub use deterministic::DeterministicIn;
pub use dynamic::Dynamic;
pub use gathered::Gathered;
pub use transfer::Transfer;
pub use world::{InitError, World, init};
