//! The library on the machine: right results, whatever the seed.

use crate::{completed, machines};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::sim::{self, Config, Schedule};
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// How many seeds, unless `SIM_SEEDS` says so, and the first of them, unless `SIM_FIRST_SEED` does.
fn seeds() -> std::ops::Range<u64> {
    let variable = |name, default| std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default);
    let first = variable("SIM_FIRST_SEED", 0);
    first..first + variable("SIM_SEEDS", if cfg!(debug_assertions) { 10 } else { 400 })
}

fn each_machine(program: fn()) {
    for config in machines(seeds()) {
        let (seed, cores, schedule) = (config.seed, config.cores, config.schedule);
        let report = completed(config, program);
        assert_eq!(report.left_over, [""; 0], "seed {seed}, {cores} cores, {schedule:?}");
    }
}

#[test]
fn joins() {
    fn sum(from: u64, to: u64) -> u64 {
        if to - from == 1 {
            sim::work(200);
            return from;
        }
        let middle = from + (to - from) / 2;
        let (a, b) = paceline::join(|| sum(from, middle), || sum(middle, to));
        a + b
    }
    each_machine(|| assert_eq!(sum(0, 50), 49 * 25));
}

#[test]
fn scopes_and_spawns() {
    each_machine(|| {
        let count = Arc::new(AtomicUsize::new(0));
        paceline::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|scope| {
                    sim::work(500);
                    scope.spawn(|_| {
                        count.fetch_add(1, Ordering::Relaxed);
                    });
                });
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 5);
        for _ in 0..5 {
            let count = Arc::clone(&count);
            paceline::spawn(move || {
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
        while count.load(Ordering::Relaxed) < 10 {
            sim::sleep(1_000);
        }
    });
}

#[test]
fn iterators() {
    each_machine(|| {
        let squares: Vec<u64> = (0..200_u64)
            .into_par_iter()
            .map(|n| {
                sim::work(n % 7 * 100);
                n * n
            })
            .collect();
        assert_eq!(squares, (0..200).map(|n| n * n).collect::<Vec<u64>>());
        let found = (0..100_u32).into_par_iter().find_first(|&n| {
            sim::work(100);
            n * n > 400
        });
        assert_eq!(found, Some(21));
    });
}

#[test]
fn tasks() {
    each_machine(|| {
        let handles: Vec<_> = (0..6_u64)
            .map(|n| {
                paceline::spawn_task(move || {
                    sim::work(300 * n);
                    n
                })
            })
            .collect();
        let sum: u64 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
        assert_eq!(sum, 15);
        let future = paceline::spawn_future(async { paceline::spawn_task(|| 5).await.unwrap() + 1 });
        assert_eq!(paceline::block_on(future).unwrap(), 6);
    });
}

#[test]
fn streams() {
    each_machine(|| {
        use paceline::ParallelMap;
        let doubled: Vec<u32> = (0..40_u32)
            .par_map_ordered(4, |n| {
                sim::work(u64::from(n % 5) * 300);
                n * 2
            })
            .collect();
        assert_eq!(doubled, (0..40).map(|n| n * 2).collect::<Vec<u32>>());
        use paceline::IntoSeqIterator;
        let items: Vec<u32> = (0..40_u32).into_par_iter().map(|n| n + 1).into_seq_iter(8).collect();
        assert_eq!(items, (1..=40).collect::<Vec<u32>>());
    });
}

#[test]
fn worker_pools() {
    use paceline::workers::{Order, WorkerPool};
    each_machine(|| {
        let work = |_: &mut (), n: u64| {
            sim::work(n % 3 * 400);
            n + 1
        };
        let builder = WorkerPool::builder().threads(2).capacity(2);
        let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
        let submitter = sim::spawn(move || {
            (0..20).for_each(|n| assert_eq!(pool.submit(n).unwrap(), n));
            pool.shutdown().unwrap();
        });
        let got: Vec<u64> = results.map(Result::unwrap).collect();
        assert_eq!(got, (1..=20).collect::<Vec<u64>>());
        submitter.join().unwrap();
    });
}

#[test]
fn pools_and_callers_from_outside() {
    each_machine(|| {
        let pool = Arc::new(paceline::ThreadPoolBuilder::new().num_threads(3).build().unwrap());
        let callers: Vec<_> = (0..3_u64)
            .map(|n| {
                let pool = Arc::clone(&pool);
                sim::spawn(move || pool.install(|| (0..20_u64).into_par_iter().map(|k| k * n).sum::<u64>()))
            })
            .collect();
        let sums: Vec<u64> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
        assert_eq!(sums, [0, 190, 380]);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            pool.install(|| paceline::join(|| sim::work(500), || std::panic::resume_unwind(Box::new(7_u8))))
        }));
        assert_eq!(*panicked.unwrap_err().downcast::<u8>().unwrap(), 7);
        Arc::into_inner(pool).unwrap().shutdown();
    });
}

/// A thread whose future has woken itself lets another job go first. That job may wait for the future's own job, so it does not
/// run on top of it.
#[test]
fn a_future_that_has_woken_itself_has_no_stranger_on_top() {
    each_machine(|| {
        let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        // Whether the first job has ended, and who waits for that.
        let first = Arc::new(Mutex::new((false, Vec::<Waker>::new())));
        let ended = Arc::new(AtomicUsize::new(0));
        for job in 0..4 {
            let (first, ended) = (Arc::clone(&first), Arc::clone(&ended));
            pool.spawn(move || {
                if job == 0 {
                    let mut polls = 0;
                    paceline::block_on(poll_fn(|context| {
                        polls += 1;
                        context.waker().wake_by_ref();
                        if polls > 3 { Poll::Ready(()) } else { Poll::Pending }
                    }));
                    let wakers = {
                        let mut first = first.lock().unwrap();
                        first.0 = true;
                        std::mem::take(&mut first.1)
                    };
                    wakers.into_iter().for_each(Waker::wake);
                } else {
                    paceline::block_on(poll_fn(|context| {
                        let waker = context.waker().clone();
                        let mut first = first.lock().unwrap();
                        first.1.push(waker);
                        if first.0 { Poll::Ready(()) } else { Poll::Pending }
                    }));
                }
                ended.fetch_add(1, Ordering::Relaxed);
            });
        }
        pool.shutdown();
        assert_eq!(ended.load(Ordering::Relaxed), 4);
    });
}

/// The machines with a schedule that lets each thread go on.
fn fair_machines() -> impl Iterator<Item = Config> {
    machines(seeds()).filter(|config| matches!(config.schedule, Schedule::Uniform | Schedule::Discrete))
}

/// Calls `search` in a pool of 2 to 4 threads.
fn each_fair_pool(search: fn() -> bool) {
    for config in fair_machines() {
        let threads = 2 + config.seed as usize % 3;
        completed(config, move || {
            let pool = paceline::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert!(pool.install(search));
            pool.shutdown();
        });
    }
}

/// Nearly all parts of this search have no end and find nothing: only the oldest fork ends it. So an idle worker must take the
/// oldest of another's forks, never a younger one before it.
#[test]
fn a_search_without_an_end_finds_its_oldest_fork() {
    const LEN: usize = 1 << 20;
    each_fair_pool(|| {
        let items = (0..LEN).into_par_iter().with_max_len(64).flat_map(|outer| {
            (0..LEN).into_par_iter().with_max_len(64).map(move |inner| {
                sim::work(50);
                outer * LEN + inner
            })
        });
        items.find_any(|item| *item > LEN * LEN / 2).is_some()
    });
}

/// As above, in a loop of unknown length.
#[test]
fn a_search_of_unknown_length_finds_its_oldest_fork() {
    const LEN: u64 = 1 << 60;
    each_fair_pool(|| {
        let items = (0..LEN).into_par_iter().inspect(|_| sim::work(50));
        items.find_any(|item| *item > LEN / 2).is_some()
    });
}

/// The last items of a stream wait for one another, and its window has room for all, so each must get a thread. Those before them
/// are light, and are mapped several at a time.
#[test]
fn items_that_wait_for_one_another_meet_in_a_stream() {
    const LAST: usize = 4;
    const ITEMS: usize = 32;
    for mut config in fair_machines().step_by(3) {
        config.most_steps = 1_000_000;
        let [is_ordered, is_within] = [2, 4].map(|bit| config.seed & bit != 0);
        completed(config, move || {
            let pool = paceline::ThreadPoolBuilder::new().num_threads(LAST).build().unwrap();
            for _ in 0..3 {
                let met = Arc::new(AtomicUsize::new(0));
                let meet = move |number: usize| {
                    if number >= ITEMS - LAST {
                        met.fetch_add(1, Ordering::Relaxed);
                        while met.load(Ordering::Relaxed) < LAST {
                            sim::work(1_000);
                        }
                    }
                    number
                };
                let mut stream: Box<dyn Iterator<Item = usize> + Send> =
                    pool.install(|| -> Box<dyn Iterator<Item = _> + Send> {
                        let items = 0..ITEMS;
                        if is_ordered {
                            Box::new(items.par_map_ordered(ITEMS, meet))
                        } else {
                            Box::new(items.par_map_unordered(ITEMS, meet))
                        }
                    });
                let mut results: Vec<usize> =
                    if is_within { pool.install(|| stream.by_ref().collect()) } else { stream.by_ref().collect() };
                results.sort_unstable();
                assert!(results.into_iter().eq(0..ITEMS));
            }
            pool.shutdown();
        });
    }
}
