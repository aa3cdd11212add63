//! `blocking`: while a job blocks, a standby thread works in its place.

#[path = "../support/concurrency_gauge.rs"]
mod concurrency_gauge;
#[path = "../support/forked.rs"]
mod forked;
#[path = "../support/gate.rs"]
mod gate;
#[path = "../support/in_time.rs"]
mod in_time;

mod bound;
mod crowd;
mod ends;
mod forks;
mod places;
mod turns;

use in_time::in_time;
use paceline::prelude::*;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::channel;

/// A pool of so many threads.
fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// The sizes of pools that most tests go through.
const SIZES: [usize; 3] = [1, 2, 4];

/// Forks all the way down.
fn fib(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = paceline::join(|| fib(n - 1), || fib(n - 2));
    a + b
}

#[test]
fn eight_jobs_block_in_a_pool_of_two_beside_work_that_goes_on() {
    in_time("the work beside eight blocked jobs", || {
        let pool = pool_of(2);
        let (replies, questions): (Vec<_>, Vec<_>) = (0..8_u64).map(|_| channel()).unzip();
        let (tell, told) = channel();
        let (begin, begun) = channel();
        for question in questions {
            let (tell, begin) = (tell.clone(), begin.clone());
            pool.spawn(move || {
                let answer: u64 = paceline::blocking(|| {
                    begin.send(()).unwrap();
                    question.recv().unwrap()
                });
                assert!(paceline::current_thread_index().unwrap() < 2);
                tell.send(answer).unwrap();
            });
        }
        for _ in 0..8 {
            gate::receive(&begun, "the beginning of a blocked call");
        }
        // All eight are blocked. The pool's two workers are still there.
        let (fork, sum, spawned) = pool.install(|| {
            let fork = fib(16);
            let sum: u64 = (0..100_000_u64).into_par_iter().map(|i| i % 7).sum();
            let mut spawned = [0; 100];
            paceline::scope(|s| {
                for (i, place) in spawned.iter_mut().enumerate() {
                    s.spawn(move |_| *place = i);
                }
            });
            (fork, sum, spawned.iter().sum::<usize>())
        });
        assert_eq!((fork, sum, spawned), (987, (0..100_000).map(|i| i % 7).sum(), 4_950));
        assert!(told.try_recv().is_err(), "nobody has been answered yet");
        // What unblocks them is the pool's own work.
        pool.spawn(move || {
            (0..8_usize).into_par_iter().for_each(|i| replies[i].send(i as u64).unwrap());
        });
        let answers: u64 = (0..8).map(|_| gate::receive(&told, "the end of a blocked job")).sum();
        assert_eq!(answers, 28);
        pool.shutdown();
    });
}

#[test]
fn the_value_comes_back_and_what_is_captured_may_be_borrowed() {
    in_time("a call that does not block", || {
        let pool = pool_of(1);
        pool.install(|| {
            let text = std::rc::Rc::new("a row of riders".to_owned());
            let length = paceline::blocking(|| text.len());
            assert_eq!(length, 15);
        });
    });
}
