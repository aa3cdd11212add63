//! Where nobody waits: the panic handler hears of each panic, and no thread is lost.

use crate::bomb::{Alive, defuse};
use crate::in_waits::{NESTED, Payload, assert_text, payload_of};
use crate::meeting::{assert_closed, receive};
use crate::pools::SIZES;
use paceline::{Priority, ThreadPool, ThreadPoolBuilder};
use std::sync::mpsc::{Receiver, channel};

/// A pool whose panic handler sends the payloads, and whose exit handler sends an index.
fn pool_that_reports(threads: usize) -> (ThreadPool, Receiver<Payload>, Receiver<usize>) {
    let ((report, reports), (exit, exits)) = (channel(), channel());
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .panic_handler(move |payload| report.send(payload).unwrap())
        // Not all tests wait for the end.
        .exit_handler(move |index| _ = exit.send(index))
        .build()
        .unwrap();
    (pool, reports, exits)
}

/// Checks that the panic handler is told `times` of what `start` has set off, and that no thread is lost by it.
fn assert_reported(times: impl Fn(usize) -> usize, start: impl Fn(&ThreadPool, &Alive, usize)) {
    for threads in SIZES {
        for nested in NESTED {
            let alive = Alive::default();
            let (pool, reports, exits) = pool_that_reports(threads);
            start(&pool, &alive, nested);
            (0..times(threads)).for_each(|_| defuse(receive(&reports, "a payload")));
            assert_eq!(pool.broadcast(|_| ()).len(), threads, "all threads are there");
            pool.shutdown();
            (0..threads).for_each(|_| _ = receive(&exits, "the exit of a thread"));
            assert_closed(&exits, "an exit");
            assert_eq!(reports.iter().map(defuse).count(), 0, "a payload too many");
            alive.assert_none("a payload, or what was captured");
        }
    }
}

#[test]
fn the_panic_handler_hears_of_the_drop_of_what_a_spawn_has_captured() {
    assert_reported(
        |_| 5,
        |pool, alive, nested| {
            let job = || {
                let bomb = alive.bomb(nested);
                move || {
                    let _bomb = &bomb;
                }
            };
            pool.spawn(job());
            pool.spawn_fifo(job());
            pool.spawn_with(Priority::High, job());
            pool.spawn_with(Priority::Low, job());
            let inner = job();
            pool.install(|| paceline::spawn(inner));
        },
    );
}

#[test]
fn the_panic_handler_hears_of_the_drop_of_what_a_broadcast_has_captured() {
    assert_reported(
        |_| 1,
        |pool, alive, nested| {
            let bomb = alive.bomb(nested);
            pool.spawn_broadcast(move |_| {
                let _bomb = &bomb;
            });
        },
    );
}

#[test]
fn the_panic_handler_hears_of_each_thread_of_a_broadcast_whose_captured_value_panics_too() {
    assert_reported(
        |threads| threads,
        |pool, alive, nested| {
            let (bomb, thrower) = (alive.bomb(nested), alive.clone());
            pool.spawn_broadcast(move |_| {
                let _bomb = &bomb;
                thrower.throw(nested)
            });
        },
    );
}

/// The spawner keeps no share of the closure that it would have to drop.
#[test]
fn a_broadcast_is_dropped_by_a_thread_of_the_pool() {
    for _ in 0..100 {
        let (pool, reports, _exits) = pool_that_reports(2);
        let alive = Alive::default();
        let bomb = alive.bomb(0);
        pool.spawn_broadcast(move |_| {
            let _bomb = &bomb;
        });
        assert_text(receive(&reports, "a payload"), "the innermost");
    }
}

#[test]
fn the_panic_handler_hears_of_the_drop_of_what_other_handlers_have_captured() {
    for threads in SIZES {
        for nested in NESTED {
            let alive = Alive::default();
            let (report, reports) = channel();
            let (start, exit, panic) = (alive.bomb(nested), alive.bomb(nested), alive.bomb(nested));
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .start_handler(move |_| _ = &start)
                .exit_handler(move |_| _ = &exit)
                .panic_handler(move |payload| {
                    let _panic = &panic;
                    report.send(payload).unwrap();
                })
                .build()
                .unwrap();
            pool.shutdown();
            assert_eq!(reports.iter().map(defuse).count(), 2);
            alive.assert_none("what a handler has captured");
        }
    }
}

/// The threads that were started by then would wait for ever.
#[test]
fn a_pool_ends_whose_maker_panics_when_a_closure_of_the_builder_is_dropped() {
    for nested in NESTED {
        let alive = Alive::default();
        let (exit, exits) = channel();
        let (named, spawner) = (alive.bomb(nested), alive.bomb(nested));
        let builder = || {
            let exit = exit.clone();
            ThreadPoolBuilder::new().num_threads(3).exit_handler(move |index| exit.send(index).unwrap())
        };
        let name = move |index: usize| {
            let _named = &named;
            index.to_string()
        };
        defuse(payload_of(|| builder().thread_name(name).build()));
        let spawn = move |thread: paceline::ThreadBuilder| {
            let _spawner = &spawner;
            std::thread::spawn(|| thread.run());
            Ok(())
        };
        defuse(payload_of(|| builder().spawn_handler(spawn).build()));
        drop(exit);
        let mut left: Vec<usize> = (0..6).map(|_| receive(&exits, "the end of a thread")).collect();
        left.sort_unstable();
        assert_eq!(left, [0, 0, 1, 1, 2, 2]);
        alive.assert_none("what a closure of the builder has captured");
    }
}
