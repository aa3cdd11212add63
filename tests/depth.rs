//! Loops take a bounded part of the stack, however often they are split while they run.

use paceline::extra::prelude::*;
use paceline::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use paceline::iter::{walk_tree, walk_tree_postfix, walk_tree_prefix};
use paceline::prelude::*;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// How far the frames of a loop's items may lie apart, in bytes. Unoptimised ones are large.
const SPAN: usize = 64 * 1024;

/// How large the threads' stacks are.
const STACK: usize = 1 << 20;

/// The end of a test that hangs, far beyond any real wait.
const WATCHDOG: Duration = Duration::from_secs(60);

/// How often another thread is to take a share.
const SHARES: usize = 1000;

/// How long an item waits at most for another thread to take a share.
const PATIENCE: Duration = Duration::from_millis(1);

fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build().unwrap()
}

/// The lowest and the highest address at which each thread has run an item.
#[derive(Default)]
struct Stacks(Mutex<HashMap<ThreadId, (usize, usize)>>);

impl Stacks {
    /// To be called by items.
    fn note(&self) {
        let here = 0_u8;
        let address = ptr::from_ref(&here).addr();
        let mut stacks = self.0.lock().unwrap();
        let (low, high) = stacks.entry(thread::current().id()).or_insert((address, address));
        (*low, *high) = ((*low).min(address), (*high).max(address));
    }

    #[track_caller]
    fn assert_within(self, span: usize) {
        for (low, high) in self.0.into_inner().unwrap().into_values() {
            assert!(high - low <= span, "the frames of items lie {} bytes apart", high - low);
        }
    }
}

/// Has one thread run an item of the long kind only when another has run one of the short kind.
#[derive(Default)]
struct Exchange {
    state: Mutex<(Option<ThreadId>, usize)>,
    ran_elsewhere: Condvar,
    shares: AtomicUsize,
}

impl Exchange {
    fn run_long(&self) {
        let mut state = self.state.lock().unwrap();
        *state = (Some(thread::current().id()), 0);
        let (state, _) = self.ran_elsewhere.wait_timeout_while(state, PATIENCE, |state| state.1 == 0).unwrap();
        self.shares.fetch_add(usize::from(state.1 > 0), SeqCst);
    }

    fn run_short(&self) {
        let mut state = self.state.lock().unwrap();
        if state.0 != Some(thread::current().id()) {
            state.1 += 1;
            self.ran_elsewhere.notify_all();
        }
    }

    fn are_enough(&self) -> bool {
        self.shares.load(SeqCst) >= SHARES
    }
}

/// All of the tree is below a long path, at each node of which another thread gets what lies beside it.
#[test]
fn a_walk_down_a_path_that_is_split_again_and_again() {
    let (exchange, stacks) = (Exchange::default(), Stacks::default());
    let children_of = |&(is_path, number): &(bool, usize)| match is_path && !exchange.are_enough() {
        true => vec![(true, number + 1), (false, number)],
        false => vec![],
    };
    let visit = |&(is_path, _): &(bool, usize)| {
        stacks.note();
        if is_path { exchange.run_long() } else { exchange.run_short() }
    };
    let nodes: Vec<_> = pool_of(2).install(|| walk_tree_prefix((true, 0), children_of).inspect(visit).collect());
    stacks.assert_within(SPAN);
    // Down the path, and back along the others.
    let last = nodes.len() / 2;
    let path = (0..=last).map(|number| (true, number));
    assert!(nodes.into_iter().eq(path.chain((0..last).rev().map(|number| (false, number)))));
}

/// Splits off one item after another, and gives one at a time.
struct Peel<'e> {
    range: Range<usize>,
    splits: &'e AtomicUsize,
}

impl UnindexedProducer for Peel<'_> {
    type Item = usize;

    fn split(self) -> (Self, Option<Self>) {
        let Range { start, end } = self.range;
        if end - start < 2 {
            return (self, None);
        }
        self.splits.fetch_add(1, SeqCst);
        (Peel { range: start..start + 1, ..self }, Some(Peel { range: start + 1..end, ..self }))
    }

    fn fold_with<F: Folder<usize>>(self, folder: F) -> F {
        folder.consume_iter(self.range)
    }

    fn fold_some<F: Folder<usize>>(self, _: usize, folder: F) -> (F, Option<Self>) {
        let Range { start, end } = self.range;
        if self.splits.load(SeqCst) >= SHARES {
            return (folder.consume_iter(start..end), None);
        }
        let folder = folder.consume(start);
        (folder, (start + 1 < end).then_some(Peel { range: start + 1..end, ..self }))
    }
}

impl ParallelIterator for Peel<'_> {
    type Item = usize;

    fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }
}

/// What is split off is nearly all, each time, and whoever has it is asked for a share in its turn. So each of two threads
/// waits for the other, and takes a share of what it waits for, upon the frame that waits. That ends at half of the stack.
#[test]
fn a_loop_that_gives_nearly_all_away_again_and_again() {
    const LEN: usize = 1 << 18;
    let pool = pool_of(2);
    let begun = Instant::now();
    while begun.elapsed() < WATCHDOG {
        let (splits, stacks) = (AtomicUsize::new(0), Stacks::default());
        let visit = |_: &usize| {
            if splits.load(SeqCst) < SHARES {
                stacks.note();
                thread::yield_now();
            }
        };
        let numbers = Peel { range: 0..LEN, splits: &splits }.inspect(visit);
        let collected: Vec<_> = pool.install(|| numbers.collect());
        stacks.assert_within(STACK / 2 + SPAN);
        assert!(collected.into_iter().eq(0..LEN));
        if splits.into_inner() >= SHARES / 10 {
            return;
        }
    }
    panic!("no worker ever asked for as many shares");
}

/// A part of known length is halved, so it nests no deeper than the logarithm of its length.
#[test]
fn loops_of_known_length() {
    const LEN: usize = 100_000;
    let check = |run: &(dyn Fn(&Stacks) -> usize + Sync)| {
        let stacks = Stacks::default();
        assert_eq!(pool_of(2).install(|| run(&stacks)), LEN);
        stacks.assert_within(SPAN);
    };
    let numbers = || (0..LEN).into_par_iter();
    check(&|stacks| numbers().inspect(|_| stacks.note()).count());
    check(&|stacks| numbers().inspect(|_| stacks.note()).with_max_len(1).count());
    check(&|stacks| numbers().inspect(|_| stacks.note()).by_exponential_blocks().count());
    check(&|stacks| numbers().inspect(|_| stacks.note()).by_uniform_blocks(100).count());
    check(&|stacks| numbers().chunks(100).inspect(|_| stacks.note()).flat_map(|chunk| chunk).count());
    check(&|stacks| (0..100_u64).into_par_iter().flat_map(|_| 0..1000).inspect(|_| stacks.note()).count());
    check(&|stacks| numbers().inspect(|_| stacks.note()).deterministic().map(|n| n).collect::<Vec<_>>().len());
}

/// A tree without branches is as deep as it has nodes.
#[test]
fn a_deep_thin_tree() {
    const DEPTH: usize = 100_000;
    let child_of = |&number: &usize| (number < DEPTH).then_some(number + 1);
    let pool = pool_of(2);
    let prefix: Vec<_> = pool.install(|| walk_tree_prefix(0, child_of).collect());
    assert!(prefix.into_iter().eq(0..=DEPTH));
    let postfix: Vec<_> = pool.install(|| walk_tree_postfix(0, child_of).collect());
    assert!(postfix.into_iter().eq((0..=DEPTH).rev()));
    assert_eq!(pool.install(|| walk_tree(0, child_of).count()), DEPTH + 1);
    // What is not walked any more is dropped.
    assert!(pool.install(|| walk_tree(0, child_of).find_any(|_| true)).is_some());
}

/// A tree without an end is walked as far as anybody wants.
#[test]
fn a_path_without_an_end() {
    for threads in [1, 2] {
        let walk = || walk_tree_prefix(0_usize, |&number| [number + 1]).find_first(|&number| number == 10_000);
        assert_eq!(pool_of(threads).install(walk), Some(10_000));
    }
}
