//! What a program may do where: no program that would hang by its own fault is made.

use super::program::{Body, Class, End, Kind, Member, Op, PoolEnd, Program, Reader};

/// A kind of programs with which the library hangs, or did, and which is made only where it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// A call from outside into the global pool waits for a task, a future, an event or a stream.
    OutsideAwaits,
    /// A call from outside polls by `yield_now`.
    OutsideYields,
    /// A job of a broadcast into a scope spawns into that scope.
    BroadcastSpawns,
    /// A call from outside waits in another pool, for a thread that calls the global one.
    OutsideInstalls,
    /// A task is joined within `isolate`.
    IsolatedTasks,
    /// A caller from outside holds a lock across a scope, whose jobs spawn others that want the lock.
    OutsideLocks,
    /// A broadcast wants a lock that is held within `isolate`.
    BroadcastLocks,
    /// Calls deep in the stack.
    Deep,
    /// A future that is polled wakes itself until something is done.
    SelfWaking,
    /// A job must come up against a chain of jobs, each of which spawns the next.
    JobChains,
    /// Waits for events lie upon each other.
    EventChains,
    /// A task joins another that it did not spawn.
    ForeignJoins,
    /// A thread of a pool has not started.
    LateThreads,
    /// Jobs of one pool poll by `yield_now`: two that have been away give the worker to each other for ever.
    YieldLoops,
    /// In a call from outside, which may be done without a place in the pool, a lock is held within `isolate`.
    CalledIsolates,
    /// A lock is taken while another is held, or the same: faults of the program, to try the hunter.
    Planted,
}

/// The gates, and the names of the hand-made programs that showed each kind first.
pub(crate) const GATES: [(Gate, &str); 15] = [
    (Gate::OutsideAwaits, "guest_awaits, many_tasks_in_order"),
    (Gate::OutsideYields, "guest_yields"),
    (Gate::BroadcastSpawns, "guest_broadcast_spawns"),
    (Gate::OutsideInstalls, "guest_installs_elsewhere"),
    (Gate::IsolatedTasks, "isolate_in_task"),
    (Gate::OutsideLocks, "high_priority_wants_lock"),
    (Gate::BroadcastLocks, "broadcast_meets_isolated"),
    (Gate::Deep, "deep_worker"),
    (Gate::SelfWaking, "yields_and_chains block_on_*"),
    (Gate::JobChains, "yields_and_chains *_vs_injected"),
    (Gate::EventChains, "stacked_waits"),
    (Gate::ForeignJoins, "join_beneath"),
    (Gate::LateThreads, "late_threads"),
    (Gate::YieldLoops, "found by hunting"),
    (Gate::CalledIsolates, "found by hunting"),
];

/// Kinds that hung once and are in all programs now.
const CURED: [Gate; 10] = [
    Gate::OutsideAwaits,
    Gate::BroadcastSpawns,
    Gate::OutsideInstalls,
    Gate::IsolatedTasks,
    Gate::OutsideLocks,
    Gate::BroadcastLocks,
    Gate::Deep,
    Gate::JobChains,
    Gate::EventChains,
    Gate::ForeignJoins,
];

/// The gates that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Open(u32);

impl Default for Open {
    /// Kinds that hang no more are in all programs.
    fn default() -> Self {
        CURED.into_iter().fold(Open(0), Open::with)
    }
}

impl Open {
    pub(crate) fn with(self, gate: Gate) -> Self {
        Open(self.0 | 1 << gate as u32)
    }

    /// The first that is open and is not so by default.
    pub(crate) fn first(self) -> Option<Gate> {
        let all = GATES.iter().map(|gate| gate.0).chain([Gate::Planted]);
        all.into_iter().find(|&gate| self.has(gate) && !Open::default().has(gate))
    }

    pub(crate) fn has(self, gate: Gate) -> bool {
        self.0 & 1 << gate as u32 != 0
    }
}

/// Who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A thread outside of all pools.
    Outside,
    /// Such a thread, or a worker.
    Either,
    /// A caller from outside in the global pool, or a worker that helps it.
    Called,
    /// A worker.
    Worker,
}

/// Where in a program something is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    program: &'a Program,
    open: Open,
    place: Place,
    pool: Option<usize>,
    in_isolate: bool,
    /// Nothing parallel is between here and the beginning of the isolated call.
    begins_isolate: bool,
    holds_lock: bool,
    locked_outside: bool,
    in_broadcast: bool,
    is_caught: bool,
    /// A call from outside waits here in another pool.
    waits_elsewhere: bool,
    /// A worker waits for what is done here: it may use no pool of the list, which could be the worker's.
    holds_worker: bool,
    /// Not all workers can come: a broadcast must not be waited for.
    lacks_workers: bool,
    /// A thread of a pool waits here without running anything else meanwhile: nothing is done that needs a pool.
    only_works: bool,
    /// How often it is done.
    times: u32,
}

/// So often a part may be done.
const MOST_TIMES: u32 = 40;

impl<'a> Context<'a> {
    /// At the beginning of a thread.
    pub(crate) fn of_caller(program: &'a Program, open: Open) -> Self {
        Context {
            program,
            open,
            place: Place::Outside,
            pool: None,
            in_isolate: false,
            begins_isolate: false,
            holds_lock: false,
            locked_outside: false,
            in_broadcast: false,
            is_caught: false,
            waits_elsewhere: false,
            holds_worker: false,
            lacks_workers: false,
            only_works: false,
            times: 1,
        }
    }

    pub(crate) fn number_of_pools(&self) -> usize {
        self.program.pools.len()
    }

    fn threads(&self, pool: Option<usize>) -> u32 {
        pool.map_or(self.program.global, |pool| self.program.pools[pool]) as u32
    }

    /// How often the parts of an operation are done each time that it is.
    fn times_of(&self, op: &Op) -> u32 {
        match op {
            Op::Loop(n, _) | Op::Stream(_, n, ..) | Op::SeqIter(_, n, _) => *n,
            Op::AsyncStream(_, _, n, ..) | Op::Workers(_, n, _) => *n,
            Op::Broadcast(_) => self.threads(self.pool),
            Op::Spawn(pool, Class::Broadcast, _) => self.threads(pool.or(self.pool)),
            Op::Scope(_, members) => {
                let broadcasts =
                    |member: &(Member, Body)| matches!(member.0, Member::Broadcast | Member::BroadcastNested);
                if members.iter().any(broadcasts) { self.threads(self.pool) } else { 1 }
            }
            _ => 1,
        }
    }

    /// Whether a wait for what only other threads may do is allowed.
    fn may_await(&self) -> bool {
        let by_place = self.place != Place::Called || self.open.has(Gate::OutsideAwaits);
        by_place && !self.holds_lock && !self.in_isolate
    }

    /// Whether the operation may be done here, whatever its parts are.
    pub(crate) fn allows(&self, op: &Op) -> bool {
        if self.times * self.times_of(op) > MOST_TIMES {
            return false;
        }
        if self.holds_lock && !self.in_isolate {
            let is_call = match op {
                Op::Scope(_, members) => members.iter().all(|member| self.allows_member(member.0)),
                Op::Spawn(_, class, _) => !matches!(class, Class::Broadcast | Class::AgainstChain),
                _ => matches!(op, Op::Join(..) | Op::Loop(..)),
            };
            let is_known = self.open.has(Gate::OutsideLocks) && self.locked_outside && is_call;
            let is_planted = self.open.has(Gate::Planted) && matches!(op, Op::Locked(..));
            return matches!(op, Op::Work(_)) || is_known || is_planted;
        }
        if self.only_works {
            return matches!(op, Op::Work(_) | Op::Sleep(_) | Op::Caught(_) | Op::Phase(_))
                || matches!(op, Op::Panic) && self.is_caught;
        }
        if self.holds_worker && op.names_pool() {
            return false;
        }
        let is_free = !self.holds_lock && !self.in_isolate;
        let has = |gate| self.open.has(gate);
        match op {
            Op::Work(_) | Op::Sleep(_) | Op::Join(..) | Op::Loop(..) | Op::Caught(_) | Op::Phase(_) => true,
            Op::Scope(_, members) => members.iter().all(|member| self.allows_member(member.0)),
            Op::Spawn(_, Class::AgainstChain, _) => has(Gate::JobChains) && is_free && self.place == Place::Outside,
            Op::Spawn(..) => true,
            // What is joined within `isolate` is done by who joins it.
            Op::Task(None, End::Joined, _) if self.in_isolate && has(Gate::IsolatedTasks) => {
                self.place == Place::Worker
            }
            Op::Task(_, end, _) => !end.waits() || self.may_await(),
            Op::Passed(..) => has(Gate::ForeignJoins) && self.may_await() && is_free,
            // A pool has so many standby threads; with more waits than those, jobs run on top of waits, as is documented.
            Op::Chain(..) => has(Gate::EventChains) && self.may_await() && is_free && self.times == 1,
            Op::Future(..) | Op::Stream(..) | Op::SeqIter(..) | Op::AsyncStream(..) => self.may_await() && is_free,
            Op::Poll => has(Gate::SelfWaking) && self.may_await() && is_free,
            Op::Yield => is_free,
            Op::YieldUntil => {
                let by_worker = self.place == Place::Worker && has(Gate::YieldLoops);
                is_free && (by_worker || self.place == Place::Called && has(Gate::OutsideYields))
            }
            // Its threads belong to no pool, and what they do is all that is waited for.
            Op::Blocking(_) | Op::Workers(..) => !self.holds_lock,
            Op::Isolate(_) => !self.holds_lock,
            Op::Locked(..) => {
                let by_broadcast = !self.in_broadcast || has(Gate::BroadcastLocks);
                // Where a lock is held by a call from outside, few jobs want it: they must not take all workers.
                let by_number = !has(Gate::OutsideLocks) || self.times == 1;
                // So must not the worker that waits in an isolated call and the job that it waits for.
                let by_isolate = !has(Gate::OutsideLocks) || !self.in_isolate || self.begins_isolate;
                !self.holds_lock && by_broadcast && by_number && by_isolate
            }
            Op::Broadcast(_) => self.may_broadcast(),
            Op::Install(..) => is_free && (self.place != Place::Called || has(Gate::OutsideInstalls)),
            Op::NewPool(_, PoolEnd::ShutDown, _) => is_free && self.place == Place::Outside,
            Op::NewPool(threads, PoolEnd::LateThread, _) => {
                is_free && *threads > 1 && self.place == Place::Outside && has(Gate::LateThreads)
            }
            Op::NewPool(..) => is_free && (self.place != Place::Called || has(Gate::OutsideInstalls)),
            Op::Thread(_) => {
                let elsewhere = self.waits_elsewhere && self.place == Place::Worker && has(Gate::OutsideInstalls);
                is_free && (self.place == Place::Outside || elsewhere)
            }
            Op::Deep(..) => has(Gate::Deep) && self.place != Place::Called && self.times == 1,
            Op::Panic => self.is_caught && !self.in_broadcast,
        }
    }

    /// Whether a broadcast may be waited for.
    fn may_broadcast(&self) -> bool {
        !self.in_isolate && !self.holds_lock && !self.in_broadcast && !self.lacks_workers
    }

    fn allows_member(&self, member: Member) -> bool {
        match member {
            Member::Spawned | Member::High | Member::Low | Member::Nested | Member::TaskLeft | Member::Cancelled => {
                true
            }
            Member::TaskJoined => self.may_await(),
            Member::Broadcast => self.may_broadcast(),
            Member::BroadcastNested => self.may_broadcast() && self.open.has(Gate::BroadcastSpawns),
        }
    }

    /// The same for a part of an operation.
    pub(crate) fn inside(&self, op: &Op, part: usize) -> Self {
        let mut inside = Context { times: self.times * self.times_of(op).max(1), ..*self };
        let called = if self.place == Place::Worker { Place::Worker } else { Place::Called };
        match op {
            Op::Join(..) | Op::Loop(..) => inside.place = called,
            Op::Scope(kind, members) => {
                inside.place = if *kind == Kind::InPlace && called != self.place { Place::Worker } else { called };
                let member = members[part].0;
                inside.in_broadcast |= matches!(member, Member::Broadcast | Member::BroadcastNested);
                inside.is_caught |= matches!(member, Member::TaskLeft | Member::TaskJoined);
            }
            // The items are made by threads that are the iterator's own, as within `isolate`.
            Op::SeqIter(..) => {
                (inside.place, inside.pool, inside.in_isolate) = (Place::Worker, None, true);
            }
            Op::Stream(..) => {
                // The reader, from wherever it is, works on light items in a call of its own.
                inside.place = called;
            }
            Op::Spawn(pool, class, _) => {
                inside.detach(*pool);
                inside.is_caught = false;
                inside.in_broadcast = *class == Class::Broadcast;
            }
            Op::Task(pool, ..) | Op::Passed(pool, ..) => {
                let (in_isolate, in_broadcast) = (self.in_isolate, inside.in_broadcast);
                inside.detach(*pool);
                // What is joined there is a part of the isolated call.
                inside.in_isolate = in_isolate && !matches!(op, Op::Task(_, End::Detached | End::CancelledOnDrop, _));
                inside.in_broadcast = in_broadcast;
                inside.is_caught = true;
            }
            Op::Future(..) => {
                inside.detach(None);
                inside.is_caught = true;
            }
            // Its items are spawned, and their panics come out where it is read.
            Op::AsyncStream(polled, ..) => {
                inside.detach(None);
                inside.is_caught |= polled.reader == Reader::Future;
            }
            // Like a thread that is waited for.
            Op::Workers(..) => {
                inside.only_works |= self.place != Place::Outside;
                (inside.place, inside.pool, inside.is_caught) = (Place::Outside, None, true);
                (inside.in_isolate, inside.in_broadcast) = (false, false);
            }
            Op::Broadcast(_) => {
                inside.place = called_by(self.place);
                inside.in_broadcast = true;
            }
            Op::Blocking(_) if self.place == Place::Worker && !self.in_isolate => {
                (inside.place, inside.pool) = (Place::Either, None);
            }
            // A caller from outside may find all workers blocked on the lock, and has no place of its own to go on in.
            Op::Isolate(_) => {
                let is_called = self.place == Place::Called && self.open.has(Gate::CalledIsolates);
                let has_place = self.place == Place::Worker || is_called;
                (inside.in_isolate, inside.begins_isolate) = (true, has_place);
            }
            Op::Locked(..) => {
                inside.holds_lock = true;
                inside.locked_outside = self.place == Place::Outside;
                inside.lacks_workers |= inside.locked_outside;
                // With a lock that others of the same call may want, nothing parallel is begun.
                inside.in_isolate &= self.begins_isolate;
            }
            Op::Install(pool, _) => {
                inside.waits_elsewhere = self.place == Place::Called;
                (inside.place, inside.pool) = (Place::Worker, Some(*pool));
            }
            Op::NewPool(_, end, _) => {
                (inside.place, inside.pool) = (Place::Worker, None);
                inside.lacks_workers |= *end == PoolEnd::LateThread;
            }
            Op::Thread(_) => {
                (inside.place, inside.pool, inside.is_caught) = (Place::Outside, None, true);
                inside.holds_worker |= self.place == Place::Worker;
            }
            Op::Caught(_) => inside.is_caught = true,
            _ => {}
        }
        if !matches!(op, Op::Isolate(_) | Op::Caught(_) | Op::Phase(_) | Op::Deep(..)) {
            inside.begins_isolate = false;
        }
        inside
    }

    /// A job that is no part of what is done here.
    fn detach(&mut self, pool: Option<usize>) {
        self.place = Place::Worker;
        self.pool = pool.or(self.pool);
        (self.in_isolate, self.holds_lock, self.in_broadcast) = (false, false, false);
        (self.waits_elsewhere, self.holds_worker) = (false, false);
    }
}

/// Who runs a broadcast's jobs.
fn called_by(place: Place) -> Place {
    if place == Place::Called { Place::Called } else { Place::Worker }
}

fn count(program: &Program, is_it: fn(&Op) -> bool) -> usize {
    fn within(ops: &Body, is_it: fn(&Op) -> bool) -> usize {
        let parts = |op: &Op| op.bodies().into_iter().map(|part| within(part, is_it)).sum::<usize>();
        ops.iter().map(|op| usize::from(is_it(op)) + parts(op)).sum()
    }
    program.callers.iter().map(|ops| within(ops, is_it)).sum()
}

/// Whether the program is allowed.
pub(crate) fn allows(program: &Program, open: Open) -> bool {
    fn body(context: Context<'_>, ops: &Body) -> bool {
        ops.iter().all(|op| {
            let parts = op.bodies().into_iter().enumerate();
            context.allows(op) && parts.into_iter().all(|(place, part)| body(context.inside(op, place), part))
        })
    }
    // `yield_now` runs any job on top of its caller, also one that waits for the caller.
    let yields = program.has(|op| matches!(op, Op::Yield | Op::YieldUntil));
    let is_foreign = program.has(|op| matches!(op, Op::Passed(..) | Op::Chain(..) | Op::Poll));
    // What is done deep in a stack must not be as deep again.
    let is_deep_once = count(program, |op| matches!(op, Op::Deep(..))) <= 1;
    let locks = count(program, |op| matches!(op, Op::Locked(..)));
    let workers_suffice = !open.has(Gate::OutsideLocks) || program.global >= locks;
    is_deep_once
        && workers_suffice
        && !(yields && is_foreign)
        && program.callers.iter().all(|ops| body(Context::of_caller(program, open), ops))
}
