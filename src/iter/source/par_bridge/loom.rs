//! Loom models of the desk and its shelves.
//!
//! The takers here go through the steps of `Taker`, but without a clock or patience, and always take two items at once.
//! All are there from before the first step until after the last.
//!
//! Where the iterator waits they do not try the lock before they wait for it. Loom (0.7.2) stops who is about to try a lock
//! that another has just taken until it is free again, and so would report a deadlock that cannot happen.
//!
//! Weakened once each, with what failed then:
//!
//! | what | which model of two takers |
//! |---|---|
//! | no light fence in `Desk::is_awaited`, or one after the look | the iterator that waits: deadlock |
//! | no heavy fence in `Desk::wait` | the iterator that waits: deadlock |
//! | nobody is ever seen to wait | the iterator that waits: deadlock |
//! | `Owner::put` counts the item relaxed | both: two at one slot |
//! | `Shelf::steal` loads the number of items put relaxed | both: two at one slot |
//! | `Owner::clear` without the lock | both: two at one slot |

use super::desk::{Desk, Token};
use crate::sync::atomic::{Ordering, StaticAtomicUsize as Unwatched};
use crate::sync::lock::Guard;
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;

/// How a taker gets access to the iterator, or an item of another's.
type Enter<Iter> = fn(&Desk<Iter>) -> Result<Guard<'_, Iter>, <Iter as Iterator>::Item>;

fn try_before_waiting<Iter: Iterator>(desk: &Desk<Iter>) -> Result<Guard<'_, Iter>, Iter::Item> {
    desk.try_enter().map_or_else(|| desk.wait(), Ok)
}

/// Does what a taker does until there are no items any more.
fn take_all<Iter: Iterator>(desk: &Desk<Iter>, token: Token, enter: Enter<Iter>, work: impl Fn(Iter::Item)) {
    let mut shelf = desk.stand(token).own_shelf().expect("nobody else asks");
    let mut begun = Vec::new();
    loop {
        shelf.take(1, &mut begun);
        if begun.is_empty() {
            if desk.is_over() {
                begun.extend(desk.steal());
                if begun.is_empty() {
                    return;
                }
            } else {
                match enter(desk) {
                    Ok(iter) => desk.fill(token, iter, &mut shelf, |taken| taken == 2),
                    Err(item) => begun.push(item),
                }
            }
        }
        begun.drain(..).for_each(&work);
    }
}

/// Has that many takers work on all items of `iter`.
fn share_out<Iter>(takers: usize, iter: Iter, enter: Enter<Iter>, work: impl Fn(Iter::Item) + Clone + Send + 'static)
where
    Iter: Iterator<Item: Send> + Send + 'static,
{
    let desk = Arc::new(Desk::new(iter, takers - 1));
    desk.put_shelves_up();
    let threads: Vec<_> = (1..=takers)
        .map(|token| {
            let (desk, work) = (Arc::clone(&desk), work.clone());
            thread::spawn(move || take_all(&desk, token, enter, work))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// How often each of `N` items was worked on.
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

/// Checks a model with at most `preemptions` interruptions, or fewer if the run is limited to fewer.
fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.map_or(preemptions, |limit| limit.min(preemptions)));
    builder.check(model);
}

/// With room for two a shelf is cleared and filled again while others look at it.
#[test]
fn of_two_takers_each_item_has_one() {
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

/// An iterator may wait until the item before was worked on: that one is kept back by nobody.
fn no_item_is_kept_back<const N: usize>(takers: usize, preemptions: usize) {
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
        share_out(takers, source, Desk::wait, work);
        tally.assert_each_once();
    });
}

#[test]
fn who_waits_for_the_iterator_gets_what_its_holder_cannot_begin() {
    no_item_is_kept_back::<3>(2, 3);
}

#[test]
fn three_takers_and_an_iterator_that_waits() {
    // Four threads: more interruptions would take minutes.
    no_item_is_kept_back::<2>(3, 1);
}
