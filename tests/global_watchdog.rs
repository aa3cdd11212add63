//! The watchdog that `PACELINE_WATCHDOG` asks for: programs that hang by a well-known mistake, each in a process of its own, and
//! the reports on them. None ends by itself: it is ended when it has said enough.

#[expect(dead_code, reason = "not all of it is of use here")]
#[path = "support/child.rs"]
mod child;

use paceline::prelude::*;
use paceline::workers::{Order, WorkerPool};
use paceline::{ThreadPool, ThreadPoolBuilder, isolate};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

/// How long a child may take to say enough.
const WATCHDOG: Duration = Duration::from_secs(120);

/// A child that is ended in any case.
struct Hanging(Child);

impl Drop for Hanging {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `program` in a child under a watchdog, until it has reported all that is expected. Returns the lines so far.
#[track_caller]
fn report(test: &str, program: fn(), expected: &[&str]) -> String {
    hear(test, program, |said| expected.iter().all(|sentence| said.contains(sentence)))
}

/// Runs `program` in a child under a watchdog, until that has said enough. Returns the lines so far.
#[track_caller]
fn hear(test: &str, program: fn(), is_enough: impl Fn(&str) -> bool) -> String {
    if child::role().is_some() {
        program();
        unreachable!("the program does not hang");
    }
    let mut command = child::again(test, "hang");
    command.env("PACELINE_WATCHDOG", "300ms").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut hanging = Hanging(command.spawn().unwrap());
    let lines = lines_of(hanging.0.stderr.take().unwrap());
    let mut said = String::new();
    while !is_enough(&said) {
        let line = lines.recv_timeout(WATCHDOG);
        said += &line.unwrap_or_else(|error| panic!("{error}: not enough is in\n{said}"));
    }
    said
}

/// The lines that a child writes to a pipe.
fn lines_of(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    let mut pipe = BufReader::new(pipe);
    thread::spawn(move || {
        let mut line = String::new();
        while pipe.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            if tell.send(std::mem::take(&mut line)).is_err() {
                break;
            }
        }
    });
    told
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("runner-{index}")).build().unwrap()
}

#[test]
fn a_lock_across_a_parallel_loop() {
    fn lock_across_loop() {
        let (lock, both) = (Mutex::new(()), Barrier::new(2));
        pool(2).install(|| {
            let _held = lock.lock().unwrap();
            let holder = paceline::current_thread_index();
            (0..2).into_par_iter().for_each(|_| {
                // Now each of the threads has an item.
                both.wait();
                if paceline::current_thread_index() != holder {
                    drop(lock.lock());
                }
            });
        });
    }
    let said = report(
        "a_lock_across_a_parallel_loop",
        lock_across_loop,
        &["=> In pool 0 a job has run for", "`paceline::blocking`"],
    );
    for expected in [
        "paceline: no progress for 0.",
        "and something is owed. Who waits for whom:",
        "pool 0 of 2 threads; no jobs lie in queues",
        "(\"runner-0\"): ",
        "(\"runner-1\"): ",
        "waits for the other half of a `join`, or a part of a loop, which another thread has taken, for 0.",
        "runs a job that has not ended",
        "; it is a part of the work that thread ",
        "\"a_lock_across_a_parallel_loop\", outside all pools: waits for its call into pool 0, for 0.",
        "release it before the call",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    // A profile without debug information has no lines.
    assert!(!cfg!(debug_assertions) || said.contains("/global_watchdog.rs:"), "{said}");
}

#[test]
fn a_job_on_top_of_a_wait_that_holds_a_lock() {
    fn job_on_top() {
        let lock = Mutex::new(());
        let part_has_begun = Barrier::new(2);
        let (tell_other, other_has_begun) = channel();
        pool(2).scope(|outer| {
            let _held = lock.lock().unwrap();
            paceline::scope(|inner| {
                let part_has_begun = &part_has_begun;
                inner.spawn(move |_| {
                    part_has_begun.wait();
                    other_has_begun.recv().unwrap();
                });
                part_has_begun.wait();
                // The other thread has the part: this one runs the other job when it waits for the part.
                outer.spawn(|_| {
                    tell_other.send(()).unwrap();
                    drop(lock.lock());
                });
            });
        });
    }
    let expected = ["begun another job on top of a wait", "inside of `paceline::isolate`"];
    let said = report("a_job_on_top_of_a_wait_that_holds_a_lock", job_on_top, &expected);
    assert!(said.contains("on top of this: it waits for the jobs of a scope in pool 0"), "{said}");
}

#[test]
fn two_isolated_broadcasts() {
    fn isolated_broadcasts() {
        let both = Barrier::new(2);
        pool(2).scope(|s| {
            for _ in 0..2 {
                s.spawn(|_| {
                    isolate(|| {
                        both.wait();
                        paceline::broadcast(|_| ());
                    });
                });
            }
        });
    }
    let expected = ["2 threads of pool 0 wait for broadcasts inside of `isolate`", "Broadcast outside of `isolate`"];
    let said = report("two_isolated_broadcasts", isolated_broadcasts, &expected);
    assert!(said.contains("2 in mailboxes"), "{said}");
    assert!(said.contains("; 1 in its mailbox"), "{said}");
}

#[test]
fn all_threads_in_jobs_that_block() {
    fn all_block() {
        let (pool, all) = (pool(2), Barrier::new(3));
        let (tell, told) = channel::<()>();
        let told = Mutex::new(told);
        thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    pool.install(|| {
                        all.wait();
                        let _ = told.lock().unwrap().recv();
                    });
                });
            }
            all.wait();
            pool.spawn(move || tell.send(()).unwrap());
        });
    }
    let expected = [
        "All 2 threads of pool 0 run jobs that block, and no thread is free for the jobs in queues (1)",
        "`paceline::blocking`",
    ];
    let said = report("all_threads_in_jobs_that_block", all_block, &expected);
    assert!(said.contains("jobs in queues: 1 from outside"), "{said}");
}

#[test]
fn submitting_all_before_taking_any() {
    fn submit_all() {
        let builder = WorkerPool::builder().threads(1).capacity(1);
        let (pool, results) = builder.build_with_results(Order::Submission, |_, number: u32| number).unwrap();
        for number in 0..100 {
            pool.submit(number).unwrap();
        }
        drop(results);
    }
    let expected = ["submits all items before it takes a result", "submit on one thread and take results on another"];
    let said = report("submitting_all_before_taking_any", submit_all, &expected);
    assert!(said.contains("waits for room in the queue of a worker pool, for "), "{said}");
    assert!(said.contains("\"paceline-workers-0\", outside all pools: waits for room for a result"), "{said}");
}

#[test]
fn an_only_thread_that_waits_in_isolation_for_a_spawn() {
    fn only_thread() {
        let (own, other) = (pool(1), pool(1));
        own.install(|| {
            isolate(|| {
                other.scope(|s| {
                    s.spawn(|_| {
                        let (tell, told) = channel();
                        own.spawn(move || tell.send(()).unwrap());
                        told.recv().unwrap();
                    });
                });
            });
        });
    }
    let expected = ["Thread 0 of pool 0 waits inside of `isolate`", "for a job that was begun outside of it"];
    let said = report("an_only_thread_that_waits_in_isolation_for_a_spawn", only_thread, &expected);
    assert!(said.contains("waits for its call into pool 1, for "), "{said}");
}

#[test]
fn a_future_that_is_not_woken() {
    let program = || paceline::block_on(std::future::pending());
    let said =
        report("a_future_that_is_not_woken", program, &["`block_on` waits for a future that is not woken", "called."]);
    let waits = "\"a_future_that_is_not_woken\", outside all pools: waits for a future, in `block_on`, for 0.";
    assert!(said.contains(waits), "{said}");
    assert!(!said.contains("  pool "), "there is none\n{said}");
}

/// Does not return.
#[test]
fn the_iterator_of_a_par_bridge_that_does_not_go_on() {
    fn waits_for_iterator() {
        pool(2).install(|| std::iter::repeat_with(never).par_bridge().for_each(|()| ()));
    }
    report(
        "the_iterator_of_a_par_bridge_that_does_not_go_on",
        waits_for_iterator,
        &[
            "; it holds the lock of a `par_bridge`",
            "waits for the iterator of a `par_bridge`, in which another thread is",
        ],
    );
}

#[test]
fn a_job_is_shown_with_the_line_that_made_it_public() {
    fn behind_a_job() {
        let pool = pool(1);
        pool.spawn(never);
        pool.install(|| ());
    }
    let said = report(
        "a_job_is_shown_with_the_line_that_made_it_public",
        behind_a_job,
        &["(\"runner-0\"): runs a job that has not ended", "; it began 0."],
    );
    // A profile without debug information has no lines.
    assert!(!cfg!(debug_assertions) || said.contains(" s ago, made public at ./tests/global_watchdog.rs:"), "{said}");
}

/// The system tells the child of each write to standard error, because no thread reads that any more.
#[cfg(unix)]
#[test]
fn reports_that_cannot_be_written_do_not_end_the_watchdog() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static WRITES: AtomicUsize = AtomicUsize::new(0);
    extern "C" fn count_write(_: libc::c_int) {
        WRITES.fetch_add(1, Ordering::Relaxed);
    }
    if child::role().is_some() {
        assert_eq!(std::io::stdin().read_line(&mut String::new()).unwrap(), 0);
        let handler: extern "C" fn(libc::c_int) = count_write;
        // SAFETY: the handler does nothing but add to an atomic number, which a handler may do.
        unsafe { libc::signal(libc::SIGPIPE, handler as libc::sighandler_t) };
        thread::spawn(|| pool(1).install(never));
        while WRITES.load(Ordering::Relaxed) < 2 {
            thread::yield_now();
        }
        println!("It has reported twice.");
        never();
    }
    let mut command = child::again("reports_that_cannot_be_written_do_not_end_the_watchdog", "hang");
    command.env("PACELINE_WATCHDOG", "50ms").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut hanging = Hanging(command.spawn().unwrap());
    drop(hanging.0.stderr.take());
    drop(hanging.0.stdin.take());
    let lines = lines_of(hanging.0.stdout.take().unwrap());
    while !lines.recv_timeout(WATCHDOG).expect("the watchdog goes on").ends_with("It has reported twice.\n") {}
}

/// Pools come and go on several threads while the watchdog looks at them, and it sees the one that is left.
#[test]
fn pools_may_come_and_go_while_it_looks() {
    fn come_and_go() {
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| (1..=100).for_each(|n| assert_eq!(pool(1 + n % 2).install(|| n), n)));
            }
        });
        pool(3).install(never);
    }
    if child::role().is_some() {
        come_and_go();
    }
    let mut command = child::again("pools_may_come_and_go_while_it_looks", "hang");
    // It looks each millisecond.
    command.env("PACELINE_WATCHDOG", "4ms").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut hanging = Hanging(command.spawn().unwrap());
    let lines = lines_of(hanging.0.stderr.take().unwrap());
    loop {
        let line = lines.recv_timeout(WATCHDOG).expect("the pool that is left is reported");
        assert!(!line.contains("panicked"), "{line}");
        if line.contains("pool 400 of 3 threads") {
            break;
        }
    }
}

fn never() {
    let (_tell, told) = channel::<()>();
    let _ = told.recv();
}

/// The report of what hangs is the clock: in that time other pools are idle, or have a long job while others run. They are not
/// reported.
#[test]
fn what_is_idle_and_what_moves_is_not_reported() {
    fn some_hang() {
        let (idle, moves, hangs) = (pool(1), pool(2), pool(1));
        idle.install(|| ());
        thread::scope(|threads| {
            threads.spawn(|| moves.install(never));
            threads.spawn(|| {
                loop {
                    moves.install(|| ());
                }
            });
            hangs.install(never);
        });
    }
    let test = "what_is_idle_and_what_moves_is_not_reported";
    let said = hear(test, some_hang, |said| said.matches("paceline: no progress for ").count() == 4);
    assert_eq!(said.matches("pool 2 of 1 threads").count(), 3, "the fourth has just begun\n{said}");
    assert!(!said.contains("pool 0 of") && !said.contains("pool 1 of"), "{said}");
}

#[test]
fn a_value_of_no_use_is_said_once() {
    let test = "a_value_of_no_use_is_said_once";
    if child::role().is_some() {
        return (0..3).for_each(|_| pool(1).install(|| ()));
    }
    for (value, expected) in [("soon", 1), ("5", 1), ("0", 0), ("", 0), ("1min", 0)] {
        let mut command = child::again(test, "run");
        command.env("PACELINE_WATCHDOG", value);
        let ended = child::run(command);
        assert!(ended.status.success() && ended.stdout.contains("1 passed"), "{value:?}: {}", ended.stderr);
        let complaint =
            format!("paceline: PACELINE_WATCHDOG is {value:?}, which is not a time such as 500ms, 5s or 2min");
        assert_eq!(ended.stderr.matches(&complaint).count(), expected, "{}", ended.stderr);
        assert_eq!(ended.stderr.matches("paceline:").count(), expected, "{}", ended.stderr);
    }
}
