//! States that are made anew: because they say that they are spoilt, or cannot be made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::workers::{Order, WorkerPool};

use crate::gauge::{Gauge, Token};
use crate::with_watchdog;

/// Breaks at an item that is "bad", and cannot be used afterwards.
struct Connection {
    number: usize,
    is_broken: bool,
    _token: Token,
}

impl Connection {
    fn send(&mut self, item: &str) -> (usize, bool) {
        assert!(!self.is_broken, "a broken connection is used");
        self.is_broken = item == "bad";
        (self.number, !self.is_broken)
    }
}

/// Makes connections that count from 0, one at a time, until there were `most`.
fn connections(gauge: &Gauge, most: usize) -> impl Fn(usize) -> Result<Connection, String> + Send + Sync + 'static {
    let (made, states) = (Arc::new(AtomicUsize::new(0)), gauge.clone());
    move |_| {
        assert_eq!(states.alive(), 0, "the old state is dropped before the new one is made");
        let number = made.fetch_add(1, Ordering::SeqCst);
        if number == most {
            return Err(format!("no connection {number}"));
        }
        Ok(Connection { number, is_broken: false, _token: states.token() })
    }
}

#[test]
fn a_state_that_says_so_is_made_anew_before_the_next_item() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let (pool, results) = WorkerPool::builder()
            .threads(1)
            .capacity(5)
            .try_init(connections(&gauge, 100))
            .renew_if(|connection| connection.is_broken)
            .build_with_results(Order::Submission, Connection::send)
            .unwrap();
        for item in ["a", "bad", "b", "bad", "bad"] {
            pool.submit(item).unwrap();
        }
        pool.shutdown().unwrap();
        let sent: Vec<_> = results.map(Result::unwrap).collect();
        assert_eq!(sent, [(0, true), (0, false), (1, true), (1, false), (2, false)]);
        assert_eq!(gauge.alive(), 0);
    });
}

#[test]
fn a_worker_that_gets_no_new_state_is_lost_and_no_item_with_it() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let (pool, mut results) = WorkerPool::builder()
            .threads(1)
            .capacity(3)
            .name("line")
            .try_init(connections(&gauge, 1))
            .renew_if(|connection| connection.is_broken)
            .build_with_results(Order::Submission, Connection::send)
            .unwrap();
        pool.submit("a").unwrap();
        assert_eq!(results.next().unwrap().unwrap(), (0, true));
        pool.submit("bad").unwrap();
        assert_eq!(results.next().unwrap().unwrap(), (0, false));
        assert!(results.next().is_none(), "the results end with the last worker");
        assert!(pool.is_closed());
        let error = pool.shutdown().unwrap_err();
        assert_eq!(error.to_string(), "init failed on thread `line-0`: no connection 1");
        assert!(!error.is_panic());
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no connection 1");
        pool.shutdown().expect("it was told");
    });
}

#[test]
fn a_renew_if_that_panics_costs_the_state_and_is_reported() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let (pool, results) = WorkerPool::builder()
            .threads(1)
            .capacity(3)
            .try_init(connections(&gauge, 100))
            .renew_if(|connection| {
                assert!(connection.number > 0, "cannot tell");
                false
            })
            .build_with_results(Order::Submission, Connection::send)
            .unwrap();
        for item in ["a", "b", "c"] {
            pool.submit(item).unwrap();
        }
        let error = pool.shutdown().unwrap_err();
        assert_eq!(error.to_string(), "renew_if panicked on thread `paceline-workers-0`: cannot tell");
        assert_eq!((error.is_panic(), error.sequence()), (true, None));
        assert!(results.map(Result::unwrap).eq([(0, true), (1, true), (1, true)]));
    });
}

#[test]
fn another_init_forgets_when_to_renew() {
    with_watchdog(|| {
        let builder = WorkerPool::builder().threads(1).capacity(3).init(|_| 0_u32).renew_if(|_| panic!("not asked"));
        let work = |state: &mut u64, item: u64| {
            *state += item;
            *state
        };
        let (pool, results) = builder.init(|_| 0_u64).build_with_results(Order::Submission, work).unwrap();
        for item in 1..4 {
            pool.submit(item).unwrap();
        }
        pool.shutdown().unwrap();
        assert!(results.map(Result::unwrap).eq([1, 3, 6]));
    });
}
