//! Items, states, results, payloads and closures whose destructors panic: nothing comes of it but the message, and all are
//! dropped.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use paceline::workers::{Order, WorkerPool};

use crate::gauge::{Gauge, Token, stop};
use crate::with_watchdog;

/// Panics when it is dropped, with a payload that does the same, once more.
struct Bomb {
    fuse: Fuse,
    gauge: Gauge,
    _token: Token,
}

enum Fuse {
    Nested,
    Plain,
    Out,
}

impl Bomb {
    fn new(gauge: &Gauge) -> Self {
        Self::with(Fuse::Nested, gauge)
    }

    fn with(fuse: Fuse, gauge: &Gauge) -> Self {
        Bomb { fuse, gauge: gauge.clone(), _token: gauge.token() }
    }

    /// Has nothing come of its end.
    fn disarm(mut self) {
        self.fuse = Fuse::Out;
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        match self.fuse {
            Fuse::Nested => resume_unwind(Box::new(Self::with(Fuse::Plain, &self.gauge))),
            Fuse::Plain => resume_unwind(Box::new("nothing more")),
            Fuse::Out => {}
        }
    }
}

#[test]
fn results_that_were_not_taken() {
    with_watchdog(|| {
        for order in [Order::Submission, Order::Completion] {
            for panics in [false, true] {
                let gauge = Gauge::default();
                let made = gauge.clone();
                let work = move |_: &mut (), _: usize| {
                    let bomb = Bomb::new(&made);
                    if panics { resume_unwind(Box::new(bomb)) } else { bomb }
                };
                // Enough for several blocks of a channel.
                let builder = WorkerPool::builder().threads(2).capacity(100);
                let (pool, mut results) = builder.build_with_results(order, work).unwrap();
                (0..100).for_each(|item| _ = pool.submit(item).unwrap());
                match results.next().unwrap() {
                    Ok(bomb) => bomb.disarm(),
                    Err(panic) => panic.into_panic().downcast::<Bomb>().unwrap().disarm(),
                }
                pool.shutdown().unwrap();
                drop(results);
                drop(pool);
                assert_eq!(gauge.alive(), 0);
            }
        }
    });
}

#[test]
fn results_that_come_when_nobody_takes_them() {
    with_watchdog(|| {
        let (gauge, (stop, warden)) = (Gauge::default(), stop());
        let made = gauge.clone();
        let work = move |_: &mut (), _: usize| {
            stop.wait();
            Bomb::new(&made)
        };
        let (pool, results) = WorkerPool::builder().threads(2).build_with_results(Order::Submission, work).unwrap();
        (0..4).for_each(|item| _ = pool.submit(item).unwrap());
        warden.await_arrivals(2);
        drop(results);
        drop(warden);
        assert_eq!(pool.threads(), 2);
        pool.shutdown().unwrap();
        assert_eq!(gauge.alive(), 0);
    });
}

#[test]
fn items_that_nobody_works_on() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let mut states = 0;
        let states = std::sync::Mutex::new(move || {
            states += 1;
            assert!(states == 1, "no second state");
        });
        // The only worker is lost with its second state, and leaves the rest in the queue.
        let init = move |_| states.lock().unwrap_or_else(|error| error.into_inner())();
        let (stop, warden) = stop();
        let work = move |_: &mut (), item: Bomb| {
            item.disarm();
            stop.wait();
            panic!("the state is spoilt");
        };
        let pool = WorkerPool::builder().threads(1).capacity(50).init(init).build(work).unwrap();
        (0..40).for_each(|_| assert!(pool.submit(Bomb::new(&gauge)).is_ok()));
        warden.await_arrivals(1);
        drop(warden);
        assert!(pool.shutdown().is_err());
        drop(pool);
        assert_eq!(gauge.alive(), 0);
    });
}

#[test]
fn states_and_payloads() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let (states, payloads) = (gauge.clone(), gauge.clone());
        let work = move |_: &mut Bomb, _: usize| resume_unwind(Box::new(Bomb::new(&payloads)));
        let builder = WorkerPool::builder().threads(2).init(move |_| Bomb::new(&states));
        let pool = builder.build(work).unwrap();
        (0..20).for_each(|item| _ = pool.submit(item).unwrap());
        assert_eq!(pool.threads(), 2);
        let report = pool.shutdown().unwrap_err();
        drop(report);
        drop(pool);
        assert_eq!(gauge.alive(), 0);
    });
}

#[test]
fn what_the_closures_have_captured() {
    with_watchdog(|| {
        for threads in [1, 3] {
            let gauge = Gauge::default();
            let (in_init, in_work) = (Bomb::new(&gauge), Bomb::new(&gauge));
            let builder = WorkerPool::builder().threads(threads).init(move |_| {
                let _captured = &in_init;
            });
            let work = move |_: &mut (), item: usize| {
                let _captured = &in_work;
                item
            };
            let (pool, results) = builder.capacity(8).build_with_results(Order::Submission, work).unwrap();
            (0..8).for_each(|item| _ = pool.submit(item).unwrap());
            pool.shutdown().unwrap();
            assert!(results.map(Result::unwrap).eq(0..8));
            drop(pool);
            assert_eq!(gauge.alive(), 0);
        }
    });
}

#[test]
fn several_inits_that_panic() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let (payloads, captured, in_work) = (gauge.clone(), Bomb::new(&gauge), Bomb::new(&gauge));
        let builder = WorkerPool::builder().threads(4).init(move |_| {
            let _captured = &captured;
            resume_unwind(Box::new(Bomb::new(&payloads)));
        });
        let work = move |(): &mut (), _: usize| {
            let _captured = &in_work;
        };
        let payload = catch_unwind(AssertUnwindSafe(|| builder.build(work))).unwrap_err();
        payload.downcast::<Bomb>().unwrap().disarm();
        assert_eq!(gauge.alive(), 0);
    });
}
