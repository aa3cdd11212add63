//! Pools that end while some of their threads block, or have blocked.

use crate::gate::{Gate, receive};
use crate::in_time::in_time;
use crate::{SIZES, fib, pool_of};
use paceline::{ThreadPoolBuilder, blocking};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_shutdown_with_a_timeout_tells_whether_the_threads_have_ended() {
    for threads in SIZES {
        in_time("the shutdown", move || {
            let exits = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&exits);
            let builder = ThreadPoolBuilder::new().num_threads(threads);
            let pool = builder.exit_handler(move |_| _ = count.fetch_add(1, SeqCst)).build().unwrap();
            let (end, ended) = channel();
            (0..10).for_each(|_| {
                let end = end.clone();
                pool.spawn(move || end.send(fib(5)).unwrap());
            });
            assert!(pool.shutdown_timeout(LONG));
            assert_eq!((ended.try_iter().count(), exits.load(SeqCst)), (10, threads));
        });
    }
}

#[test]
fn a_shutdown_with_a_timeout_leaves_jobs_that_take_longer_to_their_end() {
    for timeout in [Duration::ZERO, Duration::from_millis(5)] {
        in_time("the job that was left", move || {
            let pool = pool_of(1);
            let gate = Arc::new(Gate::default());
            let (end, ended) = channel();
            let held = Arc::clone(&gate);
            pool.spawn(move || {
                held.pass("the end of the shutdown");
                paceline::spawn(move || end.send(fib(5)).unwrap());
            });
            assert!(!pool.shutdown_timeout(timeout));
            gate.open();
            assert_eq!(receive(&ended, "what the job spawned"), 5);
        });
    }
}

#[test]
fn a_shutdown_with_a_timeout_is_refused_where_it_would_have_to_run_jobs() {
    in_time("the refusal", || {
        let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
        let refused = catch_unwind(AssertUnwindSafe(|| pool.shutdown_timeout(LONG))).unwrap_err();
        assert!(refused.downcast_ref::<&str>().unwrap().contains("use_current_thread"));
    });
}

#[test]
fn a_pool_may_be_dropped_while_its_jobs_block() {
    for threads in SIZES {
        in_time("the blocked jobs", move || {
            let pool = pool_of(threads);
            let (begin, begun) = channel();
            let (end, ended) = channel();
            let gate = Arc::new(Gate::default());
            for _ in 0..6 {
                let (begin, end, gate) = (begin.clone(), end.clone(), Arc::clone(&gate));
                pool.spawn(move || {
                    blocking(|| {
                        begin.send(()).unwrap();
                        gate.pass("the end of the pool's handle");
                    });
                    paceline::spawn(move || end.send(fib(5)).unwrap());
                });
            }
            for _ in 0..6 {
                receive(&begun, "a blocked call");
            }
            drop(pool);
            gate.open();
            for _ in 0..6 {
                assert_eq!(receive(&ended, "what a blocked job spawned"), 5);
            }
        });
    }
}

#[test]
fn a_shutdown_waits_for_those_who_block() {
    for threads in SIZES {
        in_time("the shutdown", move || {
            let pool = pool_of(threads);
            let (begin, begun) = channel();
            let (gate, done) = (Arc::new(Gate::default()), Arc::new(AtomicUsize::new(0)));
            for _ in 0..5 {
                let (begin, gate, done) = (begin.clone(), Arc::clone(&gate), Arc::clone(&done));
                pool.spawn(move || {
                    blocking(|| {
                        begin.send(()).unwrap();
                        gate.pass("the opening");
                    });
                    done.fetch_add(1, SeqCst);
                });
            }
            for _ in 0..5 {
                receive(&begun, "a blocked call");
            }
            let opener = thread::spawn(move || gate.open());
            pool.shutdown();
            assert_eq!(done.load(SeqCst), 5);
            opener.join().unwrap();
        });
    }
}

thread_local! {
    static FAREWELL: RefCell<Option<Farewell>> = const { RefCell::new(None) };
}

/// Counts the threads whose thread-local destructors have run.
struct Farewell(Arc<AtomicUsize>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// The names of this process's threads.
#[cfg(target_os = "linux")]
fn thread_names() -> Vec<String> {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    // One that ends just now has none any more.
    threads.filter_map(|thread| std::fs::read_to_string(thread.unwrap().path().join("comm")).ok()).collect()
}

#[test]
fn after_a_shutdown_no_spare_is_left() {
    for threads in SIZES {
        in_time("the shutdown", move || {
            let farewells = Arc::new(AtomicUsize::new(0));
            let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(move |_| format!("left-{threads}"));
            let pool = builder.build().unwrap();
            let (begin, begun) = channel();
            let gate = Arc::new(Gate::default());
            for _ in 0..threads + 7 {
                let (begin, gate, farewells) = (begin.clone(), Arc::clone(&gate), Arc::clone(&farewells));
                pool.spawn(move || {
                    FAREWELL.set(Some(Farewell(farewells)));
                    blocking(|| {
                        begin.send(()).unwrap();
                        gate.pass("the opening");
                    });
                });
            }
            for _ in 0..threads + 7 {
                receive(&begun, "a blocked call");
            }
            #[cfg(target_os = "linux")]
            {
                let named = thread_names().iter().filter(|name| name.trim_end() == format!("left-{threads}")).count();
                assert!(named >= threads + 7, "each of the calls has a thread: {named}");
            }
            gate.open();
            pool.shutdown();
            // Each of the jobs had a thread of its own.
            assert_eq!(farewells.load(SeqCst), threads + 7);
            // The system lists a thread for a moment after it was joined.
            #[cfg(target_os = "linux")]
            while thread_names().iter().any(|name| name.trim_end() == format!("left-{threads}")) {
                std::thread::yield_now();
            }
        });
    }
}
