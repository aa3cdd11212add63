//! `World`: all ranks of the program, from `init` to the end.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::rc::Rc;
use std::sync::MutexGuard;
use std::{env, thread};

use mpi::collective::{CommunicatorCollectives, Root};
use mpi::environment::Universe;
use mpi::topology::Communicator;
use mpi::{Threading, initialize_with_threading};
use paceline::iter::{IndexedParallelIterator, IntoParallelIterator};
use paceline::vec;

use crate::agreement::{self, Call, Operation};
use crate::batches;
use crate::block::Block;
use crate::dynamic::Dynamic;
use crate::link::{Link, PIECE};
use crate::transfer::Transfer;
use crate::{fault, threads};

/// The variable that sets the largest message.
const MAX_MESSAGE: &str = "PACELINE_MPI_MAX_MESSAGE";

/// All ranks of the program; made by [`init`]. Its drop ends MPI, and waits for the other ranks.
///
/// Closures of parallel iterators may use [`rank`](Self::rank) and [`size`](Self::size) on any thread. All other methods, and
/// those of [`AcrossRanks`](crate::AcrossRanks), belong to the thread that called `init`, and panic on another. The world
/// cannot be moved to another thread:
///
/// ```compile_fail,E0277
/// fn main() -> Result<(), paceline_mpi::InitError> {
///     let world = paceline_mpi::init()?;
///     std::thread::spawn(move || drop(world));
///     Ok(())
/// }
/// ```
///
/// If a panic of this thread drops the world, all ranks end.
pub struct World {
    rank: usize,
    size: usize,
    sharing: usize,
    /// It is `Sync`, but not `Send`: it ends MPI on the thread that has begun it.
    _stays: PhantomData<MutexGuard<'static, ()>>,
}

/// What only the thread that called `init` may use.
pub(crate) struct Mpi {
    pub(crate) link: Link,
    /// True if some ranks run on other nodes than this one.
    pub(crate) has_other_nodes: bool,
    /// True while the root reads a stream of `gather_ordered`, to which the other ranks send.
    pub(crate) is_gathering: Cell<bool>,
    /// Dropped last: it ends MPI.
    universe: Universe,
}

thread_local! {
    /// `Some` on the thread that called `init`, until the end of the `World`.
    static MPI: RefCell<Option<Rc<Mpi>>> = const { RefCell::new(None) };
}

/// Why [`init`] has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InitError {
    /// The process has initialised MPI before; it can do so once.
    AlreadyInitialised,
    /// The MPI library cannot be used by a program with threads (`MPI_THREAD_FUNNELED`).
    NoThreads,
    /// The variable `PACELINE_MPI_MAX_MESSAGE` holds no number from 1 to 2^30.
    MaxMessage(String),
}

impl fmt::Display for InitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InitError::AlreadyInitialised => f.write_str("this process has initialised MPI before, and can do so once"),
            InitError::NoThreads => f.write_str("this MPI library does not allow threads (MPI_THREAD_FUNNELED)"),
            InitError::MaxMessage(value) => write!(f, "{MAX_MESSAGE} is `{value}`, not a number from 1 to {PIECE}"),
        }
    }
}

impl Error for InitError {}

/// Initialises MPI, and makes this rank's pool. Every rank calls it once, first of all.
///
/// The calling thread is the only one that may make collective calls (`MPI_THREAD_FUNNELED`); the pool's threads call only
/// closures. The global pool gets a thread for each processor that the launcher has bound the rank to. Ranks that were bound to
/// the same processors, or to none, divide them. The variable `PACELINE_NUM_THREADS` or `RAYON_NUM_THREADS` wins, and so does a
/// global pool that the program has built before. `paceline::metrics()` has the number, and the rule that it comes from.
///
/// From here on a panic hook notes panics, in addition to the hook that was set. Blocks until all ranks have called it.
///
/// # Errors
///
/// Fails if the process has initialised MPI before, if the MPI library does not allow threads, and if the variable
/// `PACELINE_MPI_MAX_MESSAGE`, the largest message in bytes, is set to no number from 1 to 2^30, its default. It must be the
/// same on all ranks.
pub fn init() -> Result<World, InitError> {
    let piece = max_message()?;
    let (universe, level) = initialize_with_threading(Threading::Funneled).ok_or(InitError::AlreadyInitialised)?;
    if level < Threading::Funneled {
        return Err(InitError::NoThreads);
    }
    fault::note_panics();
    let communicator = universe.world();
    let node = threads::divide_processors(&communicator);
    let link = Link::new(communicator.duplicate(), piece);
    let (rank, size) = (link.rank(), link.size());
    let mpi = Mpi { link, has_other_nodes: node.ranks < size, is_gathering: Cell::new(false), universe };
    let world = World { rank, size, sharing: node.sharing, _stays: PhantomData };
    MPI.set(Some(Rc::new(mpi)));
    Ok(world)
}

fn max_message() -> Result<usize, InitError> {
    let Some(value) = env::var_os(MAX_MESSAGE) else { return Ok(PIECE) };
    let value = value.to_string_lossy();
    let bytes = value.parse().ok().filter(|bytes| (1..=PIECE).contains(bytes));
    bytes.ok_or_else(|| InitError::MaxMessage(value.into_owned()))
}

impl World {
    /// The number of this rank, from 0 on.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The number of ranks.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number of ranks on this node that may run on the same processors as this one, itself included: 1 if the launcher has
    /// bound each to its own. The default number of threads is that of the processors divided by it.
    pub fn ranks_on_processors(&self) -> usize {
        self.sharing
    }

    /// This rank's block of items that all ranks have: a range, a slice, a vector, or any other source with a length.
    ///
    /// The blocks lie in the order of the ranks, and their lengths differ by at most one; with fewer items than ranks some are
    /// empty. The block is an indexed parallel iterator, so that all adaptors work on it, and all methods that end one:
    /// `world.block(&files).for_each(index_file)` works on this rank's files and does not wait for other ranks.
    ///
    /// Every rank calls it with the same number of items.
    ///
    /// # Panics
    ///
    /// Panics on another thread than the one that called `init`; in debug builds also if the ranks' numbers of items differ.
    pub fn block<P>(&self, items: P) -> Block<P::Iter>
    where
        P: IntoParallelIterator,
        P::Iter: IndexedParallelIterator,
    {
        let items = items.into_par_iter();
        let len = items.len();
        self.call(Call::new(Operation::Block).len(len));
        Block::of_all(items, block_range(len, self.rank, self.size))
    }

    /// This rank's block of items that only the rank `root` has: it sends every other rank its block.
    ///
    /// The root gives `Some`; the other ranks' argument is ignored. Blocks are as in [`block`](Self::block). Collective: every
    /// rank calls it with the same root, and it returns when this rank has its block.
    ///
    /// # Panics
    ///
    /// Panics if `root` is no rank, if the root gives `None`, and on another thread than the one that called `init`; in debug
    /// builds also if the ranks' roots differ.
    pub fn scatter<T>(&self, root: usize, items: Option<&[T]>) -> Block<vec::IntoIter<T>>
    where
        T: Transfer + Clone + Send,
    {
        self.check_root(root);
        let mpi = self.call(Call::new(Operation::Scatter).items::<T>().root(root));
        let mut len = 0;
        if self.rank == root {
            len = items.expect("the root of `scatter` gives the items").len() as u64;
        }
        mpi.link.communicator().process_at_rank(root as i32).broadcast_into(&mut len);
        let range_of = |rank| block_range(len as usize, rank, self.size);
        let own_range = range_of(self.rank);
        let own = match items {
            Some(items) if self.rank == root => {
                for rank in (0..self.size).filter(|rank| *rank != root) {
                    batches::send_all(&mpi.link, rank, &items[range_of(rank)]);
                }
                items[own_range.clone()].to_vec()
            }
            _ => batches::receive_all(&mpi.link, root),
        };
        Block::of_own(own.into_par_iter(), own_range.len(), own_range.start)
    }

    /// The numbers of a range, each given to the rank that first has time for it.
    ///
    /// Ranks draw `grain` numbers at a time from one counter. The pool of a rank works on two draws at a time; when it is done
    /// with one, the rank draws the next. So a rank that gets heavy numbers draws fewer. Every rank gets its numbers in rising
    /// order, but which, timing decides: to [`reduce_all`](crate::AcrossRanks::reduce_all) them, `op` must not depend on the
    /// order, and [`collect_at`](crate::AcrossRanks::collect_at) gives no order either. Near the end a rank may have two draws
    /// left that others could help with, so let `grain` be small beside the numbers of a rank, and the work of a draw far more
    /// than the microseconds that drawing takes.
    ///
    /// A draw is a one-sided atomic addition in the memory of rank 0: no rank is a master. Without hardware for such additions,
    /// as over TCP, the MPI library of rank 0 makes them; so if ranks run on several hosts, rank 0 calls it every millisecond.
    ///
    /// Every rank calls this with the same range and grain, and then runs the iterator once; that is collective, and ends when
    /// all ranks have come to the end.
    ///
    /// # Panics
    ///
    /// Panics if `grain` is 0. Running the iterator panics on another thread than the one that called `init`; in debug builds
    /// also if the ranks' ranges or grains differ.
    #[track_caller]
    pub fn dynamic(&self, range: Range<usize>, grain: usize) -> Dynamic<'_> {
        assert!(grain > 0, "the grain of `dynamic` is 0");
        Dynamic::new(self, range, grain)
    }

    /// Combines one value from each rank, as neighbours in the order of the ranks, and gives every rank the same result.
    ///
    /// Collective: blocks until the values of all ranks are combined. `op` must be associative.
    ///
    /// # Panics
    ///
    /// Panics on another thread than the one that called `init`; in debug builds also if the ranks make different calls.
    pub fn combine_all<T: Transfer>(&self, value: T, op: impl Fn(T, T) -> T) -> T {
        self.combine(Operation::Combine, value, op)
    }

    pub(crate) fn combine<T: Transfer>(&self, operation: Operation, value: T, op: impl Fn(T, T) -> T) -> T {
        self.call(Call::new(operation).items::<T>()).link.combine(value, op)
    }

    /// Blocks until all ranks have called it.
    ///
    /// # Panics
    ///
    /// Panics on another thread than the one that called `init`; in debug builds also if the ranks make different calls.
    pub fn barrier(&self) {
        self.call(Call::new(Operation::Barrier)).link.communicator().barrier();
    }

    pub(crate) fn check_root(&self, root: usize) {
        assert!(root < self.size, "the root is rank {root}, but there are {} ranks", self.size);
    }

    /// What belongs to the thread that called `init`.
    pub(crate) fn mpi(&self) -> Rc<Mpi> {
        MPI.with_borrow(Option::clone).unwrap_or_else(|| {
            let thread = thread::current();
            let name = thread.name().unwrap_or("without a name");
            panic!(
                "a collective call on the thread {:?} ({name}): MPI was initialised for the thread that called `init` alone, \
                 so make the call there",
                thread.id()
            )
        })
    }

    /// Begins a collective call.
    pub(crate) fn call(&self, call: Call) -> Rc<Mpi> {
        let mpi = self.mpi();
        assert!(
            !mpi.is_gathering.get(),
            "read the stream of `gather_ordered` to its end, or drop it, before the next call"
        );
        agreement::check(&mpi.link, call);
        mpi
    }
}

/// The items of a rank: as many as those of any other, or one more.
fn block_range(len: usize, rank: usize, size: usize) -> Range<usize> {
    let start = |rank: usize| len / size * rank + rank.min(len % size);
    start(rank)..start(rank + 1)
}

impl Drop for World {
    fn drop(&mut self) {
        let Some(mpi) = MPI.take() else { return };
        if thread::panicking() {
            let Self { rank, size, .. } = *self;
            eprintln!("paceline-mpi: rank {rank} of {size} panicked: {}; all ranks end", fault::describe());
            mpi.universe.world().abort(fault::EXIT_CODE);
        }
        agreement::check(&mpi.link, Call::new(Operation::End));
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("rank", &self.rank).field("size", &self.size).finish_non_exhaustive()
    }
}
