//! Every item, state and result is dropped once, whatever becomes of the pool.

use std::thread;

use paceline::workers::{Order, WorkerPool};

use crate::gauge::{Gauge, Token, stop};
use crate::with_watchdog;

/// A pool that stops at each item and makes a token of each, with six items: two at work, four waiting.
fn everything_is_dropped(end: impl FnOnce(WorkerPool<Token>)) {
    let [items, states, made] = [(); 3].map(|()| Gauge::default());
    let (stop, warden) = stop();
    let (init_states, results_made) = (states.clone(), made.clone());
    let work = move |_: &mut Token, _item: Token| {
        stop.wait();
        results_made.token()
    };
    let builder = WorkerPool::builder().threads(2).capacity(4).init(move |_| init_states.token());
    let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
    for _ in 0..6 {
        assert!(pool.submit(items.token()).is_ok());
    }
    warden.await_arrivals(2);
    assert_eq!((items.alive(), states.alive(), made.alive()), (6, 2, 0));
    drop(warden);
    end(pool);
    assert_eq!((items.alive(), states.alive()), (0, 0));
    let left = made.alive();
    assert!((2..=6).contains(&left), "results stay until they are taken: {left}");
    drop(results);
    assert_eq!(made.alive(), 0);
}

#[test]
fn after_a_drop() {
    with_watchdog(|| everything_is_dropped(drop));
}

#[test]
fn after_a_shutdown() {
    with_watchdog(|| everything_is_dropped(|pool| pool.shutdown().unwrap()));
}

#[test]
fn after_a_shutdown_that_was_cut_short() {
    with_watchdog(|| everything_is_dropped(|pool| drop(pool.shutdown_now())));
}

#[test]
fn after_a_panic_of_the_owner() {
    with_watchdog(|| {
        everything_is_dropped(|pool| {
            let owner = thread::spawn(move || {
                let _pool = pool;
                panic!("the owner");
            });
            assert!(owner.join().is_err());
        });
    });
}
