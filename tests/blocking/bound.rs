//! How many standby threads there are, and of what make.

use crate::gate::receive;
use crate::in_time::in_time;
use crate::pool_of;
use paceline::{ThreadPoolBuilder, blocking, current_thread_index};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn without_spare_threads_a_call_blocks_its_worker() {
    in_time("the call", || {
        let pool = ThreadPoolBuilder::new().num_threads(1).max_blocking_threads(0).build().unwrap();
        assert_eq!(pool.install(|| blocking(current_thread_index)), Some(0));
        pool.shutdown();
    });
}

#[test]
fn a_call_past_the_bound_blocks_its_worker_and_the_others_go_on() {
    const MOST: usize = 3;
    in_time("the calls", || {
        let pool = ThreadPoolBuilder::new().num_threads(1).max_blocking_threads(MOST).build().unwrap();
        let (begin, begun) = channel();
        let (tellers, asked): (Vec<_>, Vec<_>) = (0..=MOST).map(|_| channel::<()>()).unzip();
        for asked in asked {
            let begin = begin.clone();
            pool.spawn(move || {
                blocking(move || {
                    begin.send(current_thread_index()).unwrap();
                    asked.recv().unwrap();
                });
            });
        }
        let mut indices: Vec<_> = (0..=MOST).map(|_| receive(&begun, "the beginning of a call")).collect();
        // Who takes a caller's place may be quicker than the caller.
        indices.sort();
        assert_eq!(indices, [None, None, None, Some(0)]);
        // The one that blocks the worker must end before any of the others can.
        for teller in tellers.iter().rev() {
            teller.send(()).unwrap();
        }
        pool.shutdown();
    });
}

#[test]
fn standby_threads_are_used_again() {
    in_time("the rounds", || {
        let pool = ThreadPoolBuilder::new().num_threads(1).max_blocking_threads(2).build().unwrap();
        let threads = Mutex::new(HashSet::new());
        pool.scope(|s| {
            for _ in 0..50 {
                let (threads, (tell, told)) = (&threads, channel());
                s.spawn(move |_| {
                    threads.lock().unwrap().insert(thread::current().id());
                    tell.send(()).unwrap();
                });
                blocking(|| told.recv().unwrap());
            }
        });
        assert!(threads.into_inner().unwrap().len() <= 3, "one thread and two standby_threads");
        pool.shutdown();
    });
}

#[test]
fn standby_threads_are_of_the_pools_make() {
    in_time("the jobs on a standby thread", || {
        /// Needs a stack of many megabytes.
        fn count(rungs: u32) -> u32 {
            let here = std::hint::black_box([rungs; 64]);
            if rungs == 0 { 0 } else { here[0] / here[63] + count(rungs - 1) }
        }
        let log = Arc::new(Mutex::new(Vec::new()));
        let (started, exited) = (Arc::clone(&log), Arc::clone(&log));
        let pool = ThreadPoolBuilder::new()
            .num_threads(1)
            .thread_name(|index| format!("rider-{index}"))
            .stack_size(64 << 20)
            .start_handler(move |index| started.lock().unwrap().push(("start", index, thread::current().id())))
            .exit_handler(move |index| exited.lock().unwrap().push(("exit", index, thread::current().id())))
            .build()
            .unwrap();
        let (tell, told) = channel();
        let (own, other) = pool.join(
            move || {
                let reply = blocking(|| told.recv().unwrap());
                assert_eq!(reply, 50_000);
                thread::current().id()
            },
            || {
                tell.send(count(50_000)).unwrap();
                assert_eq!(thread::current().name(), Some("rider-0"));
                thread::current().id()
            },
        );
        assert_ne!(own, other);
        pool.shutdown();
        let log = log.lock().unwrap();
        let of = |thread| log.iter().filter(move |entry| entry.2 == thread).map(|entry| (entry.0, entry.1));
        for thread in [own, other] {
            assert_eq!(of(thread).collect::<Vec<_>>(), [("start", 0), ("exit", 0)]);
        }
        assert_eq!(log.len(), 4);
    });
}

#[test]
fn a_start_handler_that_panics_on_a_spare_is_handled() {
    in_time("the job on the standby thread", || {
        let caught = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&caught);
        let pool = ThreadPoolBuilder::new()
            .num_threads(1)
            .start_handler(|_| panic!("no such thread-local"))
            .panic_handler(move |_| _ = counted.fetch_add(1, SeqCst))
            .build()
            .unwrap();
        let (tell, told) = channel();
        pool.join(move || blocking(move || told.recv().unwrap()), move || tell.send(()).unwrap());
        pool.shutdown();
        assert_eq!(caught.load(SeqCst), 2);
    });
}

#[test]
fn a_call_that_nobody_waits_behind_needs_no_second_thread_for_long() {
    in_time("the calls one by one", || {
        let pool = pool_of(1);
        let sum: usize = pool.install(|| (0..1_000).map(|i| blocking(|| i)).sum());
        assert_eq!(sum, 499_500);
    });
}
