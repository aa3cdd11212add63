//! Makes a program from a seed.

use super::program::{
    Body, Class, End, Input, Kind, Member, Op, Order, Polled, PoolEnd, Program, Reader, Wait, Workers, WorkersEnd,
};
use super::rules::{Context, Gate, Open, allows};
use crate::dice::Dice;
use std::sync::Arc;

/// The program of a seed, in which the kinds of the open gates may be.
pub(crate) fn generate(seed: u64, open: Open) -> Program {
    let mut dice = Dice::of(seed);
    let pools = (0..dice.below(3)).map(|_| size_of_pool(&mut dice)).collect();
    let global = size_of_pool(&mut dice);
    let frame = Program { global, pools, callers: Vec::new() };
    let callers = 1 + [0, 0, 1, 1, 2, 3][dice.below(6)];
    let mut maker = Maker { yields: dice.one_in(3), left: 4 + dice.below(30), is_deep: false, dice, open };
    let callers = (0..callers).map(|_| maker.body(Context::of_caller(&frame, open), 4)).collect();
    let program = Program { callers, ..frame };
    if allows(&program, open) { program } else { Program { callers: vec![empty()], ..program } }
}

fn size_of_pool(dice: &mut Dice) -> usize {
    [1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8][dice.below(12)]
}

const ORDERS: [Order; 2] = [Order::Kept, Order::AsDone];
const WAITS: [Wait; 4] = [Wait::BlockOn, Wait::Join, Wait::Blocking, Wait::AsyncBlock];

struct Maker {
    dice: Dice,
    /// Whether there may be yields in the program, and then no waits for what others were to do.
    yields: bool,
    /// How many operations there may still be.
    left: usize,
    /// Whether a call deep in the stack is in the program: one is enough.
    is_deep: bool,
    open: Open,
}

fn empty() -> Body {
    Arc::new(Vec::new())
}

impl Maker {
    fn body(&mut self, context: Context<'_>, depth: usize) -> Body {
        let most = if depth == 0 { 1 } else { 4 };
        Arc::new((0..self.dice.below(most + 1)).map(|_| self.op(context, depth)).collect())
    }

    fn op(&mut self, context: Context<'_>, depth: usize) -> Op {
        let work = Op::Work(self.dice.pick(&[1, 3, 10, 40, 300]));
        if depth == 0 || self.left == 0 {
            return work;
        }
        self.left -= 1;
        for _ in 0..6 {
            let pools = context.number_of_pools();
            let wanted = if self.dice.one_in(3) { self.of_open_gate(pools) } else { None };
            let op = wanted.unwrap_or_else(|| self.without_parts(pools));
            if context.allows(&op) && self.fits(&op) {
                self.is_deep |= matches!(op, Op::Deep(..));
                let parts = op.bodies().len();
                return (0..parts).fold(op, |op, place| {
                    let part = self.body(context.inside(&op, place), depth - 1);
                    op.with_body(place, part)
                });
            }
        }
        work
    }

    fn fits(&self, op: &Op) -> bool {
        match op {
            Op::Yield | Op::YieldUntil => self.yields,
            Op::Passed(..) | Op::Chain(..) | Op::Poll => !self.yields,
            Op::Deep(..) => !self.is_deep,
            _ => true,
        }
    }

    /// An operation whose parts are empty.
    fn without_parts(&mut self, pools: usize) -> Op {
        let dice = &mut self.dice;
        let pool = if pools > 0 && dice.one_in(3) { Some(dice.below(pools)) } else { None };
        let few = |dice: &mut Dice| 1 + dice.below(5) as u32;
        let end = |dice: &mut Dice| {
            let ends = [End::Joined, End::Joined, End::Joined, End::BlockedOn, End::Detached, End::Cancelled];
            if dice.one_in(4) { dice.pick(&[End::CancelledOnDrop, End::CancelledByToken]) } else { dice.pick(&ends) }
        };
        match dice.below(42) {
            0..=3 => Op::Join(empty(), empty()),
            4..=7 => Op::Scope(dice.pick(&[Kind::Lifo, Kind::Fifo, Kind::InPlace]), self.members()),
            8 | 9 => Op::Loop(1 + dice.below(12) as u32, empty()),
            10 => {
                let items = 1 + dice.below(8) as u32;
                Op::Stream(few(dice), items, dice.below(items as usize + 2) as u32, empty())
            }
            11 => Op::SeqIter(few(dice), 1 + dice.below(8) as u32, empty()),
            12..=14 => {
                let classes =
                    [Class::Plain, Class::Fifo, Class::High, Class::Low, Class::Broadcast, Class::AgainstChain];
                Op::Spawn(pool, dice.pick(&classes), empty())
            }
            15 => Op::Broadcast(empty()),
            16..=18 => Op::Task(pool, end(dice), empty()),
            19 => Op::Passed(pool, empty(), empty()),
            20 => Op::Future(end(dice), vec![empty(); dice.below(3)]),
            21 => Op::Chain(pool, dice.pick(&WAITS), few(dice)),
            22 | 23 => Op::Blocking(empty()),
            24 | 25 => Op::Isolate(empty()),
            26 | 27 => Op::Locked(dice.below(2), empty()),
            28 | 29 if pools > 0 => Op::Install(dice.below(pools), empty()),
            30 => Op::NewPool(
                1 + dice.below(3),
                dice.pick(&[PoolEnd::Dropped, PoolEnd::ShutDown, PoolEnd::LateThread]),
                empty(),
            ),
            31 => [Op::Yield, Op::YieldUntil, Op::Poll][dice.below(3)].clone(),
            32 => Op::Thread(empty()),
            33 => Op::Deep(200 + 100 * dice.below(13) as u32, empty()),
            34 => Op::Panic,
            35 => Op::Caught(empty()),
            36 => Op::Sleep(few(dice) * 10),
            37 | 38 => {
                let items = 1 + dice.below(8) as u32;
                let polled = Polled {
                    input: dice.pick(&[Input::AtOnce, Input::FromTasks]),
                    results: dice.pick(&ORDERS),
                    reader: dice.pick(&[Reader::BlockOn, Reader::Future]),
                };
                Op::AsyncStream(polled, few(dice), items, dice.below(items as usize + 2) as u32, empty())
            }
            39 => {
                let ends = [WorkersEnd::Dropped, WorkersEnd::Closed, WorkersEnd::ShutDown, WorkersEnd::ShutDownNow];
                let workers = Workers {
                    threads: 1 + dice.below(3) as u32,
                    capacity: few(dice),
                    results: dice.pick(&[None, Some(ORDERS[0]), Some(ORDERS[1])]),
                    end: dice.pick(&ends),
                };
                Op::Workers(workers, 1 + dice.below(8) as u32, empty())
            }
            40 => Op::Phase(empty()),
            _ => Op::Work(dice.pick(&[1, 5, 50, 500])),
        }
    }

    /// An operation that is there for the sake of a gate that is open.
    fn of_open_gate(&mut self, pools: usize) -> Option<Op> {
        let pool = if pools > 0 && self.dice.one_in(2) { Some(self.dice.below(pools)) } else { None };
        let lock = Op::Locked(0, empty());
        let ops = match self.open.first()? {
            Gate::OutsideAwaits => vec![Op::Task(None, End::BlockedOn, empty())],
            Gate::OutsideYields | Gate::YieldLoops => vec![Op::YieldUntil, Op::Blocking(empty())],
            Gate::BroadcastSpawns => vec![Op::Scope(Kind::Lifo, vec![(Member::BroadcastNested, empty())])],
            Gate::OutsideInstalls => vec![Op::Install(pool?, empty()), Op::Thread(empty())],
            Gate::IsolatedTasks => vec![Op::Isolate(empty()), Op::Task(None, End::Joined, empty()), lock],
            Gate::OutsideLocks => {
                let scope = Op::Scope(Kind::Lifo, vec![(Member::Nested, empty())]);
                vec![Op::Spawn(None, Class::High, empty()), scope, lock]
            }
            Gate::BroadcastLocks => vec![Op::Spawn(None, Class::Broadcast, empty()), Op::Isolate(empty()), lock],
            Gate::SelfWaking => vec![Op::Poll],
            Gate::JobChains => vec![Op::Spawn(pool, Class::AgainstChain, empty())],
            Gate::ForeignJoins | Gate::EventChains | Gate::Deep => return None,
            Gate::LateThreads => vec![Op::NewPool(2, PoolEnd::LateThread, empty())],
            Gate::CalledIsolates => vec![Op::Isolate(empty()), lock, Op::Loop(1, empty())],
            Gate::Planted => vec![Op::Locked(self.dice.below(2), empty())],
        };
        Some(ops[self.dice.below(ops.len())].clone())
    }

    fn members(&mut self) -> Vec<(Member, Body)> {
        let all = [
            Member::Spawned,
            Member::High,
            Member::Low,
            Member::Nested,
            Member::Broadcast,
            Member::BroadcastNested,
            Member::TaskJoined,
            Member::TaskLeft,
            Member::Cancelled,
        ];
        (0..self.dice.below(4)).map(|_| (self.dice.pick(&all), empty())).collect()
    }
}
