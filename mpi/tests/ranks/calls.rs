//! Every call, with every number of items from none on.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use paceline::NumThreadsRule;
use paceline::prelude::*;
use paceline_mpi::{AcrossRanks, InitError, World};

use crate::launch::DONE;

/// Numbers of items: none, one, fewer than ranks, as many as ranks of some runs, many.
const LENS: [usize; 6] = [0, 1, 2, 3, 5, 1000];

pub(crate) fn every_call() {
    let world = paceline_mpi::init().unwrap();
    for len in LENS {
        blocks(&world, len);
        reductions(&world, len);
        collections(&world, len);
        scattered(&world, len);
        streams(&world, len);
        drawn(&world, len);
    }
    counts(&world);
    refusals(&world);
    world.barrier();
    println!("{DONE}");
}

fn blocks(world: &World, len: usize) {
    let names: Vec<String> = (0..len).map(|n| format!("file {n}")).collect();
    let block = world.block(&names);
    let indices = block.indices();
    assert_eq!(block.len(), indices.len());
    assert!(block.map(String::as_str).eq(names[indices.clone()].par_iter().map(String::as_str)));
    assert!(world.block(0..len).rev().eq(indices.clone().into_par_iter().rev()));
    assert!(world.block(0..len).enumerate().all(|(place, n)| n == indices.start + place));
    let lens = world.combine_all(vec![indices.len()], |left, right| [left, right].concat());
    assert_eq!(lens.iter().sum::<usize>(), len);
    assert!(lens.iter().max().unwrap() - lens.iter().min().unwrap() <= 1);
}

fn reductions(world: &World, len: usize) {
    let sum: u64 = world.block(0..len).map(|n| n as u64).sum_all(world);
    assert_eq!(sum, (0..len as u64).sum());
    // The order of the items shows in a string.
    let text = world.block(0..len).map(|n| n.to_string()).reduce_all(world, String::new, |left, right| left + &right);
    assert_eq!(text, (0..len).map(|n| n.to_string()).collect::<String>());
    let even: usize = world.block(0..len).filter(|n| n % 2 == 0).map(|_| 1).sum_all(world);
    assert_eq!(even, len.div_ceil(2));
}

fn collections(world: &World, len: usize) {
    let squares: Vec<(usize, Option<String>)> =
        (0..len).map(|n| (n * n, (n % 3 == 0).then(|| n.to_string()))).collect();
    for root in 0..world.size() {
        let square = |n: usize| (n * n, (n % 3 == 0).then(|| n.to_string()));
        let all = world.block(0..len).map(square).collect_at(world, root);
        assert_eq!(all, (world.rank() == root).then(|| squares.clone()));
    }
    let odd = world.block(0..len).filter(|n| n % 2 == 1).collect_at(world, 0);
    assert_eq!(odd, (world.rank() == 0).then(|| (0..len).filter(|n| n % 2 == 1).collect()));
}

fn scattered(world: &World, len: usize) {
    let words: Vec<String> = (0..len).map(|n| format!("{n:x}")).collect();
    for root in 0..world.size() {
        let block = world.scatter(root, (world.rank() == root).then_some(&words[..]));
        assert_eq!(block.indices(), world.block(0..len).indices());
        assert!(block.clone().eq(words[block.indices()].to_vec()));
        assert_eq!(block.collect_at(world, root), (world.rank() == root).then(|| words.clone()));
    }
}

fn streams(world: &World, len: usize) {
    for (root, window) in [(0, 1), (world.size() - 1, 7), (world.size() / 2, 2000)] {
        let stream = || world.block(0..len).map(|n| vec![n; n % 4]).gather_ordered(world, root, window);
        let all: Option<Vec<Vec<usize>>> = stream().map(Iterator::collect);
        assert_eq!(all, (world.rank() == root).then(|| (0..len).map(|n| vec![n; n % 4]).collect()));
        // The rest of a stream that is dropped early is received, so that the next call finds nothing of it.
        let first = stream().and_then(|mut items| items.next());
        assert_eq!(first, (world.rank() == root && len > 0).then(Vec::new));
    }
}

fn drawn(world: &World, len: usize) {
    for grain in [1, 7, usize::MAX] {
        let runs: Vec<AtomicUsize> = (0..len).map(|_| AtomicUsize::new(0)).collect();
        world.dynamic(0..len, grain).for_each(|n| {
            runs[n].fetch_add(1, Ordering::Relaxed);
        });
        let runs = runs.into_iter().map(AtomicUsize::into_inner).collect();
        let add =
            |left: Vec<usize>, right: Vec<usize>| left.iter().zip(right).map(|(left, right)| left + right).collect();
        assert_eq!(world.combine_all(runs, add), vec![1; len], "each number is drawn once");
    }
    let sum: usize = world.dynamic(10..10 + len, 3).filter(|n| n % 5 != 0).sum_all(world);
    assert_eq!(sum, (10..10 + len).filter(|n| n % 5 != 0).sum());
    let mut all = world.dynamic(0..len, 4).collect_at(world, 0);
    if let Some(all) = &mut all {
        all.sort_unstable();
    }
    assert_eq!(all, (world.rank() == 0).then(|| (0..len).collect()));
}

/// A map of words as the value of a reduction.
fn counts(world: &World) {
    let words = ["row", "of", "riders", "row", "row", "of"];
    let counts = world.block(&words).map(|word| HashMap::from([(word.to_string(), 1_u64)])).reduce_all(
        world,
        HashMap::new,
        |mut left, right| {
            for (word, count) in right {
                *left.entry(word).or_insert(0) += count;
            }
            left
        },
    );
    let expected = [("row", 3), ("of", 2), ("riders", 1)].map(|(word, count)| (word.to_owned(), count));
    assert_eq!(counts, HashMap::from(expected));
}

/// The message of the panic of `f`.
fn panic_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).expect("a message")
}

fn refusals(world: &World) {
    assert_eq!(paceline_mpi::init().unwrap_err(), InitError::AlreadyInitialised);
    let elsewhere: [&(dyn Fn() + Sync); 3] =
        [&|| world.barrier(), &|| assert_eq!(world.dynamic(0..10, 1).count(), 0), &|| {
            assert_eq!((0..10).into_par_iter().sum_all::<usize>(world), 0)
        }];
    for call in elsewhere {
        let message = thread::scope(|scope| scope.spawn(|| panic_of(call)).join().unwrap());
        assert!(message.contains("make the call there"), "{message}");
    }
    let root = world.size();
    assert!(panic_of(|| _ = (0..1).into_par_iter().collect_at(world, root)).contains("the root is rank"));
    assert!(panic_of(|| _ = world.dynamic(0..1, 0)).contains("the grain"));
    // A stream that is still open forbids other calls; it need not be read at all.
    if let Some(stream) = world.block(0..100).gather_ordered(world, 0, 10) {
        assert!(panic_of(|| world.barrier()).contains("before the next call"));
        drop(stream);
    }
    // Closures may ask for the rank on any thread.
    assert!(world.block(0..100).map(|_| world.rank()).all(|rank| rank == world.rank()));
}

/// The processors are divided by the ranks that may use them, unless a variable says how many threads there are.
pub(crate) fn threads() {
    let own = thread::available_parallelism().map_or(1, |processors| processors.get());
    let variable = std::env::var("PACELINE_NUM_THREADS").ok();
    let world = paceline_mpi::init().unwrap();
    let sharing = world.ranks_on_processors();
    assert!((1..=world.size()).contains(&sharing));
    let metrics = paceline::metrics();
    match variable {
        Some(number) => {
            assert_eq!(metrics.num_threads.to_string(), number);
            assert_eq!(metrics.rule, NumThreadsRule::PacelineNumThreads);
        }
        None => {
            assert_eq!(metrics.num_threads, (own / sharing).max(1));
            assert_eq!(metrics.rule == NumThreadsRule::Builder, sharing > 1);
        }
    }
    assert_eq!(paceline::current_num_threads(), metrics.num_threads);
    println!("{DONE}");
}
