//! A program as data: pools, threads outside of them, and what each does; and its text form.

use std::fmt;
use std::sync::Arc;

/// What is done, one after the other.
pub(crate) type Body = Arc<Vec<Op>>;

/// A whole program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The number of threads of the global pool.
    pub(crate) global: usize,
    /// Those of the other pools.
    pub(crate) pools: Vec<usize>,
    /// What each thread outside of all pools does. The first is the main thread.
    pub(crate) callers: Vec<Body>,
}

/// One step of a program. A pool is named by its place in the list; None is the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Work for so many times 100 ns.
    Work(u32),
    /// Sleep for so many microseconds.
    Sleep(u32),
    Join(Body, Body),
    Scope(Kind, Vec<(Member, Body)>),
    /// A parallel iterator of so many items.
    Loop(u32, Body),
    /// An ordered stream: its window, its items, and how many of them are taken before it is dropped.
    Stream(u32, u32, u32, Body),
    /// A parallel iterator read in order: its window, and its items.
    SeqIter(u32, u32, Body),
    /// A stream for async code: its window, its items, and how many of them are taken before it is dropped.
    AsyncStream(Polled, u32, u32, u32, Body),
    /// So many items through a worker pool.
    Workers(Workers, u32, Body),
    Spawn(Option<usize>, Class, Body),
    Broadcast(Body),
    Task(Option<usize>, End, Body),
    /// The task of the first is joined by the task of the second, and that one by the caller.
    Passed(Option<usize>, Body, Body),
    /// A future that awaits a task for each.
    Future(End, Vec<Body>),
    /// So many jobs, each of which waits for an event and then causes the next one's.
    Chain(Option<usize>, Wait, u32),
    Blocking(Body),
    Isolate(Body),
    /// In a phase of the current pool.
    Phase(Body),
    /// With a lock held.
    Locked(usize, Body),
    Install(usize, Body),
    /// In a new pool of so many threads.
    NewPool(usize, PoolEnd, Body),
    Yield,
    /// Spawns a job and yields until it has run.
    YieldUntil,
    /// Polls a future that is ready when a spawned job has run, and wakes itself until then.
    Poll,
    /// A thread that belongs to no pool, which is waited for.
    Thread(Body),
    /// So many kilobytes down the stack.
    Deep(u32, Body),
    Panic,
    /// A panic ends here.
    Caught(Body),
}

/// How a scope is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lifo,
    Fifo,
    InPlace,
}

/// How a job belongs to its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    Spawned,
    High,
    Low,
    /// It spawns another job of the scope first.
    Nested,
    Broadcast,
    /// Spawned by each thread that a broadcast reaches.
    BroadcastNested,
    TaskJoined,
    TaskLeft,
    /// Under a token that is cancelled after all have been spawned.
    Cancelled,
}

/// How a job that nobody waits for is spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Plain,
    Fifo,
    High,
    Low,
    Broadcast,
    /// As `Plain`, from a chain of jobs of this class, each of which spawns the next, until it has run.
    AgainstChain,
}

/// What becomes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Joined,
    BlockedOn,
    Detached,
    /// Cancelled, and joined then.
    Cancelled,
    CancelledOnDrop,
    CancelledByToken,
}

impl End {
    /// Whether the caller waits for the task.
    pub(crate) fn waits(self) -> bool {
        !matches!(self, End::Detached | End::CancelledOnDrop)
    }

    pub(crate) fn cancels(self) -> bool {
        matches!(self, End::Cancelled | End::CancelledOnDrop | End::CancelledByToken)
    }
}

/// How an async stream is made and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Polled {
    pub(crate) input: Input,
    pub(crate) results: Order,
    pub(crate) reader: Reader,
}

/// When an async stream's items are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    AtOnce,
    /// Each when a task has run that is spawned for it.
    FromTasks,
}

/// Who polls an async stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    BlockOn,
    /// A future on the pool, which the caller joins.
    Future,
}

/// A worker pool: its threads, the room in its queue, and where its results go, if it has any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Workers {
    pub(crate) threads: u32,
    pub(crate) capacity: u32,
    pub(crate) results: Option<Order>,
    pub(crate) end: WorkersEnd,
}

/// The order of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// That of the items.
    Kept,
    /// As they are done.
    AsDone,
}

/// How a worker pool ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkersEnd {
    Dropped,
    /// Closed, and dropped when the results have been taken.
    Closed,
    ShutDown,
    /// Shut down with items in its queue.
    ShutDownNow,
}

/// How an event is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    BlockOn,
    Join,
    Blocking,
    AsyncBlock,
}

/// How a pool ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PoolEnd {
    Dropped,
    ShutDown,
    /// The first of its threads, of which it has two or more, begins when the call within is over.
    LateThread,
}

impl Op {
    /// The parts of an operation.
    pub(crate) fn bodies(&self) -> Vec<&Body> {
        match self {
            Op::Work(_) | Op::Sleep(_) | Op::Chain(..) | Op::Yield | Op::YieldUntil | Op::Poll | Op::Panic => {
                Vec::new()
            }
            Op::Join(a, b) | Op::Passed(_, a, b) => vec![a, b],
            Op::Scope(_, members) => members.iter().map(|member| &member.1).collect(),
            Op::Future(_, bodies) => bodies.iter().collect(),
            Op::Loop(_, body) | Op::Stream(.., body) | Op::SeqIter(.., body) | Op::Spawn(.., body) => vec![body],
            Op::Broadcast(body) | Op::Task(.., body) | Op::Blocking(body) | Op::Isolate(body) | Op::Phase(body) => {
                vec![body]
            }
            Op::Locked(_, body) | Op::Install(_, body) | Op::NewPool(.., body) | Op::Thread(body) => vec![body],
            Op::Deep(_, body) | Op::Caught(body) | Op::AsyncStream(.., body) | Op::Workers(.., body) => vec![body],
        }
    }

    /// The same with another part in place of one.
    pub(crate) fn with_body(&self, place: usize, new: Body) -> Op {
        let mut op = self.clone();
        match &mut op {
            Op::Work(_) | Op::Sleep(_) | Op::Chain(..) | Op::Yield | Op::YieldUntil | Op::Poll | Op::Panic => {}
            Op::Join(a, b) | Op::Passed(_, a, b) => *[a, b][place] = new,
            Op::Scope(_, members) => members[place].1 = new,
            Op::Future(_, bodies) => bodies[place] = new,
            Op::Loop(_, body) | Op::Stream(.., body) | Op::SeqIter(.., body) | Op::Spawn(.., body) => *body = new,
            Op::Broadcast(body) | Op::Task(.., body) | Op::Blocking(body) | Op::Isolate(body) | Op::Phase(body) => {
                *body = new
            }
            Op::Locked(_, body) | Op::Install(_, body) | Op::NewPool(.., body) | Op::Thread(body) => *body = new,
            Op::Deep(_, body) | Op::Caught(body) | Op::AsyncStream(.., body) | Op::Workers(.., body) => *body = new,
        }
        op
    }

    /// Whether it names a pool of the list.
    pub(crate) fn names_pool(&self) -> bool {
        match self {
            Op::Spawn(pool, ..) | Op::Task(pool, ..) | Op::Passed(pool, ..) | Op::Chain(pool, ..) => pool.is_some(),
            Op::Install(..) => true,
            _ => false,
        }
    }

    fn size(&self) -> usize {
        let members = matches!(self, Op::Scope(..) | Op::Future(..));
        let bodies = self.bodies();
        1 + if members { bodies.len() } else { 0 } + bodies.into_iter().map(size).sum::<usize>()
    }

    fn name(&self) -> String {
        let at = |pool: &Option<usize>| pool.map_or(String::new(), |pool| format!(" on pool {pool}"));
        match self {
            Op::Work(n) => format!("work {n}00 ns"),
            Op::Sleep(n) => format!("sleep {n} us"),
            Op::Join(..) => "join".to_owned(),
            Op::Scope(kind, _) => format!("scope {kind:?}"),
            Op::Loop(n, _) => format!("loop over {n} items"),
            Op::AsyncStream(polled, window, n, taken, _) => {
                format!("async stream of {n} items, window {window}, {taken} taken, {polled:?}")
            }
            Op::Workers(workers, n, _) => format!("{n} items through {workers:?}"),
            Op::Stream(window, n, taken, _) => format!("stream of {n} items, window {window}, {taken} taken"),
            Op::SeqIter(window, n, _) => format!("into_seq_iter of {n} items, window {window}"),
            Op::Spawn(pool, class, _) => format!("spawn {class:?}{}", at(pool)),
            Op::Broadcast(_) => "broadcast".to_owned(),
            Op::Task(pool, end, _) => format!("task {end:?}{}", at(pool)),
            Op::Passed(pool, ..) => format!("task joined by a task{}", at(pool)),
            Op::Future(end, _) => format!("future {end:?} that awaits tasks"),
            Op::Chain(pool, wait, n) => format!("chain of {n} jobs that wait by {wait:?}{}", at(pool)),
            Op::Blocking(_) => "blocking".to_owned(),
            Op::Isolate(_) => "isolate".to_owned(),
            Op::Phase(_) => "in a phase".to_owned(),
            Op::Locked(lock, _) => format!("with lock {lock}"),
            Op::Install(pool, _) => format!("install in pool {pool}"),
            Op::NewPool(n, end, _) => format!("install in a new pool of {n}, {end:?}"),
            Op::Yield => "yield_now".to_owned(),
            Op::YieldUntil => "yield_now until a spawned job has run".to_owned(),
            Op::Poll => "block_on a future that wakes itself until a spawned job has run".to_owned(),
            Op::Thread(_) => "a thread, waited for".to_owned(),
            Op::Deep(kib, _) => format!("{kib} KiB down the stack"),
            Op::Panic => "panic".to_owned(),
            Op::Caught(_) => "catch_unwind".to_owned(),
        }
    }
}

/// How many operations and parts there are.
fn size(body: &Body) -> usize {
    body.iter().map(Op::size).sum()
}

impl Program {
    /// The number of its operations.
    pub(crate) fn size(&self) -> usize {
        self.callers.iter().map(size).sum()
    }

    /// Whether an operation is in it.
    pub(crate) fn has(&self, is_it: fn(&Op) -> bool) -> bool {
        fn within(body: &Body, is_it: fn(&Op) -> bool) -> bool {
            body.iter().any(|op| is_it(op) || op.bodies().into_iter().any(|body| within(body, is_it)))
        }
        self.callers.iter().any(|body| within(body, is_it))
    }
}

fn write_body(f: &mut fmt::Formatter<'_>, body: &Body, depth: usize) -> fmt::Result {
    for op in body.iter() {
        writeln!(f, "{:1$}{2}", "", depth * 2, op.name())?;
        let bodies = op.bodies();
        let is_alone = bodies.len() == 1 && !matches!(op, Op::Scope(..) | Op::Future(..));
        for (place, part) in bodies.into_iter().enumerate() {
            if is_alone {
                write_body(f, part, depth + 1)?;
                continue;
            }
            let name = match op {
                Op::Scope(_, members) => format!("{:?}", members[place].0),
                _ => format!("part {place}"),
            };
            writeln!(f, "{:1$}{name}:", "", depth * 2 + 2)?;
            write_body(f, part, depth + 2)?;
        }
    }
    Ok(())
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the global pool has {} threads, the others have {:?}", self.global, self.pools)?;
        for (place, body) in self.callers.iter().enumerate() {
            let name = if place == 0 { "the main thread" } else { "a thread outside of all pools" };
            writeln!(f, "{name}:")?;
            write_body(f, body, 1)?;
        }
        Ok(())
    }
}
