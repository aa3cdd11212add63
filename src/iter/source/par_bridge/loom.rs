//! Loom models of the desk and its shelves.
//!
//! The takers here go through the steps of `Taker`, but without a clock: they always take two items at once when they are
//! not alone, and have no patience. The last model alone has an iterator that waits.

use super::desk::{Desk, Token};
use crate::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;

/// Does what a taker does until there are no items any more.
fn take_all<Iter: Iterator>(desk: &Desk<Iter>, token: Token, work: impl Fn(Iter::Item)) {
    let stand = desk.arrive(token).expect("a stand for each");
    let mut shelf = stand.own_shelf().expect("nobody else asks");
    let mut begun = Vec::new();
    loop {
        shelf.take(1, &mut begun);
        if begun.is_empty() {
            if desk.is_over() {
                begun.extend(desk.steal());
                if begun.is_empty() {
                    break;
                }
            } else {
                match desk.try_enter().map_or_else(|| desk.wait(), Ok) {
                    Ok(iter) if desk.is_shared() => desk.fill(token, iter, &mut shelf, |taken| taken == 2),
                    Ok(iter) => begun.extend(desk.ask(token, iter)),
                    Err(item) => begun.push(item),
                }
            }
        }
        begun.drain(..).for_each(&work);
    }
    desk.leave(stand);
}

/// Has that many takers work on all items of `iter`.
fn share_out<Iter>(takers: usize, iter: Iter, work: impl Fn(Iter::Item) + Clone + Send + 'static)
where
    Iter: Iterator<Item: Send> + Send + 'static,
{
    let desk = Arc::new(Desk::new(iter, takers));
    desk.put_shelves_up();
    let threads: Vec<_> = (1..=takers)
        .map(|token| {
            let (desk, work) = (Arc::clone(&desk), work.clone());
            thread::spawn(move || take_all(&desk, token, work))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// How often each of `N` items was worked on.
struct Tally<const N: usize>([AtomicUsize; N]);

impl<const N: usize> Tally<N> {
    fn new() -> Arc<Self> {
        Arc::new(Tally([(); N].map(|()| AtomicUsize::new(0))))
    }

    fn count(&self, item: usize) {
        self.0[item].fetch_add(1, Ordering::Relaxed);
    }

    #[track_caller]
    fn assert_each_once(&self) {
        assert!(self.0.iter().all(|times| times.load(Ordering::Relaxed) == 1));
    }
}

/// With room for two a shelf is cleared and filled again while others look at it.
#[test]
fn of_two_takers_each_item_has_one() {
    loom::model(|| {
        let tally = Tally::<4>::new();
        let work = {
            let tally = Arc::clone(&tally);
            move |item| tally.count(item)
        };
        share_out(2, 0..4, work);
        tally.assert_each_once();
    });
}

/// An iterator may wait until the item before was worked on: that one is kept back by nobody.
fn no_item_is_kept_back<const N: usize>(takers: usize) {
    loom::model(move || {
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
        share_out(takers, source, work);
        tally.assert_each_once();
    });
}

#[test]
fn who_waits_for_the_iterator_gets_what_its_holder_cannot_begin() {
    no_item_is_kept_back::<3>(2);
}

#[test]
fn three_takers_and_an_iterator_that_waits() {
    no_item_is_kept_back::<2>(3);
}
