//! Layer 4: ordered chunks, for consumers with folders that may have to wait until earlier items are taken away.
//!
//! If the whole were halved, all threads but one would begin far from the first item, and wait. So for such a consumer
//! short chunks are split off the front, and each thread takes the first chunk that has not begun.
//!
//! The type of a consumer's reducer tells whether its folders may wait ([`Reducer::IN_ORDER`]); adaptors, those of
//! other crates too, pass the reducer on as it is. The bridge of such a consumer checks the role of the thread: it
//! *leads* (it has begun the whole, by [`lead`]), it runs a *chunk*, or neither.
//!
//! 1. Each chunk runs isolated: while its closures wait, its thread runs no other chunk on top.
//! 2. Within a chunk nothing is split further, so the frames on its stack are in the order of their items.
//! 3. A folder may wait only in a chunk, in the frames of its own job: see [`patience`]. So no thread waits on top of a
//!    frame that still has to make earlier items.
//! 4. A thread that puts a part back takes the first part of the list when it has finished its chunk.
//!
//! So the first item that has not been made is being made, or the thread that made the one before it takes it next.
//!
//! All of this is compiled once, for any [`OrderedChunk`]: a chunk takes tens of microseconds, and one allocation.
//! Every bridge refers to [`run`], which calls [`run_in_chunks`] through a pointer that only [`lead`] sets. So a
//! program that never calls [`lead`] is linked without the ordered chunks.

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;

use super::bounds::Bounds;
use super::grain::Cost;
use super::part::{Part, UnindexedPart};
use super::tuning::CHUNK;
use crate::fork::isolate::isolate;
use crate::fork::scope::{Scope, scope};
use crate::fork::{Ticks, current_num_threads, nesting};
use crate::iter::plumbing::{Consumer, Reducer};
use crate::sync::atomic::{AtomicUsize, Ordering, spin_loop};
use crate::sync::local::thread_local;
use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::{self, Payload};
use crate::trace::{EventKind, Span};
use std::cell::Cell;
use std::mem;

/// How often a thread checks again while other threads split parts, and how many pauses it makes in between, before it
/// leaves.
const RETRIES: u32 = 8;
const PAUSES: u32 = 8;

/// The role of a frame for ordered chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Bystander,
    /// The frame splits its parts into chunks of at most `most` items, for itself and other threads.
    Leader {
        most: usize,
    },
    /// The frame runs a chunk, in one go.
    Chunk,
    /// The frame runs a part in one go, and the part's result is combined with those of its neighbours. This thread
    /// makes the items between neighbouring parts when the later one has ended.
    Told,
}

/// How long a folder may wait if there is no room for its next item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not at all: an earlier item may need this thread.
    Nothing,
    /// For items that other threads have begun. This thread itself makes those that have not begun, afterwards.
    Begun,
    /// For all earlier items: none of them will need this thread.
    Everything,
}

/// The type of [`run_in_chunks`].
type RunInChunks = fn(whole: Box<dyn OrderedChunk + '_>, finest: usize, most: usize);

thread_local! {
    /// The role that this thread took on last, and the number of jobs on its stack at that time.
    static ROLE: Cell<(Role, usize)> = const { Cell::new((Role::Bystander, 0)) };
    /// [`run_in_chunks`], once this thread has called [`lead`].
    static RUN_IN_CHUNKS: Cell<Option<RunInChunks>> = const { Cell::new(None) };
}

/// The calling thread has a role for as long as this lives.
struct Acting {
    before: (Role, usize),
}

impl Acting {
    fn begin(role: Role) -> Self {
        // Only workers run chunks.
        let role = nesting().map_or((Role::Bystander, 0), |nesting| (role, nesting));
        Acting { before: ROLE.replace(role) }
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        ROLE.set(self.before);
    }
}

/// Calls `f` on a worker. `f` drives a consumer with folders that may wait, in chunks of at most `most` items.
pub(crate) fn lead<R>(most: usize, f: impl FnOnce() -> R) -> R {
    RUN_IN_CHUNKS.set(Some(run_in_chunks));
    let _acting = Acting::begin(Role::Leader { most });
    f()
}

/// How long a folder that is made here may wait.
pub(crate) fn patience() -> Patience {
    match role() {
        Role::Bystander => Patience::Nothing,
        Role::Told => Patience::Begun,
        Role::Leader { .. } | Role::Chunk => Patience::Everything,
    }
}

/// The role of the calling frame.
pub(super) fn role() -> Role {
    let (role, begun) = ROLE.get();
    // A job that was taken from a queue since then has no role.
    if role == Role::Bystander || nesting() != Some(begun) { Role::Bystander } else { role }
}

/// True if the calling frame begins parts in order, or runs such a part.
pub(in crate::iter) fn begins_in_order() -> bool {
    role() != Role::Bystander
}

/// True if the parts of a consumer of this type are begun in order.
pub(in crate::iter) const fn is_in_order<T, C: Consumer<T>>() -> bool {
    <C::Reducer as Reducer<C::Result>>::IN_ORDER
}

/// The role of the calling frame, in which a bridge begins, for consumers of that type.
#[inline]
pub(super) fn role_for<T, C: Consumer<T>>() -> Role {
    if const { !is_in_order::<T, C>() } {
        return Role::Bystander;
    }
    match role() {
        Role::Bystander => Role::Bystander,
        role if mem::size_of::<C::Result>() == 0 => role,
        // Results that carry values would have to be combined in between. Such parts are few.
        _ => Role::Told,
    }
}

/// A part that is begun in order. Its result carries no value.
pub(super) trait OrderedChunk: Send {
    /// Keeps a front and returns the rest, if the part is larger than the grain.
    fn cut<'a>(&mut self, grain: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a;

    /// Its size.
    fn size(&self) -> ChunkSize;

    /// True if further items would not change the result.
    fn is_full(&mut self) -> bool;

    /// Runs the part to its end. Called once.
    fn run(&mut self);
}

/// The size of a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) enum ChunkSize {
    Items(usize),
    /// The number of times that the whole was split.
    Splits(usize),
}

impl ChunkSize {
    /// The grain for chunks that take about [`CHUNK`], and have at most `most` items, after a chunk of this size took
    /// `ticks`.
    fn grain_after(self, ticks: u64, most: usize) -> usize {
        match self {
            ChunkSize::Items(len) => Cost::of(len, ticks).next_batch(CHUNK).min(most),
            // Each split halves a part: chunks that took too long are split once more, and those that were too short
            // once less.
            ChunkSize::Splits(splits) => match Cost::of(2, ticks).next_batch(CHUNK) {
                0..2 => splits + 1,
                2..4 => splits,
                _ => splits.saturating_sub(1).max(1),
            },
        }
    }
}

/// The part in the frame of the bridge, which takes its result, or a part that was split off it.
pub(super) enum Held<'p, P: ?Sized> {
    Whole(&'p mut P),
    Cut(Box<P>),
}

impl<P: ?Sized> Held<'_, P> {
    pub(super) fn get(&mut self) -> &mut P {
        match self {
            Held::Whole(part) => part,
            Held::Cut(part) => part,
        }
    }
}

/// A part of known length. The grain is a length.
pub(super) struct IndexedChunk<'p> {
    len: usize,
    bounds: Bounds,
    part: Held<'p, dyn Part + 'p>,
}

impl<'p> IndexedChunk<'p> {
    pub(super) fn new(len: usize, bounds: Bounds, part: &'p mut (dyn Part + 'p)) -> Self {
        IndexedChunk { len, bounds, part: Held::Whole(part) }
    }
}

impl OrderedChunk for IndexedChunk<'_> {
    fn cut<'a>(&mut self, grain: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a,
    {
        let IndexedChunk { len, bounds, .. } = *self;
        let front = bounds.front_of(len, grain)?;
        let rest = self.part.get().split_off(front);
        self.len = front;
        Some(Box::new(IndexedChunk { len: len - front, bounds, part: Held::Cut(rest) }))
    }

    fn size(&self) -> ChunkSize {
        ChunkSize::Items(self.len)
    }

    fn is_full(&mut self) -> bool {
        self.part.get().is_full()
    }

    fn run(&mut self) {
        self.part.get().run();
    }
}

/// A part of unknown length. The grain is the number of splits from the whole to a part.
pub(super) struct UnindexedChunk<'p> {
    splits: usize,
    part: Held<'p, dyn UnindexedPart + 'p>,
}

impl<'p> UnindexedChunk<'p> {
    pub(super) fn new(part: &'p mut (dyn UnindexedPart + 'p)) -> Self {
        UnindexedChunk { splits: 0, part: Held::Whole(part) }
    }
}

impl OrderedChunk for UnindexedChunk<'_> {
    fn cut<'a>(&mut self, grain: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a,
    {
        if self.splits >= grain {
            return None;
        }
        let rest = self.part.get().split_off()?;
        self.splits += 1;
        Some(Box::new(UnindexedChunk { splits: self.splits, part: Held::Cut(rest) }))
    }

    fn size(&self) -> ChunkSize {
        ChunkSize::Splits(self.splits)
    }

    fn is_full(&mut self) -> bool {
        self.part.get().is_full()
    }

    fn run(&mut self) {
        self.part.get().run();
    }
}

/// The parts of a whole, for the threads that run them.
struct OrderedChunks<'p> {
    list: Mutex<List<'p>>,
    threads: usize,
    /// The grain; each type of part defines its meaning. Relaxed accesses: it orders nothing.
    grain: AtomicUsize,
    most: usize,
}

/// The parts that have not ended, in order.
struct List<'p> {
    parts: Vec<(ChunkTicket, ChunkState<'p>)>,
    next_ticket: usize,
    /// The number of threads that run parts.
    workers: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChunkTicket(usize);

enum ChunkState<'p> {
    Pending(Box<dyn OrderedChunk + 'p>),
    /// A thread splits it or runs it.
    Begun,
    Panicked(Quiet<Payload>),
}

impl ChunkState<'_> {
    fn into_panic(self) -> Option<Payload> {
        match self {
            ChunkState::Panicked(payload) => Some(payload.into_inner()),
            other => {
                unwind::dispose(other);
                None
            }
        }
    }
}

enum ChunkStep<'p> {
    Begin(ChunkTicket, Box<dyn OrderedChunk + 'p>),
    /// There is no pending part, but may be one soon.
    Retry,
    /// The thread leaves, and is no longer counted.
    Leave,
}

impl<'p> List<'p> {
    fn step(&mut self, retries: bool) -> ChunkStep<'p> {
        for (ticket, state) in &mut self.parts {
            if matches!(state, ChunkState::Pending(_)) {
                if let ChunkState::Pending(part) = mem::replace(state, ChunkState::Begun) {
                    return ChunkStep::Begin(*ticket, part);
                }
            }
        }
        if retries && !self.parts.is_empty() {
            return ChunkStep::Retry;
        }
        self.workers -= 1;
        ChunkStep::Leave
    }

    fn place_of(&self, ticket: ChunkTicket) -> usize {
        self.parts.iter().position(|(other, _)| *other == ticket).expect("a part is there until it has ended")
    }

    /// Inserts a part after the one with that ticket.
    fn put_behind(&mut self, ticket: ChunkTicket, part: Box<dyn OrderedChunk + 'p>) {
        let place = self.place_of(ticket) + 1;
        let own = ChunkTicket(self.next_ticket);
        self.next_ticket += 1;
        self.parts.insert(place, (own, ChunkState::Pending(part)));
    }

    fn end(&mut self, ticket: ChunkTicket, outcome: Result<(), Payload>) {
        let place = self.place_of(ticket);
        match outcome {
            Ok(()) => _ = self.parts.remove(place),
            Err(payload) => self.parts[place].1 = ChunkState::Panicked(Quiet::new(payload)),
        }
    }
}

/// Runs a whole by its role: begins its parts in order; or runs it in one go because it is within such a part.
#[cold]
#[inline(never)]
pub(super) fn run(role: Role, whole: Box<dyn OrderedChunk + '_>, finest: usize) {
    match role {
        Role::Leader { most } => {
            let run_in_chunks = RUN_IN_CHUNKS.get().expect("`lead` sets it before a thread is a leader");
            run_in_chunks(whole, finest, most);
        }
        role => run_in_one_go(role, whole),
    }
}

/// Runs a whole in chunks that are begun in order. Resumes the panic of the first chunk that has one.
fn run_in_chunks(whole: Box<dyn OrderedChunk + '_>, finest: usize, most: usize) {
    let chunks = OrderedChunks::new(whole, current_num_threads(), finest, most);
    {
        // Parts are split outside of the chunks.
        let _acting = Acting::begin(Role::Bystander);
        scope(|scope| chunks.work(scope));
    }
    chunks.finish();
}

/// Runs a chunk, or a whole that must not be split, and drops it and its result. A panic in a destructor is swallowed.
fn run_in_one_go(role: Role, mut part: Box<dyn OrderedChunk + '_>) {
    let _acting = Acting::begin(role);
    let _span = Span::begin(EventKind::Loop);
    part.run();
    unwind::dispose(part);
}

impl<'p> OrderedChunks<'p> {
    /// For a whole that the caller and other threads, up to `threads` in all, are about to run.
    fn new(whole: Box<dyn OrderedChunk + 'p>, threads: usize, finest: usize, most: usize) -> Self {
        let parts = vec![(ChunkTicket(0), ChunkState::Pending(whole))];
        let list = List { parts, next_ticket: 1, workers: 1 };
        OrderedChunks { list: Mutex::new(list), threads, grain: AtomicUsize::new(finest), most }
    }

    /// Called when all threads have left: resumes the first panic, if there was one.
    fn finish(self) {
        let List { parts, .. } = self.list.into_inner();
        let mut payloads = parts.into_iter().filter_map(|(_, state)| state.into_panic());
        if let Some(first) = payloads.next() {
            // No other payload may panic while the first panic unwinds.
            unwind::dispose_each(payloads);
            unwind::resume(first);
        }
    }

    /// Runs chunks on this thread, and on others that it starts.
    fn work<'s>(&'s self, scope: &Scope<'s>) {
        self.run_chunks(&|| scope.spawn(|scope| self.work(scope)));
    }

    /// Runs chunks until there is no part left to begin.
    fn run_chunks(&self, start_another: &dyn Fn()) {
        let mut retries = RETRIES;
        loop {
            let step = self.list.lock().step(retries > 0);
            match step {
                ChunkStep::Begin(ticket, part) => {
                    let outcome = unwind::halt(|| self.begin(start_another, ticket, part));
                    self.list.lock().end(ticket, outcome);
                    retries = RETRIES;
                }
                ChunkStep::Retry => {
                    retries -= 1;
                    (0..PAUSES).for_each(|_| spin_loop());
                }
                ChunkStep::Leave => return,
            }
        }
    }

    /// Splits a chunk off the front of a part, puts the rest back for the next thread, and runs the chunk.
    fn begin(&self, start_another: &dyn Fn(), ticket: ChunkTicket, mut part: Box<dyn OrderedChunk + 'p>) {
        while !part.is_full() {
            match part.cut(self.grain.load(Ordering::Relaxed)) {
                Some(rest) => self.put_back(start_another, ticket, rest),
                None => break,
            }
        }
        let size = part.size();
        let begun = Ticks::now();
        isolate(|| run_in_one_go(Role::Chunk, part));
        if cfg!(loom) {
            // A loom model must not depend on time.
            return;
        }
        let grain = size.grain_after(Ticks::now().since(begun), self.most);
        self.grain.store(grain, Ordering::Relaxed);
    }

    fn put_back(&self, start_another: &dyn Fn(), ticket: ChunkTicket, rest: Box<dyn OrderedChunk + 'p>) {
        let mut list = self.list.lock();
        list.put_behind(ticket, rest);
        let starts = list.workers < self.threads;
        list.workers += usize::from(starts);
        drop(list);
        if starts {
            start_another();
        }
    }
}
