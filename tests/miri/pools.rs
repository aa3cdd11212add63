//! On pools of two threads, which end before the program does.

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{CancelToken, Priority, ThreadPool, ThreadPoolBuilder, WorkerLocal};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::task::Poll;

/// Calls `f` on a pool of its own, and waits for that to end.
fn on_a_pool<R: Send>(f: impl FnOnce(&ThreadPool) -> R + Send) -> R {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let result = f(&pool);
    pool.shutdown();
    result
}

/// A tree of joins.
fn leaves(depth: u32) -> Vec<String> {
    if depth == 0 {
        return vec![String::from("leaf")];
    }
    let (mut left, mut right) = paceline::join(|| leaves(depth - 1), || leaves(depth - 1));
    left.append(&mut right);
    left
}

#[test]
fn join() {
    assert_eq!(on_a_pool(|pool| pool.install(|| leaves(4).len())), 16);
}

#[test]
fn join_that_panics() {
    let half = |n: u32| if n == 1 { panic!("{}", Box::new(n)) } else { Box::new(n) };
    on_a_pool(|pool| {
        for (first, second) in [(0, 1), (1, 0), (1, 1)] {
            let joined = catch_unwind(AssertUnwindSafe(|| pool.join(|| half(first), || half(second))));
            assert!(joined.is_err());
        }
    });
}

#[test]
fn scope() {
    let names = ["one".to_owned(), "two".to_owned(), "three".to_owned()];
    let total = AtomicUsize::new(0);
    on_a_pool(|pool| {
        pool.scope(|scope| {
            for name in &names {
                let total = &total;
                scope.spawn(move |scope| {
                    scope.spawn(move |_| _ = total.fetch_add(name.len(), Ordering::Relaxed));
                });
            }
        });
        pool.in_place_scope_fifo(|scope| {
            scope.spawn_fifo(|_| _ = total.fetch_add(100, Ordering::Relaxed));
            scope.spawn_broadcast(|_, _| _ = total.fetch_add(1000, Ordering::Relaxed));
        });
    });
    assert_eq!(total.into_inner(), 11 + 100 + 2000);
}

#[test]
fn spawn() {
    let (tell, told) = channel();
    on_a_pool(|pool| {
        for n in 0..4 {
            let tell = tell.clone();
            // One that fits into a block of the slab, and one that does not.
            let wide = [n; 16];
            pool.spawn(move || {
                let more = tell.clone();
                paceline::spawn(move || more.send(n).unwrap());
                paceline::spawn_fifo(move || tell.send(wide[15]).unwrap());
            });
        }
        let tell = tell.clone();
        pool.spawn_with(Priority::High, move || tell.send(8).unwrap());
    });
    drop(tell);
    assert_eq!(told.iter().sum::<usize>(), 2 * (1 + 2 + 3) + 8);
}

#[test]
fn par_iter_collect() {
    on_a_pool(|pool| {
        pool.install(|| {
            let words: Vec<String> = (0..40).into_par_iter().map(|n| n.to_string()).collect();
            assert!(words.iter().enumerate().all(|(n, word)| *word == n.to_string()));
            let even: Vec<String> = words.into_par_iter().filter(|word| word.len() == 1).collect();
            assert_eq!(even.len(), 10);
            let (short, long): (Vec<_>, Vec<_>) = even.into_par_iter().partition(|word| word.as_str() < "5");
            assert_eq!((short.len(), long.len()), (5, 5));
        });
    });
}

#[test]
fn par_iter_that_panics() {
    on_a_pool(|pool| {
        let collect = || {
            let item = |n: u32| if n == 13 { panic!("an unlucky one") } else { Box::new(n) };
            (0..30_u32).into_par_iter().map(item).collect::<Vec<_>>()
        };
        assert!(catch_unwind(AssertUnwindSafe(|| pool.install(collect))).is_err());
    });
}

#[test]
fn par_bridge() {
    on_a_pool(|pool| {
        let boxes = (0..30_u32).map(Box::new);
        assert_eq!(pool.install(|| boxes.par_bridge().map(|n| *n).sum::<u32>()), 435);
    });
}

#[test]
fn par_sort() {
    let shuffled = || (0..90_u32).map(|n| Box::new(n * 37 % 97)).collect::<Vec<_>>();
    on_a_pool(|pool| {
        pool.install(|| {
            let (mut stable, mut unstable) = (shuffled(), shuffled());
            stable.par_sort();
            unstable.par_sort_unstable();
            assert!(stable.is_sorted() && stable == unstable);
            stable.par_dedup_by_key(|n| **n / 10);
            assert_eq!(stable.len(), 10);
            let mut sums: Vec<u64> = vec![1; 50];
            sums.par_inclusive_scan(|a, b| a + b);
            assert!(sums.into_iter().eq(1..51));
        });
    });
}

#[test]
fn task_join() {
    on_a_pool(|pool| {
        let tasks: Vec<_> = (0..4).map(|n| pool.spawn_task(move || Box::new(n))).collect();
        assert_eq!(tasks.into_iter().map(|task| *task.join().unwrap()).sum::<i32>(), 6);
        assert!(pool.spawn_task(|| panic!("{}", Box::new(1))).join().is_err());
        // One that nobody waits for, and one that nobody wants any more.
        drop(pool.spawn_task(|| Box::new(5)));
        let cancelled = pool.spawn_task(|| Box::new(6));
        cancelled.cancel();
        _ = cancelled.join();
        let number = 7;
        let scoped = pool.scope(|scope| scope.spawn_task(|_| Box::new(&number)).join().unwrap());
        assert_eq!(**scoped, 7);
    });
}

#[test]
fn stream() {
    on_a_pool(|pool| {
        let ordered: Vec<String> = pool.install(|| (0..9).par_map_ordered(3, |n: u32| n.to_string()).collect());
        assert_eq!(ordered.concat(), "012345678");
        let mut unordered = pool.install(|| (0..9_u32).par_map_unordered(3, Box::new));
        assert!(*unordered.next().unwrap() < 9);
        drop(unordered);
        let mut items = pool.install(|| (0..9_u32).into_par_iter().map(Box::new).into_seq_iter(2));
        assert_eq!(items.next().as_deref(), Some(&0));
        assert_eq!(items.map(|n| *n).sum::<u32>(), 36);
    });
}

#[test]
fn block_on_future() {
    on_a_pool(|pool| {
        let mut polls = 0;
        let twice = poll_fn(move |context| {
            polls += 1;
            context.waker().wake_by_ref();
            if polls == 2 { Poll::Ready(Box::new(polls)) } else { Poll::Pending }
        });
        assert_eq!(*paceline::block_on(pool.spawn_future(twice)).unwrap(), 2);
        let task = pool.spawn_task(|| Box::new(3));
        let inside = pool.install(|| paceline::block_on(async { task.await.unwrap() }));
        assert_eq!(*inside, 3);
        // Cancelled while it is pending, with a waker of its own somewhere else.
        let (tell, told) = channel();
        let pending = pool.spawn_future(poll_fn(move |context| {
            tell.send(context.waker().clone()).unwrap();
            Poll::<()>::Pending
        }));
        let waker = told.recv().unwrap();
        pending.cancel();
        waker.wake();
        let mut pending = pin!(pending);
        assert!(paceline::block_on(poll_fn(|context| pending.as_mut().poll(context))).is_err());
    });
}

#[test]
fn broadcast() {
    on_a_pool(|pool| {
        assert_eq!(pool.broadcast(|context| Box::new(context.index())), [Box::new(0), Box::new(1)]);
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        pool.spawn_broadcast(move |_| _ = counted.fetch_add(1, Ordering::Relaxed));
        let locals = pool.install(|| WorkerLocal::new(|| Box::new(0)));
        pool.broadcast(|_| locals.with_mut(|local| **local += 1));
        assert_eq!(locals.into_iter().map(|local| *local).sum::<i32>(), 2);
    });
}

#[test]
fn cancelled() {
    on_a_pool(|pool| {
        let token = CancelToken::new();
        let cancel = |n: &u32| {
            if *n == 7 {
                token.cancel()
            }
        };
        let seen =
            pool.install(|| (0..30_u32).into_par_iter().with_cancel(&token).inspect(cancel).map(Box::new).count());
        assert!(seen <= 30);
        pool.scope(|scope| scope.spawn_with_cancel(&token, |_| panic!("it was cancelled")));
    });
}

#[test]
fn isolated_and_blocking() {
    on_a_pool(|pool| {
        pool.install(|| {
            assert_eq!(paceline::isolate(|| leaves(2).len()), 4);
            let (tell, told) = channel();
            paceline::spawn(move || tell.send(Box::new(1)).unwrap());
            assert_eq!(*paceline::blocking(|| told.recv().unwrap()), 1);
        });
    });
}

#[test]
fn worker_pool() {
    use paceline::workers::{Order, WorkerPool};
    let work = |state: &mut Box<u32>, item: Box<u32>| Box::new(**state + *item);
    let builder = WorkerPool::builder().threads(2).capacity(2).init(|_| Box::new(1_u32));
    let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (0..5).for_each(|n| _ = pool.submit(Box::new(n)).unwrap());
            pool.close();
        });
        assert!(results.map(|result| *result.unwrap()).eq(1..6));
    });
}
