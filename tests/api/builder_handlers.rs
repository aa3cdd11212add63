//! The handlers of a pool's threads: start, exit and panic.

use crate::meeting::{assert_closed, receive};
use crate::pools::SIZES;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// Receives `threads` messages, which must be the indices 0 to `threads` in some order.
fn assert_each_index_once(from: &Receiver<usize>, threads: usize, what: &str) {
    let mut indices: Vec<_> = (0..threads).map(|_| receive(from, what)).collect();
    indices.sort_unstable();
    assert!(indices.into_iter().eq(0..threads), "{what}");
}

#[test]
fn each_thread_starts_once_and_exits_once() {
    for threads in SIZES {
        let (to_start, started) = channel();
        let (to_exit, exited) = channel();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .start_handler(move |index| to_start.send(index).unwrap())
            .exit_handler(move |index| to_exit.send(index).unwrap())
            .build()
            .unwrap();
        assert_each_index_once(&started, threads, "the start of a thread");
        assert_eq!(pool.install(|| 1), 1);
        assert!(exited.try_recv().is_err(), "a thread exited too soon");
        drop(pool);
        assert_each_index_once(&exited, threads, "the exit of a thread");
        // The channels close when the pool lets go of its handlers: nothing came twice.
        assert_closed(&started, "the start of a thread");
        assert_closed(&exited, "the exit of a thread");
    }
}

thread_local! {
    static STARTED_AS: Cell<Option<usize>> = const { Cell::new(None) };
}

#[test]
fn the_start_handler_comes_before_any_work() {
    for threads in SIZES {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .start_handler(|index| {
                assert_eq!(paceline::current_thread_index(), Some(index));
                STARTED_AS.set(Some(index));
            })
            .build()
            .unwrap();
        let started = pool.broadcast(|_| STARTED_AS.get());
        assert!(started.into_iter().eq((0..threads).map(Some)));
    }
}

#[test]
fn the_exit_handler_runs_on_the_thread_that_ends() {
    let (to, from) = channel();
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .start_handler(|index| STARTED_AS.set(Some(index)))
        .exit_handler(move |index| to.send((Some(index), STARTED_AS.get())).unwrap())
        .build()
        .unwrap();
    drop(pool);
    for _ in 0..2 {
        let (told, remembered) = receive(&from, "the exit of a thread");
        assert_eq!(told, remembered);
    }
}

#[test]
fn queued_work_runs_before_the_exit_handler() {
    let (to, from) = channel();
    let last = to.clone();
    let pool =
        ThreadPoolBuilder::new().num_threads(1).exit_handler(move |_| last.send("exit").unwrap()).build().unwrap();
    for _ in 0..10 {
        let to = to.clone();
        pool.spawn(move || to.send("work").unwrap());
    }
    drop((to, pool));
    let log: Vec<_> = (0..11).map(|_| receive(&from, "work or the exit")).collect();
    assert_eq!(log[..10], ["work"; 10]);
    assert_eq!(log[10], "exit");
}

/// A pool whose panic handler sends on the payloads, which must be of type `T`.
fn with_panic_handler<T: Send + 'static>(builder: ThreadPoolBuilder) -> (ThreadPool, Receiver<T>) {
    let (to, from) = channel();
    let pool = builder.panic_handler(move |payload| to.send(*payload.downcast().unwrap()).unwrap()).build().unwrap();
    (pool, from)
}

#[test]
fn the_panic_handler_gets_the_payload_of_a_detached_panic() {
    for threads in SIZES {
        let (pool, payloads) = with_panic_handler::<i32>(ThreadPoolBuilder::new().num_threads(threads));
        pool.spawn(|| resume_unwind(Box::new(1)));
        assert_eq!(receive(&payloads, "the payload"), 1);
        pool.spawn_fifo(|| resume_unwind(Box::new(2)));
        assert_eq!(receive(&payloads, "the payload"), 2);
        pool.install(|| paceline::spawn(|| resume_unwind(Box::new(3))));
        assert_eq!(receive(&payloads, "the payload"), 3);
        drop(pool);
        assert_closed(&payloads, "a panic");
    }
}

#[test]
fn a_panic_that_somebody_waits_for_is_not_the_handlers() {
    let (pool, payloads) = with_panic_handler::<&str>(ThreadPoolBuilder::new().num_threads(2));
    let caught = thread::scope(|scope| {
        let call = || pool.install(|| resume_unwind(Box::new("install")));
        scope.spawn(call).join().map(|()| "no panic")
    });
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"install"));
    drop(pool);
    assert_closed(&payloads, "a panic");
}

#[test]
fn a_start_handlers_panic_goes_to_the_panic_handler() {
    let panicky = |index| {
        if index == 1 {
            resume_unwind(Box::new("start"));
        }
    };
    let builder = ThreadPoolBuilder::new().num_threads(3).start_handler(panicky);
    let (pool, payloads) = with_panic_handler::<&str>(builder);
    assert_eq!(receive(&payloads, "the payload"), "start");
    // The thread is a worker like the others all the same.
    assert_eq!(pool.broadcast(|context| context.index()), [0, 1, 2]);
    drop(pool);
    assert_closed(&payloads, "a panic");
}

#[test]
fn an_exit_handlers_panic_goes_to_the_panic_handler() {
    let panicky = |index| resume_unwind(Box::new(index));
    let builder = ThreadPoolBuilder::new().num_threads(3).exit_handler(panicky);
    let (pool, payloads) = with_panic_handler(builder);
    drop(pool);
    assert_each_index_once(&payloads, 3, "the payload");
    assert_closed(&payloads, "a panic");
}

#[test]
fn handlers_may_use_their_pool() {
    let sums = Arc::new(Mutex::new(Vec::new()));
    let (to, from) = channel();
    let here = Arc::clone(&sums);
    let fork = move |index| {
        let (a, b) = paceline::join(|| index, || 100);
        here.lock().unwrap().push(a + b);
    };
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .start_handler(fork.clone())
        .exit_handler(move |index| {
            fork(index);
            to.send(()).unwrap();
        })
        .build()
        .unwrap();
    drop(pool);
    receive(&from, "the first exit");
    receive(&from, "the second exit");
    let mut sums = sums.lock().unwrap().clone();
    sums.sort_unstable();
    assert_eq!(sums, [100, 100, 101, 101]);
}

/// What a thread tells of its sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Begins,
    Ends,
}

#[test]
fn a_thread_tells_when_it_sleeps_and_when_it_goes_on() {
    for threads in SIZES {
        let (to, rests) = channel();
        let also_to = to.clone();
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .sleep_handler(move |index| to.send((Rest::Begins, index)).unwrap())
            .wake_handler(move |index| also_to.send((Rest::Ends, index)).unwrap())
            .build()
            .unwrap();
        // With nothing to do each thread falls asleep.
        let mut asleep = vec![false; threads];
        let mut note = |(rest, index): (Rest, usize)| {
            assert_eq!(asleep[index], rest == Rest::Ends, "the calls of thread {index} alternate");
            asleep[index] = rest == Rest::Begins;
            asleep.iter().all(|asleep| *asleep)
        };
        while !note(receive(&rests, "a thread that falls asleep")) {}
        // A broadcast wakes them all, and they sleep again.
        assert_eq!(pool.broadcast(|_| ()).len(), threads);
        assert!(!note(receive(&rests, "a thread that wakes up")));
        while !note(receive(&rests, "a thread that falls asleep again")) {}
        pool.shutdown();
        let rests: Vec<_> = rests.iter().collect();
        assert_eq!(rests.last().map(|rest| rest.0), Some(Rest::Ends));
        rests.into_iter().for_each(|rest| _ = note(rest));
        assert_eq!(asleep, vec![false; threads]);
    }
}

#[test]
fn sleep_and_wake_handlers_run_on_the_thread_itself_as_a_worker() {
    let (to, from) = channel();
    let also_to = to.clone();
    let is_here = |index| paceline::current_thread_index() == Some(index);
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .start_handler(|index| STARTED_AS.set(Some(index)))
        .sleep_handler(move |index| to.send((STARTED_AS.get() == Some(index), is_here(index))).unwrap())
        .wake_handler(move |index| also_to.send((STARTED_AS.get() == Some(index), is_here(index))).unwrap())
        .build()
        .unwrap();
    assert_eq!(receive(&from, "a thread that falls asleep"), (true, true));
    pool.shutdown();
    from.iter().for_each(|told| assert_eq!(told, (true, true)));
}

thread_local! {
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// A thread that waits in a job sleeps, too: for a task that ends when the thread has told so.
#[test]
fn a_thread_that_waits_in_a_job_tells_that_it_sleeps() {
    let (to, from) = channel();
    let also_to = to.clone();
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .sleep_handler(move |_| _ = to.send((Rest::Begins, WAITS.get())))
        .wake_handler(move |_| _ = also_to.send((Rest::Ends, WAITS.get())))
        .build()
        .unwrap();
    let (to_task, message) = channel();
    let (to_waiter, begun) = channel();
    let waiter = pool.spawn_task(move || {
        let task = paceline::spawn_task(move || {
            to_waiter.send(()).unwrap();
            receive(&message, "the message to the task")
        });
        receive(&begun, "the task on another thread");
        WAITS.set(true);
        let got = task.join().unwrap();
        WAITS.set(false);
        got
    });
    while receive(&from, "the sleep within the job") != (Rest::Begins, true) {}
    to_task.send(7).unwrap();
    while receive(&from, "the end of that sleep") != (Rest::Ends, true) {}
    assert_eq!(waiter.join().unwrap(), 7);
}

#[test]
fn panics_of_sleep_and_wake_handlers_go_to_the_panic_handler() {
    let (to, from) = channel();
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .sleep_handler(|_| resume_unwind(Box::new("sleep")))
        .wake_handler(|_| resume_unwind(Box::new("wake")))
        // The last of them come when the test is over.
        .panic_handler(move |payload| _ = to.send(*payload.downcast::<&str>().unwrap()))
        .build()
        .unwrap();
    assert_eq!(receive(&from, "the sleep handler's panic"), "sleep");
    assert_eq!(pool.install(|| 3), 3);
    assert_eq!(receive(&from, "the wake handler's panic"), "wake");
}
