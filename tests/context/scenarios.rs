//! Where work must find the context of the thread that forked or spawned it, whatever kind of context it is.

use crate::meeting::{Gate, WATCHDOG, join_with_theft, receive};
use crate::sharing::{LEN, assert_that_it_is_split};
use paceline::prelude::*;
use paceline::workers::WorkerPool;
use paceline::{IntoSeqIterator, ParallelMap, Priority, ThreadPool, ThreadPoolBuilder, Yield};
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Instant;

/// A kind of context: a name that is set on a thread, or none.
pub(crate) trait Setting: 'static {
    /// Has it carried.
    fn prepare();

    /// Calls `f` with the name set.
    fn within<R>(name: &'static str, f: impl FnOnce() -> R) -> R;

    /// The name that is set.
    fn current() -> Option<&'static str>;
}

/// The names that the settings know.
pub(crate) const NAMES: [&str; 3] = ["red", "green", "blue"];

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// Declares a test of each scenario for a [`Setting`].
macro_rules! scenarios {
    ($setting:ty: $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                <$setting as crate::scenarios::Setting>::prepare();
                crate::scenarios::$name::<$setting>();
            }
        )*
    };
    ($setting:ty) => {
        crate::scenarios::scenarios! { $setting:
            parts_of_a_loop_that_another_thread_took
            both_halves_of_a_join_that_was_stolen
            a_half_that_was_published_in_an_inner_context
            a_tree_of_joins
            a_tree_of_joins_from_outside
            jobs_of_a_scope
            spawned_jobs
            broadcasts
            jobs_of_strangers_on_top_of_a_wait
            two_callers
            tasks
            a_task_that_runs_where_it_is_joined
            a_future_whichever_thread_wakes_it
            streams
            streams_whose_items_wait_for_one_another
            scoped_streams
            sequential_iterators
            worker_pools
        }
    };
}
pub(crate) use scenarios;

pub(crate) fn parts_of_a_loop_that_another_thread_took<S: Setting>() {
    assert_that_it_is_split(|watcher| {
        S::within("red", || {
            (0..LEN).into_par_iter().for_each(|number| {
                assert_eq!(S::current(), Some("red"));
                watcher.visit(number);
                assert_eq!(S::current(), Some("red"));
            });
            let doubled: Vec<usize> = (0..LEN).into_par_iter().filter(|n| n % 2 == 0).map(|n| n * 2).collect();
            assert_eq!(doubled.len(), LEN / 2);
        });
    });
}

pub(crate) fn both_halves_of_a_join_that_was_stolen<S: Setting>() {
    let pool = pool(2);
    S::within("red", || {
        let (first, second) = join_with_theft(&pool, |_| S::current(), |_| S::current());
        assert_eq!((first, second), (Some("red"), Some("red")));
        assert_eq!(S::current(), Some("red"));
    });
    assert_eq!(join_with_theft(&pool, |_| S::current(), |_| S::current()), (None, None));
    assert_eq!(pool.broadcast(|_| S::current()), [None, None]);
}

/// The first half forks in another context until the second half is taken: those forks publish it.
pub(crate) fn a_half_that_was_published_in_an_inner_context<S: Setting>() {
    let pool = pool(2);
    (0..50).for_each(|_| publish_in_an_inner_context::<S>(&pool));
}

pub(crate) fn publish_in_an_inner_context<S: Setting>(pool: &ThreadPool) {
    pool.install(|| {
        S::within("red", || {
            // Forks that no thread wants are over before a thread has asked for one, so that none asks when the next is made.
            (0..100).for_each(|_| _ = paceline::join(|| (), || ()));
            let is_taken = AtomicBool::new(false);
            let fork_until_it_is_taken = || {
                S::within("green", || {
                    let begun = Instant::now();
                    while !is_taken.load(SeqCst) {
                        assert!(begun.elapsed() < WATCHDOG, "no thread ever took the second half");
                        let halves = S::within("blue", || paceline::join(S::current, S::current));
                        assert_eq!(halves, (Some("blue"), Some("blue")));
                        thread::yield_now();
                    }
                    S::current()
                })
            };
            let second = |context: paceline::FnContext| {
                is_taken.store(true, SeqCst);
                (context.migrated(), S::current())
            };
            let (first, second) = paceline::join_context(|_| fork_until_it_is_taken(), second);
            assert_eq!((first, second), (Some("green"), (true, Some("red"))));
            assert_eq!(S::current(), Some("red"));
        });
    });
}

/// Each call has a context of its own, which its halves find.
pub(crate) fn tree<S: Setting>(depth: usize, name: &'static str) -> usize {
    assert_eq!(S::current(), Some(name));
    if depth == 0 {
        return 1;
    }
    let child = |half: usize| {
        assert_eq!(S::current(), Some(name));
        let inner = NAMES[(depth + half) % NAMES.len()];
        let leaves = S::within(inner, || tree::<S>(depth - 1, inner));
        assert_eq!(S::current(), Some(name));
        leaves
    };
    let (left, right) = paceline::join(|| child(0), || child(1));
    assert_eq!(S::current(), Some(name));
    left + right
}

pub(crate) fn a_tree_of_joins<S: Setting>() {
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        assert_eq!(S::within("red", || pool.install(|| tree::<S>(10, "red"))), 1 << 10);
        assert_eq!(pool.install(S::current), None);
    }
}

pub(crate) fn a_tree_of_joins_from_outside<S: Setting>() {
    assert_eq!(S::within("red", || tree::<S>(10, "red")), 1 << 10);
    assert_eq!(paceline::broadcast(|_| S::current()), vec![None; paceline::current_num_threads()]);
}

pub(crate) fn jobs_of_a_scope<S: Setting>() {
    for threads in [1, 2] {
        let pool = pool(threads);
        let (tell, told) = channel();
        S::within("red", || {
            pool.scope(|s| {
                let expect = |name: &'static str| {
                    let tell = tell.clone();
                    move || tell.send((S::current(), name)).unwrap()
                };
                for _ in 0..10 {
                    let (red, green, blue, all) = (expect("red"), expect("green"), expect("blue"), expect("blue"));
                    s.spawn(move |s| {
                        red();
                        S::within("blue", || s.spawn(move |_| blue()));
                    });
                    S::within("green", || s.spawn(move |_| green()));
                    S::within("blue", || s.spawn_broadcast(move |_, _| all()));
                }
                assert_eq!(S::current(), Some("red"));
            });
            assert_eq!(S::current(), Some("red"));
        });
        drop(tell);
        let told: Vec<_> = told.iter().collect();
        assert_eq!(told.len(), 10 * (3 + threads));
        told.into_iter().for_each(|(found, name)| assert_eq!(found, Some(name)));
    }
}

pub(crate) fn spawned_jobs<S: Setting>() {
    let pool = pool(2);
    let (tell, told) = channel();
    let expect = |name: &'static str| {
        let tell = tell.clone();
        move || tell.send((S::current(), name)).unwrap()
    };
    let spawn_all = |name| {
        // More than fits into the memory for small jobs.
        let large = [7_u8; 200];
        let job = expect(name);
        pool.spawn(move || {
            assert_eq!(large, [7; 200]);
            job();
        });
        pool.spawn(expect(name));
        pool.spawn_fifo(expect(name));
        pool.spawn_with(Priority::High, expect(name));
        pool.spawn_with(Priority::Low, expect(name));
        let job = expect(name);
        pool.spawn_broadcast(move |_| job());
    };
    S::within("red", || spawn_all("red"));
    S::within("blue", || pool.install(|| S::within("green", || spawn_all("green"))));
    let none = pool.spawn_task(S::current);
    for _ in 0..2 * 7 {
        let (found, name) = receive(&told, "a spawned job");
        assert_eq!(found, Some(name));
    }
    assert_eq!(none.join().unwrap(), None);
}

pub(crate) fn broadcasts<S: Setting>() {
    let pool = pool(3);
    assert_eq!(S::within("red", || pool.broadcast(|_| S::current())), [Some("red"); 3]);
    assert_eq!(S::within("red", || pool.install(|| pool.broadcast(|_| S::current()))), [Some("red"); 3]);
    assert_eq!(pool.broadcast(|_| S::current()), [None; 3]);
}

pub(crate) fn jobs_of_strangers_on_top_of_a_wait<S: Setting>() {
    let pool = pool(1);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let spawn_from_outside = |name: Option<&'static str>| {
        let seen = Arc::clone(&seen);
        let spawn = || pool.spawn(move || seen.lock().unwrap().push(S::current()));
        thread::scope(|threads| {
            threads.spawn(|| match name {
                Some(name) => S::within(name, spawn),
                None => spawn(),
            });
        });
    };
    pool.install(|| {
        S::within("red", || {
            S::within("green", || {
                // The last is the context of a frame that the job runs on top of, but not of the top one.
                for name in [None, Some("blue"), Some("green"), Some("red")] {
                    spawn_from_outside(name);
                    assert_eq!(paceline::yield_now(), Some(Yield::Executed));
                    assert_eq!(*seen.lock().unwrap().last().unwrap(), name);
                    assert_eq!(S::current(), Some("green"));
                }
            });
            assert_eq!(S::current(), Some("red"));
        });
        assert_eq!(S::current(), None);
    });
}

pub(crate) fn two_callers<S: Setting>() {
    let pool = pool(4);
    let (red_began, blue_began) = (Gate::default(), Gate::default());
    let call = |name, own: &Gate, other: &Gate| {
        S::within(name, || {
            pool.install(|| {
                own.open();
                other.pass("the other call");
                (0..10_000).into_par_iter().with_max_len(10).for_each(|_| {
                    assert_eq!(S::current(), Some(name));
                    paceline::join(|| assert_eq!(S::current(), Some(name)), || assert_eq!(S::current(), Some(name)));
                });
            });
        });
    };
    thread::scope(|threads| {
        threads.spawn(|| call("red", &red_began, &blue_began));
        threads.spawn(|| call("blue", &blue_began, &red_began));
    });
}

pub(crate) fn tasks<S: Setting>() {
    let pool = pool(2);
    let red = S::within("red", || pool.spawn_task(S::current));
    let green = S::within("green", || pool.spawn_task_with(Priority::Low, S::current));
    let none = pool.spawn_task(S::current);
    S::within("blue", || {
        assert_eq!(red.join().unwrap(), Some("red"));
        assert_eq!(green.join().unwrap(), Some("green"));
        assert_eq!(none.join().unwrap(), None);
        let scoped = pool.scope(|s| S::within("red", || s.spawn_task(|_| S::current())).join().unwrap());
        assert_eq!(scoped, Some("red"));
    });
}

pub(crate) fn a_task_that_runs_where_it_is_joined<S: Setting>() {
    pool(1).install(|| {
        S::within("red", || {
            let first = S::within("blue", || paceline::spawn_task(S::current));
            let second = S::within("green", || paceline::spawn_task(S::current));
            // Neither is begun by another thread, and the first is not at the top of the queue.
            assert_eq!(first.join().unwrap(), Some("blue"));
            assert_eq!(S::current(), Some("red"));
            assert_eq!(second.join().unwrap(), Some("green"));
            assert_eq!(S::current(), Some("red"));
        });
    });
}

pub(crate) fn a_future_whichever_thread_wakes_it<S: Setting>() {
    let pool = pool(2);
    let mut polls = Vec::new();
    let future = poll_fn(move |context| {
        polls.push(S::current());
        if polls.len() == 3 {
            return Poll::Ready(polls.clone());
        }
        let waker = context.waker().clone();
        thread::spawn(|| S::within("blue", || waker.wake()));
        Poll::Pending
    });
    let handle = S::within("green", || pool.spawn_future(future));
    assert_eq!(handle.join().unwrap(), [Some("green"); 3]);
}

/// A stream that is made in one context and consumed in another.
pub(crate) fn streams<S: Setting>() {
    let input = || (0..500).inspect(|_| assert_eq!(S::current(), Some("red")));
    let check = |n: usize| {
        assert_eq!(S::current(), Some("red"));
        paceline::join(|| assert_eq!(S::current(), Some("red")), || assert_eq!(S::current(), Some("red")));
        // Now and then an item is so long that other threads are asked to help.
        if n % 100 == 7 { (0..100_000).fold(n, |sum, k| sum ^ k) } else { n }
    };
    let consume = |stream: &mut dyn Iterator<Item = usize>| {
        S::within("blue", || {
            let mut items = 0;
            for _ in stream {
                assert_eq!(S::current(), Some("blue"));
                items += 1;
            }
            assert_eq!(items, 500);
        });
    };
    consume(&mut S::within("red", || input().par_map_ordered(16, check)));
    let pool = pool(2);
    consume(&mut S::within("red", || pool.install(|| input().par_map_ordered(16, check))));
    let mut inside = S::within("red", || pool.install(|| input().par_map_unordered(16, check)));
    pool.install(|| consume(&mut inside));
    consume(&mut S::within("red", || input().readahead(16)));
}

/// The reader maps the first items by itself, because they are light. The last ones need a thread each, which threads that come to
/// help begin.
pub(crate) fn streams_whose_items_wait_for_one_another<S: Setting>() {
    const THREADS: usize = 4;
    const ITEMS: usize = 2000;
    let pool = pool(THREADS);
    let barrier = Arc::new(Barrier::new(THREADS));
    for _ in 0..5 {
        let barrier = Arc::clone(&barrier);
        let meet = move |n: usize| {
            if n >= ITEMS - THREADS {
                barrier.wait();
            }
            S::current()
        };
        let stream = S::within("red", || pool.install(|| (0..ITEMS).par_map_unordered(32, meet)));
        assert_eq!(pool.install(|| stream.collect::<Vec<_>>()), [Some("red"); ITEMS]);
    }
}

pub(crate) fn scoped_streams<S: Setting>() {
    let pool = pool(2);
    let seen = |n: usize| if S::current() == Some("red") { n } else { usize::MAX };
    pool.in_place_scope(|s| {
        let mut stream = S::within("red", || (0..500).map(seen).par_map_ordered_in(s, 8, seen));
        S::within("blue", || {
            for n in 0..500 {
                assert_eq!(stream.next(), Some(n));
                assert_eq!(S::current(), Some("blue"));
            }
        });
    });
}

pub(crate) fn sequential_iterators<S: Setting>() {
    let seen = |n: usize| if S::current() == Some("red") { n } else { usize::MAX };
    let items = S::within("red", || (0..5000_usize).into_par_iter().map(seen).into_seq_iter(64));
    S::within("blue", || assert!(items.eq(0..5000)));
}

pub(crate) fn worker_pools<S: Setting>() {
    let pool = WorkerPool::builder().threads(2).build_with_handles(|_, _: ()| S::current()).unwrap();
    let red = S::within("red", || pool.submit_with_handle(()).unwrap());
    let green = S::within("green", || pool.submit_with_handle(()).unwrap());
    let none = pool.submit_with_handle(()).unwrap();
    assert_eq!([red, green, none].map(|handle| handle.join().unwrap()), [Some("red"), Some("green"), None]);
}
