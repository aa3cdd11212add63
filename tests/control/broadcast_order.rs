//! All threads of a pool begin its broadcasts in the same order, from whichever functions they come.

use crate::in_time::in_time;
use crate::pools::pool_of;
use paceline::{BroadcastContext, ThreadPool, WorkerLocal};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

/// How many broadcasts each of two racing threads makes.
const ROUNDS: usize = 150;

/// What a broadcast calls on each thread.
type Body = Arc<dyn Fn(BroadcastContext<'_>) + Send + Sync>;

/// A way to broadcast in a pool, and to wait until it is done.
type Source = fn(&ThreadPool, Body);

const SOURCES: [(&str, Source); 9] = [
    ("ThreadPool::broadcast", |pool, body| _ = pool.broadcast(|context| body(context))),
    ("ThreadPool::spawn_broadcast", |pool, body| wait_for(&body, |body| pool.spawn_broadcast(body))),
    ("Scope::spawn_broadcast", |pool, body| pool.scope(|scope| scope.spawn_broadcast(|_, context| body(context)))),
    ("ScopeFifo::spawn_broadcast", |pool, body| {
        pool.in_place_scope_fifo(|scope| scope.spawn_broadcast(|_, context| body(context)));
    }),
    ("broadcast on a worker", |pool, body| pool.install(|| _ = paceline::broadcast(|context| body(context)))),
    ("spawn_broadcast on a worker", |pool, body| {
        wait_for(&body, |body| pool.install(|| paceline::spawn_broadcast(body)));
    }),
    ("a scope on a worker", |pool, body| {
        pool.install(|| paceline::scope(|scope| scope.spawn_broadcast(|_, context| body(context))));
    }),
    ("ThreadPool::broadcast on another pool's worker", |pool, body| {
        pool_of(1).install(|| _ = pool.broadcast(|context| body(context)));
    }),
    ("the first value of a WorkerLocal", |pool, body| {
        pool.install(|| {
            let local = WorkerLocal::new(|| _ = paceline::broadcast(|context| body(context)));
            local.with(|()| ());
        });
    }),
];

/// Has `spawn` broadcast the body, detached, and waits until every thread has done its part.
fn wait_for(body: &Body, spawn: impl FnOnce(Box<dyn Fn(BroadcastContext<'_>) + Send + Sync>)) {
    let (done, all_done) = channel::<()>();
    let body = Arc::clone(body);
    spawn(Box::new(move |context| {
        let _done = &done;
        body(context);
    }));
    // Every thread has done its part when the closure is dropped.
    all_done.recv().expect_err("nothing is sent");
}

/// Two threads broadcast again and again, each by its own source; in every broadcast the pool's threads meet.
fn race(pool: &ThreadPool, sources: [Source; 2]) -> Vec<Vec<(usize, usize)>> {
    let threads = pool.current_num_threads();
    let begun: Arc<Vec<_>> = Arc::new((0..threads).map(|_| Mutex::new(Vec::new())).collect());
    thread::scope(|scope| {
        for (number, source) in sources.into_iter().enumerate() {
            let begun = &begun;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let (meeting, begun) = (Barrier::new(threads), Arc::clone(begun));
                    let body = move |context: BroadcastContext<'_>| {
                        begun[context.index()].lock().unwrap().push((number, round));
                        meeting.wait();
                    };
                    source(pool, Arc::new(body));
                }
            });
        }
    });
    begun.iter().map(|order| order.lock().unwrap().clone()).collect()
}

#[test]
fn threads_that_meet_in_each_of_two_racing_broadcasts_do_meet() {
    for (i, first) in SOURCES.into_iter().enumerate() {
        for second in SOURCES.into_iter().skip(i) {
            for threads in [2, 3] {
                let what = format!("{} beside {} on {threads} threads", first.0, second.0);
                let orders = in_time(&what, move || race(&pool_of(threads), [first.1, second.1]));
                assert!(orders.iter().all(|order| *order == orders[0]), "{what}: {orders:?}");
                assert_eq!(orders[0].len(), 2 * ROUNDS);
            }
        }
    }
}

#[test]
fn broadcasts_of_one_thread_begin_in_their_order() {
    let pool = pool_of(3);
    let begun: Arc<Vec<_>> = Arc::new((0..3).map(|_| Mutex::new(Vec::new())).collect());
    for number in 0..100 {
        let begun = Arc::clone(&begun);
        pool.spawn_broadcast(move |context| begun[context.index()].lock().unwrap().push(number));
    }
    pool.broadcast(|_| ());
    for order in begun.iter() {
        assert!(order.lock().unwrap().iter().copied().eq(0..100));
    }
}
