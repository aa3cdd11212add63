//! `par_bridge`: iterators that wait, that work in parallel themselves, that panic, and what becomes of their items.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Condvar, Mutex};
use std::thread;

use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};
use crate::meeting::{Gate, WATCHDOG, receive};
use crate::pools::pool_of;

/// Enough light items for the consumers to take many at once.
const MANY: usize = 100_000;

/// Asks `receiver` as an iterator that fails rather than waits for ever.
fn with_watchdog<T>(receiver: Receiver<T>) -> impl Iterator<Item = T> {
    std::iter::from_fn(move || match receiver.recv_timeout(WATCHDOG) {
        Ok(item) => Some(item),
        Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => None,
        Err(error) => panic!("no item came: {error}"),
    })
}

#[test]
fn many_light_items_are_each_worked_on_once_and_asked_for_once() {
    in_pools(|| {
        let asked = AtomicUsize::new(0);
        let items = (0..MANY).inspect(|_| {
            asked.fetch_add(1, Ordering::Relaxed);
        });
        let times: Vec<AtomicUsize> = (0..MANY).map(|_| AtomicUsize::new(0)).collect();
        items.par_bridge().for_each(|n| {
            times[n].fetch_add(1, Ordering::Relaxed);
        });
        assert!(times.iter().all(|times| times.load(Ordering::Relaxed) == 1));
        assert_eq!(asked.into_inner(), MANY);
    });
}

/// Gives light items, and then ones that each come only when the one before was worked on.
fn rendezvous(worked_on: Receiver<usize>, light: usize, len: usize) -> impl Iterator<Item = usize> + Send {
    (0..len).inspect(move |&n| {
        if n > light {
            // The light ones are reported too.
            while receive(&worked_on, "work on the item before") != n - 1 {}
        }
    })
}

#[test]
fn an_item_may_wait_until_the_one_before_was_worked_on() {
    for light in [0, MANY] {
        in_pools(|| {
            let (tell, worked_on) = channel();
            let count = rendezvous(worked_on, light, light + 200).par_bridge().map_with(tell, |tell, n| {
                // The iterator may have ended, and the receiver be gone.
                _ = tell.send(n);
            });
            assert_eq!(count.count(), light + 200);
        });
    }
}

#[test]
fn a_source_that_waits_keeps_no_item_back() {
    // The source hands out an item after many, and then blocks until that one, and all before, were worked on.
    for threads in [1, 2, 3, 8] {
        let done = AtomicUsize::new(0);
        let all_done = Gate::default();
        let source = (0..=MANY).inspect(|&n| {
            if n == MANY {
                all_done.pass("the work on all items before");
            }
        });
        let count = pool_of(threads).install(|| {
            let worked = source.par_bridge().inspect(|_| {
                if done.fetch_add(1, Ordering::Relaxed) + 1 == MANY {
                    all_done.open();
                }
            });
            worked.count()
        });
        assert_eq!(count, MANY + 1);
    }
}

#[test]
fn idle_workers_share_the_items_of_a_slow_source() {
    // Each batch comes when the one before is done, and is done only if each worker has one item of it at once.
    const WORKERS: usize = 4;
    let (send, received): (SyncSender<usize>, _) = sync_channel(0);
    let batch = Meeting::default();
    let done = pool_of(WORKERS).install(|| {
        thread::scope(|scope| {
            scope.spawn(move || (0..WORKERS * 20).for_each(|n| send.send(n).unwrap()));
            with_watchdog(received).par_bridge().inspect(|_| batch.attend(WORKERS)).count()
        })
    });
    assert_eq!(done, WORKERS * 20);
}

/// Each heavy item ends only when every worker is at work on one: a worker that kept two of them would fail. So do the
/// first items, since a worker that blocks cannot offer anything to one that is not there yet.
#[test]
fn heavy_items_among_light_ones_are_spread_over_all_workers() {
    for workers in [2, 4, 8] {
        for (light, heavy, after) in [(0, 2, 0), (1000, 1, 0), (MANY, 3, 0), (MANY, 1, MANY)] {
            let (from, to) = (workers + light, workers + light + heavy * workers);
            let batch = Meeting::default();
            let weigh = |n| n < workers || (from..to).contains(&n);
            let count = pool_of(workers).install(|| {
                let worked = (0..to + after).par_bridge().inspect(|&n| {
                    if weigh(n) {
                        batch.attend(workers);
                    }
                });
                worked.count()
            });
            assert_eq!(count, to + after);
        }
    }
}

/// Where a number of threads wait for each other, again and again.
#[derive(Default)]
struct Meeting {
    arrived: Mutex<usize>,
    arrival: Condvar,
}

impl Meeting {
    /// Returns when `size` threads are here, this one included.
    #[track_caller]
    fn attend(&self, size: usize) {
        let mut arrived = self.arrived.lock().unwrap();
        let batch = *arrived / size;
        *arrived += 1;
        self.arrival.notify_all();
        let missing = |arrived: &mut usize| *arrived / size == batch;
        let (arrived, _) = self.arrival.wait_timeout_while(arrived, WATCHDOG, missing).unwrap();
        assert!(*arrived / size > batch, "an idle worker got no item");
    }
}

#[test]
fn an_iterator_that_works_in_parallel_after_many_light_items() {
    in_pools(|| {
        let nested = |n| (0..n).into_par_iter().with_max_len(1).sum::<usize>();
        let sums = (0..MANY + 100).map(|n| if n < MANY { 1 } else { nested(n - MANY) });
        let total: usize = sums.par_bridge().sum();
        assert_eq!(total, MANY + (0..100).map(|n| (0..n).sum::<usize>()).sum::<usize>());
    });
}

#[test]
fn a_closure_that_works_in_parallel_and_so_runs_other_consumers() {
    in_pools(|| {
        let work = |n: usize| if n % 100 == 0 { (0..64_usize).into_par_iter().with_max_len(1).count() } else { 64 };
        assert_eq!((0..MANY).par_bridge().map(work).sum::<usize>(), 64 * MANY);
    });
}

#[test]
fn items_are_dropped_once_whoever_panics_or_stops() {
    in_pools(|| {
        for (source_panics, work_panics, stop) in [
            (usize::MAX, usize::MAX, usize::MAX),
            (usize::MAX, usize::MAX, 20_000),
            (20_000, usize::MAX, usize::MAX),
            (usize::MAX, 20_000, usize::MAX),
        ] {
            let asked = AtomicUsize::new(0);
            let dropped: Vec<AtomicUsize> = (0..50_000).map(|_| AtomicUsize::new(0)).collect();
            let source = (0..dropped.len()).map(|n| {
                assert!(n != source_panics, "the source");
                asked.fetch_add(1, Ordering::Relaxed);
                Dropped(n, &dropped)
            });
            let run = || {
                source.par_bridge().any(|item| {
                    assert!(item.0 != work_panics, "the work");
                    item.0 == stop
                })
            };
            match (source_panics, work_panics) {
                (usize::MAX, usize::MAX) => assert_eq!(run(), stop != usize::MAX),
                (_, usize::MAX) => assert_eq!(panic_message(run), "the source"),
                _ => assert_eq!(panic_message(run), "the work"),
            }
            let asked = asked.into_inner();
            assert!(source_panics == usize::MAX || asked == source_panics);
            for (n, dropped) in dropped.iter().enumerate() {
                assert_eq!(dropped.load(Ordering::Relaxed), usize::from(n < asked), "item {n}");
            }
        }
    });
}

/// Counts its drop.
struct Dropped<'d>(usize, &'d [AtomicUsize]);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.1[self.0].fetch_add(1, Ordering::Relaxed);
    }
}
