//! Tests of the measurement of forks and scopes, on work that is counted and takes no time.

use super::scalability;
use crate::fork::join::join;
use crate::fork::scope::scope;
use crate::pool::builder::ThreadPoolBuilder;
use crate::trace::meter::tests::{work, work_and_span};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// The work and the span of `f`, in a pool of one thread.
pub(crate) fn in_a_pool_of_one(f: impl FnOnce() + Send) -> (u64, u64) {
    ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| work_and_span(f))
}

fn tree(depth: u32) {
    if depth == 0 {
        return work(1000);
    }
    join(|| tree(depth - 1), || tree(depth - 1));
}

#[test]
fn every_join_is_seen() {
    assert_eq!(in_a_pool_of_one(|| tree(10)), (1_024_000, 1000));
    let twice = || {
        tree(3);
        work(500);
        tree(4);
    };
    assert_eq!(in_a_pool_of_one(twice), (24_500, 2500));
}

#[test]
fn a_chain_of_joins_is_as_long_as_its_work() {
    fn chain(links: u64) {
        if links > 0 {
            join(|| work(10), || ());
            chain(links - 1);
        }
    }
    assert_eq!(in_a_pool_of_one(|| chain(100)), (1000, 1000));
}

#[test]
fn the_jobs_of_a_scope_run_beside_its_body() {
    let body = || {
        scope(|scope| {
            for length in [10, 20, 30] {
                work(1);
                scope.spawn(move |scope| {
                    work(length);
                    scope.spawn(|_| work(5));
                    tree(1);
                });
            }
            work(7);
        });
        work(100);
    };
    assert_eq!(in_a_pool_of_one(body), (3 + 60 + 15 + 6000 + 7 + 100, 3 + 30 + 1000 + 100));
}

#[test]
fn a_scope_within_a_job_of_a_scope_ends_before_the_job() {
    let inner = || scope(|scope| (0..4).for_each(|_| scope.spawn(|_| work(50))));
    let outer = || {
        scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|_| {
                    inner();
                    work(5);
                });
            }
        });
    };
    assert_eq!(in_a_pool_of_one(outer), (3 * 205, 55));
}

/// The halves of a `join` both run, also if the first panics, and what follows is measured as before.
#[test]
fn a_panic_leaves_the_measurement_right() {
    let program = || {
        let halves = || join(|| resume_unwind(Box::new("on purpose")), || work(30));
        assert_eq!(*catch_unwind(AssertUnwindSafe(halves)).unwrap_err().downcast::<&str>().unwrap(), "on purpose");
        tree(2);
    };
    assert_eq!(in_a_pool_of_one(program), (4030, 1030));
    assert!(catch_unwind(|| scalability(|| resume_unwind(Box::new(1)))).is_err());
    assert_eq!(scalability(|| 42).0, 42, "the next one begins anew");
}

#[test]
fn other_threads_do_not_measure() {
    let ((a, b), scalability) = scalability(|| {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        pool.install(|| join(|| 1, || 2))
    });
    assert_eq!((a, b), (1, 2));
    assert!(scalability.span() <= scalability.work());
}

/// Not under Miri, which keeps the global pool from asking how many processors there are.
#[cfg(not(miri))]
mod destructors {
    use super::super::scalability;
    use crate::fork::join::join;
    use crate::trace::meter::is_measured;
    use std::cell::OnceCell;
    use std::sync::mpsc::{Sender, channel};
    use std::thread;

    /// Thread-locals are destroyed from the last that was used to the first. So the destructor runs when the thread's meter is
    /// gone.
    #[test]
    fn a_destructor_of_a_thread_that_ends_may_fork_meanwhile() {
        struct ForksWhenDropped(Sender<(i32, i32)>);
        impl Drop for ForksWhenDropped {
            fn drop(&mut self) {
                assert!(!is_measured());
                self.0.send(join(|| 1, || 2)).unwrap();
            }
        }
        thread_local! {
            static LAST: OnceCell<ForksWhenDropped> = const { OnceCell::new() };
        }
        let (tell, told) = channel();
        let ends = move || {
            LAST.with(|last| last.set(ForksWhenDropped(tell))).ok().unwrap();
            assert_eq!((is_measured(), join(|| 3, || 4)), (false, (3, 4)));
        };
        let ((), _) = scalability(|| thread::spawn(ends).join().unwrap());
        assert_eq!(told.recv(), Ok((1, 2)));
    }
}
