//! Loom models of the shared iterator and its consumers' buffers, and of a buffer alone.
//!
//! The consumers here take the steps of `BridgeConsumer`, but without a clock, and always take two items at once. All
//! of them arrive before the first step and leave after the last.
//!
//! In the models with an iterator that waits, they do not try the lock before they wait for it: loom (0.7.2) blocks a
//! `try_lock` on a lock that another thread has just taken until the lock is free again, and so would report a deadlock
//! that cannot happen.
//!
//! Weakened once each, with the models that failed then:
//!
//! | what | which model |
//! |---|---|
//! | no light fence in `SharedIter::is_awaited`, or one after the look | the iterator that waits: deadlock |
//! | no heavy fence in `SharedIter::wait` | the iterator that waits: deadlock |
//! | no consumer is ever seen to wait | the iterator that waits: deadlock |
//! | `FillGuard::put` raises `tail` relaxed, or `claim_oldest` loads it relaxed | the buffer alone: two threads at one cell |
//! | no light fence in `Owner::pop`, or the look before the claim | the buffer alone: two threads at one cell |
//! | no heavy fence in `claim_newest` | the buffer alone: two threads at one cell |
//! | `Owner::settle` without the lock | the buffer alone: an item is worked on twice, or never |
//! | a thief unlocks `phase` before it moves the item out | the buffer alone, its cell used again: two threads at one cell |
//! | a thief does not take back a claim that failed | the buffer alone: an item is never worked on |
//! | `Owner::fill` changes the phase after it has unlocked it | the buffer alone, its cell used again: two threads at one cell |

use super::shared_iter::{SharedIter, ThreadToken};
use super::stealable_buffer::StealableBuffer;
use crate::sync::atomic::{Ordering, StaticAtomicUsize as Unwatched};
use crate::sync::lock::Guard;
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;

/// How a consumer gets access to the iterator, or an item of another consumer.
type Enter<Iter> = fn(&SharedIter<Iter>) -> Result<Guard<'_, Iter>, <Iter as Iterator>::Item>;

fn try_before_waiting<Iter: Iterator>(shared: &SharedIter<Iter>) -> Result<Guard<'_, Iter>, Iter::Item> {
    shared.try_enter().map_or_else(|| shared.wait(), Ok)
}

/// Takes the steps of a consumer until there are no more items.
fn consume_all<Iter: Iterator>(
    shared: &SharedIter<Iter>,
    token: ThreadToken,
    enter: Enter<Iter>,
    work: impl Fn(Iter::Item),
) {
    let mut buffer = shared.slot(token).own_buffer().expect("no other thread asks");
    loop {
        let item = match buffer.pop() {
            None if shared.is_over() => match shared.steal() {
                None => return,
                item => item,
            },
            None => match enter(shared) {
                Ok(iter) => {
                    shared.fill(token, iter, &mut buffer, |taken| taken == 2);
                    None
                }
                Err(item) => Some(item),
            },
            item => item,
        };
        item.into_iter().for_each(&work);
    }
}

/// Distributes all items of `iter` over this number of consumers.
fn share_out<Iter>(consumers: usize, iter: Iter, enter: Enter<Iter>, work: impl Fn(Iter::Item) + Clone + Send + 'static)
where
    Iter: Iterator<Item: Send> + Send + 'static,
{
    let shared = Arc::new(SharedIter::new(iter, consumers - 1));
    shared.make_buffers();
    let threads: Vec<_> = (1..=consumers)
        .map(|token| {
            let (shared, work) = (Arc::clone(&shared), work.clone());
            thread::spawn(move || consume_all(&shared, token, enter, work))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Counts how often each of `N` items was worked on.
struct Tally<const N: usize>([Unwatched; N]);

impl<const N: usize> Tally<N> {
    fn new() -> Arc<Self> {
        Arc::new(Tally([(); N].map(|()| Unwatched::new(0))))
    }

    fn count(&self, item: usize) {
        self.0[item].fetch_add(1, Ordering::Relaxed);
    }

    #[track_caller]
    fn assert_each_once(&self) {
        assert!(self.0.iter().all(|times| times.load(Ordering::Relaxed) == 1));
    }
}

/// Checks a model with at most `preemptions` preemptions, or fewer if the run is limited to fewer.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.map_or(preemptions, |limit| limit.min(preemptions)));
    builder.check(model);
}

/// A buffer has room for two items, so it is filled again while other consumers look at it.
#[test]
fn of_two_consumers_each_item_has_one() {
    check(3, || {
        let tally = Tally::<4>::new();
        let work = {
            let tally = Arc::clone(&tally);
            move |item| tally.count(item)
        };
        share_out(2, 0..4, try_before_waiting, work);
        tally.assert_each_once();
    });
}

/// An iterator may wait until the item before was worked on: no consumer keeps that item back.
fn no_item_is_kept_back<const N: usize>(consumers: usize, preemptions: usize) {
    check(preemptions, move || {
        let tally = Tally::<N>::new();
        let done: Arc<Vec<Notify>> = Arc::new((0..N).map(|_| Notify::new()).collect());
        let source = {
            let (tally, done) = (Arc::clone(&tally), Arc::clone(&done));
            (0..N).inspect(move |&item| {
                while item > 0 && tally.0[item - 1].load(Ordering::Relaxed) == 0 {
                    done[item - 1].wait();
                }
            })
        };
        let work = {
            let tally = Arc::clone(&tally);
            move |item: usize| {
                tally.count(item);
                done[item].notify();
            }
        };
        share_out(consumers, source, SharedIter::wait, work);
        tally.assert_each_once();
    });
}

#[test]
fn a_consumer_that_waits_for_the_iterator_gets_what_its_holder_cannot_begin() {
    no_item_is_kept_back::<3>(2, 3);
}

#[test]
fn three_consumers_and_an_iterator_that_waits() {
    // Four threads: more preemptions would take minutes.
    no_item_is_kept_back::<2>(3, 1);
}

/// An owner that fills and drains its buffer in `batches`, and `thieves` that steal once each: all of them compete for
/// the same items.
fn each_item_has_one_thread(thieves: usize, batches: &'static [usize], preemptions: usize) {
    check(preemptions, move || {
        let tally = Tally::<2>::new();
        let buffer = Arc::new(StealableBuffer::new());
        let threads: Vec<_> = (0..thieves)
            .map(|_| {
                let (tally, buffer) = (Arc::clone(&tally), Arc::clone(&buffer));
                thread::spawn(move || buffer.steal().into_iter().for_each(|item| tally.count(item)))
            })
            .collect();
        let mut owner = buffer.own().expect("no other thread asks");
        let mut items = 0..2;
        for &batch in batches {
            let mut filling = owner.fill();
            items.by_ref().take(batch).for_each(|item| filling.put(item));
            filling.finish();
            while let Some(item) = owner.pop() {
                tally.count(item);
            }
        }
        for thread in threads {
            thread.join().unwrap();
        }
        tally.assert_each_once();
    });
}

#[test]
fn an_owner_and_a_thief_at_the_last_item_and_one_that_follows_in_its_cell() {
    each_item_has_one_thread(1, &[1, 1], 3);
}

#[test]
fn an_owner_and_two_thieves_at_two_items() {
    each_item_has_one_thread(2, &[2], 2);
}
