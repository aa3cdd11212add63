//! How many items are between input and output, and that they are worked on without being asked for.

use crate::gauge::{Gate, Gauge, pool, until};
use paceline::extra::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

#[test]
fn a_window_of_nothing_is_refused_before_anything_is_pulled() {
    let gauge = Gauge::new();
    for ordered in [true, false] {
        let input = gauge.input(3);
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if ordered {
                drop(input.par_map_ordered(0, |item| item.number));
            } else {
                drop(input.par_map_unordered(0, |item| item.number));
            }
        }));
        let message = *refused.unwrap_err().downcast::<&str>().unwrap();
        assert!(message.contains("`window`"), "{message}");
    }
    assert_eq!(gauge.pulled.get(), 0);
}

#[test]
fn nothing_is_pulled_before_the_first_result_is_asked_for() {
    let gauge = Gauge::new();
    let stream = gauge.input(3).par_map_ordered(2, |item| item.number);
    assert_eq!(gauge.pulled.get(), 0);
    drop(stream);
    assert_eq!(gauge.pulled.get(), 0);
}

#[test]
fn no_more_than_the_window_is_ever_between() {
    for threads in [1, 2, 8] {
        for window in [1, 2, 3, 7, 64] {
            for ordered in [true, false] {
                let gauge = Gauge::new();
                let input = gauge.input(500);
                let pool = pool(threads);
                let mut stream: Box<dyn Iterator<Item = usize>> =
                    pool.install(|| -> Box<dyn Iterator<Item = usize> + Send> {
                        if ordered {
                            Box::new(input.par_map_ordered(window, |item| item.number))
                        } else {
                            Box::new(input.par_map_unordered(window, |item| item.number))
                        }
                    });
                let mut handed = 0;
                loop {
                    gauge.ask();
                    if stream.next().is_none() {
                        break;
                    }
                    handed += 1;
                }
                assert_eq!(handed, 500);
                // What was asked for counts as handed out already: so at most one more than the window less the one.
                let peak = gauge.peak.load(SeqCst);
                assert!(peak <= window, "{peak} in a window of {window}");
            }
        }
    }
}

/// Takes long enough for a window of such items to be worth a wake-up.
fn last() {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(200) {
        std::hint::spin_loop();
    }
}

#[test]
fn the_window_fills_though_nobody_asks_and_no_further() {
    let pool = pool(3);
    let (window, len) = (5, 100);
    let gauge = Gauge::new();
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    let input = gauge.input(len);
    let mut stream = pool.install(|| {
        input.par_map_ordered(window, move |item| {
            last();
            counted.fetch_add(1, SeqCst);
            item.number
        })
    });
    for handed in 1..=3 {
        assert_eq!(stream.next(), Some(handed - 1));
        gauge.pulled.wait_for(window + handed);
        until(|| done.load(SeqCst) == window + handed);
        // Give it the chance to go too far: everything that runs in the pool is through by then.
        pool.broadcast(|_| ());
        assert_eq!(gauge.pulled.get(), window + handed);
    }
}

#[test]
fn a_full_window_holds_no_thread() {
    let pool = pool(1);
    let mut stream = pool.install(|| (0..100).par_map_ordered(4, |n| n));
    assert_eq!(stream.next(), Some(0));
    // The one thread is free for others, and no job of the stream is in the way for good.
    assert_eq!(pool.install(|| 6 * 7), 42);
    assert!(stream.eq(1..100));
}

#[test]
fn an_input_that_has_nothing_to_give_yet_holds_one_thread_only() {
    let pool = pool(2);
    let (send, receive) = std::sync::mpsc::channel::<u32>();
    let mut stream = pool.install(|| receive.into_iter().par_map_ordered(8, |n| n + 1));
    send.send(1).unwrap();
    assert_eq!(stream.next(), Some(2));
    // One worker may wait in the channel; the other is free.
    assert_eq!(pool.install(|| 6 * 7), 42);
    send.send(2).unwrap();
    assert_eq!(stream.next(), Some(3), "an item is worked on before the next one comes");
    drop(send);
    assert_eq!(stream.next(), None);
}

#[test]
fn as_many_items_as_there_are_threads_are_worked_on_at_once() {
    let pool = pool(4);
    let arrived = Arc::new(AtomicUsize::new(0));
    let gate = Arc::<Gate>::default();
    let (count, pass) = (Arc::clone(&arrived), Arc::clone(&gate));
    let mut stream = pool.install(|| {
        (0..4).par_map_ordered(4, move |n| {
            count.fetch_add(1, SeqCst);
            pass.pass("the opening of the gate");
            n
        })
    });
    let watcher = std::thread::spawn(move || {
        until(|| arrived.load(SeqCst) == 4);
        gate.open();
    });
    assert!(stream.by_ref().eq(0..4));
    watcher.join().unwrap();
}

/// Those that take no time are mapped by whoever asks, one by one. The others wait for one another, so it must not be alone
/// with the first of them.
#[test]
fn items_that_wait_for_one_another_meet_though_those_before_them_were_light() {
    const THREADS: usize = 4;
    // A worker that asks may map one of those that meet while any number of results wait to be handed out, so the window has
    // room for all.
    const WINDOW: usize = 32;
    for ordered in [true, false] {
        for from_within in [true, false] {
            let pool = pool(THREADS);
            let barrier = Arc::new(Barrier::new(THREADS));
            for _ in 0..10 {
                let barrier = Arc::clone(&barrier);
                let meet = move |number: usize| {
                    if number >= WINDOW - THREADS {
                        barrier.wait();
                    }
                    number
                };
                let mut stream: Box<dyn Iterator<Item = usize> + Send> =
                    pool.install(|| -> Box<dyn Iterator<Item = _> + Send> {
                        let input = 0..WINDOW;
                        if ordered {
                            Box::new(input.par_map_ordered(WINDOW, meet))
                        } else {
                            Box::new(input.par_map_unordered(WINDOW, meet))
                        }
                    });
                let mut results: Vec<usize> =
                    if from_within { pool.install(|| stream.by_ref().collect()) } else { stream.by_ref().collect() };
                results.sort_unstable();
                assert!(results.into_iter().eq(0..WINDOW));
            }
        }
    }
}

/// All places of the pool are taken by jobs that wait.
#[test]
fn light_items_are_worked_on_where_whoever_asks_has_no_place() {
    let pool = pool(2);
    let gate = Arc::<Gate>::default();
    let mut stream = pool.install(|| (0..1000).par_map_ordered(4, |n| n));
    assert!(stream.by_ref().take(500).eq(0..500));
    let begun = Arc::new(AtomicUsize::new(0));
    for _ in 0..2 {
        let (count, pass) = (Arc::clone(&begun), Arc::clone(&gate));
        pool.spawn(move || {
            count.fetch_add(1, SeqCst);
            pass.pass("the opening of the gate");
        });
    }
    until(|| begun.load(SeqCst) == 2);
    let rest = std::thread::spawn(move || stream.collect::<Vec<_>>());
    gate.open();
    assert!(rest.join().unwrap().into_iter().eq(500..1000));
}

#[test]
fn a_pool_that_has_ended_leaves_the_rest_to_whoever_asks() {
    let pool = pool(2);
    let mut begun = pool.install(|| (0..50).par_map_ordered(4, |n| n));
    let fresh = pool.install(|| (0..50).par_map_unordered(4, |n| n));
    assert_eq!(begun.next(), Some(0));
    pool.shutdown();
    assert!(begun.eq(1..50));
    assert!(fresh.eq(0..50), "one after the other, so in order");
}
