//! Layer 4: ordered chunks, for consumers whose folders may have to wait until earlier items are taken away.
//!
//! Halving would have all threads but one begin far from the first item, and wait. So for such a consumer short chunks are
//! cut off the front, and each thread takes the first chunk that has not begun.
//!
//! The type of a consumer's reducer says whether its folders may wait ([`Reducer::IN_ORDER`]); adaptors, other crates' too,
//! pass the reducer on as it is. The bridge of such a consumer looks what the thread does: it *leads* (it has begun the whole,
//! by [`lead`]), it runs a *chunk*, or neither.
//!
//! 1. Each chunk runs isolated: while its closures wait, its thread runs no other chunk on top.
//! 2. Within a chunk nothing is cut further, so the frames on its stack are in the order of their items.
//! 3. A folder may wait only in a chunk, in its own job's frames: see [`patience`]. So no thread waits on top of a frame that
//!    has earlier items to make.
//! 4. A thread that puts a part back takes the first part of the list when it is done with its chunk.
//!
//! So the first item that was not made is being made, or the thread that made the one before it takes it next.
//!
//! All of this is compiled once, for any [`OrderedChunk`]: a chunk takes tens of microseconds, and one allocation. [`run`], which every
//! bridge refers to, calls [`run_in_chunks`] through a pointer that only [`lead`] sets. So a program that never leads is linked
//! without the ordered chunks.

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
use std::cell::Cell;
use std::mem;

/// How often a thread looks again while others cut, and how many pauses it makes in between, before it leaves.
const RETRIES: u32 = 8;
const PAUSES: u32 = 8;

/// What a frame is to ordered chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Bystander,
    /// It cuts what it is given into chunks of at most so many items, for itself and other threads.
    Leader {
        most: usize,
    },
    /// It runs a chunk, at once.
    Chunk,
    /// It runs a part at once whose result is combined with its neighbours'. What comes between their items is made by this
    /// thread when the later part has ended.
    Told,
}

/// What a folder may wait for that finds no room for its next item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Nothing: an earlier item may need this thread.
    Nothing,
    /// Items that other threads have begun. This thread makes those that have not begun later.
    Begun,
    /// All earlier items: none will need this thread.
    Everything,
}

/// What [`run_in_chunks`] is.
type RunInChunks = fn(whole: Box<dyn OrderedChunk + '_>, finest: usize, most: usize);

thread_local! {
    /// The role that was taken on last on this thread, and how many jobs were on its stack then.
    static ROLE: Cell<(Role, usize)> = const { Cell::new((Role::Bystander, 0)) };
    /// [`run_in_chunks`], once this thread has led. A program that never leads is linked without it.
    static RUN_IN_CHUNKS: Cell<Option<RunInChunks>> = const { Cell::new(None) };
}

/// A role that the calling thread has taken on, for as long as this lives.
struct Acting {
    before: (Role, usize),
}

impl Acting {
    fn begin(role: Role) -> Self {
        // Chunks are run by workers alone.
        let role = nesting().map_or((Role::Bystander, 0), |nesting| (role, nesting));
        Acting { before: ROLE.replace(role) }
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        ROLE.set(self.before);
    }
}

/// Calls `f` on a worker, which drives a consumer whose folders may wait, in chunks of at most so many items.
pub(crate) fn lead<R>(most: usize, f: impl FnOnce() -> R) -> R {
    RUN_IN_CHUNKS.set(Some(run_in_chunks));
    let _acting = Acting::begin(Role::Leader { most });
    f()
}

/// For what a folder that is made here may wait.
pub(crate) fn patience() -> Patience {
    match role() {
        Role::Bystander => Patience::Nothing,
        Role::Told => Patience::Begun,
        Role::Leader { .. } | Role::Chunk => Patience::Everything,
    }
}

/// What the calling frame is.
pub(super) fn role() -> Role {
    let (role, begun) = ROLE.get();
    // What was taken up from a queue since then is another matter.
    if role == Role::Bystander || nesting() != Some(begun) { Role::Bystander } else { role }
}

/// Whether the calling frame begins parts in order, or runs such a part.
pub(in crate::iter) fn begins_in_order() -> bool {
    role() != Role::Bystander
}

/// Whether the parts of a consumer are begun in order, as its type says.
pub(in crate::iter) const fn is_in_order<T, C: Consumer<T>>() -> bool {
    <C::Reducer as Reducer<C::Result>>::IN_ORDER
}

/// What the calling frame, in which a bridge begins, is to the consumers of that type.
#[inline]
pub(super) fn role_for<T, C: Consumer<T>>() -> Role {
    if const { !is_in_order::<T, C>() } {
        return Role::Bystander;
    }
    match role() {
        Role::Bystander => Role::Bystander,
        role if mem::size_of::<C::Result>() == 0 => role,
        // Parts whose results say something would have to be combined in between. They are not many.
        _ => Role::Told,
    }
}

/// A part that is begun in order. Its result means nothing.
pub(super) trait OrderedChunk: Send {
    /// Cuts all but a front off, if there is more than the grain says.
    fn cut<'a>(&mut self, grain: usize) -> Option<Box<dyn OrderedChunk + 'a>>
    where
        Self: 'a;

    /// How much of the whole it is.
    fn size(&self) -> ChunkSize;

    /// Whether further items would change nothing.
    fn is_full(&mut self) -> bool;

    /// Runs it, to its end. It is run once.
    fn run(&mut self);
}

/// How much of a whole a chunk is.
#[derive(Debug, Clone, Copy)]
pub(super) enum ChunkSize {
    Items(usize),
    /// The whole was split so often.
    Splits(usize),
}

impl ChunkSize {
    /// The grain for chunks that take about [`CHUNK`], and have at most so many items, after one of this size took so long.
    fn grain_after(self, ticks: u64, most: usize) -> usize {
        match self {
            ChunkSize::Items(len) => Cost::of(len, ticks).next_batch(CHUNK).min(most),
            // Each split halves: chunks that took too long are split once more, and those that were too short once less.
            ChunkSize::Splits(splits) => match Cost::of(2, ticks).next_batch(CHUNK) {
                0..2 => splits + 1,
                2..4 => splits,
                _ => splits.saturating_sub(1).max(1),
            },
        }
    }
}

/// The part in the frame of the bridge, which takes its result, or one that was cut off it.
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

/// A part of unknown length. The grain is how often the whole is split to come to a part.
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

/// The parts of a whole.
struct OrderedChunks<'p> {
    list: Mutex<List<'p>>,
    threads: usize,
    /// How long chunks are; what it means is the part's affair. It orders nothing.
    grain: AtomicUsize,
    most: usize,
}

/// Those that have not ended, in their order.
struct List<'p> {
    parts: Vec<(ChunkTicket, ChunkState<'p>)>,
    next_ticket: usize,
    /// How many threads are at it.
    workers: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChunkTicket(usize);

enum ChunkState<'p> {
    Pending(Box<dyn OrderedChunk + 'p>),
    /// A thread cuts it or runs it.
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
    /// There is no part, but may be soon.
    Retry,
    /// The caller is no longer counted.
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

    /// Puts a part behind the one of that ticket.
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

/// Runs a whole whose parts are to be begun in order, or that is not to be cut because it is within such a part.
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

/// Runs a whole in chunks that are begun in order. Goes on with the panic of the first chunk that has one.
fn run_in_chunks(whole: Box<dyn OrderedChunk + '_>, finest: usize, most: usize) {
    let chunks = OrderedChunks::new(whole, current_num_threads(), finest, most);
    {
        // Parts are cut outside of the chunks.
        let _acting = Acting::begin(Role::Bystander);
        scope(|scope| chunks.work(scope));
    }
    chunks.finish();
}

/// Runs a chunk, or a whole that is not to be cut, and drops it and its result. A panic in a destructor is swallowed.
fn run_in_one_go(role: Role, mut part: Box<dyn OrderedChunk + '_>) {
    let _acting = Acting::begin(role);
    part.run();
    unwind::dispose(part);
}

impl<'p> OrderedChunks<'p> {
    /// For a whole that the caller and others, up to `threads` threads in all, are about to run.
    fn new(whole: Box<dyn OrderedChunk + 'p>, threads: usize, finest: usize, most: usize) -> Self {
        let parts = vec![(ChunkTicket(0), ChunkState::Pending(whole))];
        let list = List { parts, next_ticket: 1, workers: 1 };
        OrderedChunks { list: Mutex::new(list), threads, grain: AtomicUsize::new(finest), most }
    }

    /// Ends, when all threads have left: goes on with the first panic, if there was one.
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

    /// Cuts a chunk off the front of a part, leaves the rest to the thread that comes first, and runs the chunk.
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
            // What a model does must not depend on the time.
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
