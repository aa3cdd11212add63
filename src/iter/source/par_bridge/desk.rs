//! Layer 4: the desk at which takers get items, one taker at a time: the protocol of `par_bridge`, without its clock.

use std::sync::OnceLock;
use std::thread;

use super::shelf::{Owner, Shelf};
use crate::fork::Rooted;
use crate::iter::signal::{Halt, Tickets};
use crate::sync::asymmetric::Fences;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::{Guard, Mutex};
use crossbeam_utils::CachePadded;

/// Which thread this is: a number that no other living thread has.
pub(super) type Token = usize;

/// The token of no thread.
pub(super) const NOBODY: Token = 0;

/// A sequential iterator that many threads take items from.
///
/// What one thread writes for each item shares no cache line with what others look at meanwhile.
pub(super) struct Desk<Iter: Iterator> {
    iter: CachePadded<Mutex<Iter>>,
    /// Whether the iterator has ended, or has panicked.
    over: Halt,
    /// How many more takers are worth while.
    pub(super) splits: Tickets,
    /// The thread that is within the iterator, written by that thread alone. Others only guess from it how long they
    /// will wait, so it is relaxed.
    asking: CachePadded<AtomicUsize>,
    /// How many takers wait for the lock, or are about to.
    waiting: CachePadded<AtomicUsize>,
    /// Between putting an item on a shelf and looking whether somebody waits, and between waiting and looking at the
    /// shelves.
    fences: Fences,
    /// How many threads have a taker. Relaxed: see rule 4.
    present: AtomicUsize,
    /// One for each taker, and how many were given out.
    stands: Box<[CachePadded<Stand<Iter::Item>>]>,
    given_out: AtomicUsize,
}

/// Where a taker stands.
pub(super) struct Stand<T> {
    /// The taker's thread, which alone needs to see it: it is relaxed.
    token: AtomicUsize,
    /// There from the first time that several items are taken, and also after its taker has gone or panicked.
    shelf: OnceLock<Shelf<T>>,
}

impl<T> Stand<T> {
    /// The shelf of this stand, for the taker that stands there: for the first that asks.
    pub(super) fn own_shelf(&self) -> Option<Owner<'_, T>> {
        self.shelf.get_or_init(Shelf::new).own()
    }
}

impl<Iter: Iterator> Desk<Iter> {
    pub(super) fn new(iter: Iter, threads: usize) -> Self {
        let stand = |_| CachePadded::new(Stand { token: AtomicUsize::new(NOBODY), shelf: OnceLock::new() });
        Desk {
            iter: CachePadded::new(Mutex::new(iter)),
            over: Halt::new(),
            splits: Tickets::new(threads),
            asking: CachePadded::new(AtomicUsize::new(NOBODY)),
            waiting: CachePadded::new(AtomicUsize::new(0)),
            fences: Fences::new(),
            present: AtomicUsize::new(0),
            // There is a taker for each ticket, and one from the start.
            stands: (0..=threads).map(stand).collect(),
            given_out: AtomicUsize::new(0),
        }
    }

    /// Puts all shelves up, since the model checker does not see that `OnceLock` orders what made them before their
    /// use.
    #[cfg(all(test, loom))]
    pub(super) fn put_shelves_up(&self) {
        for stand in &self.stands {
            stand.shelf.get_or_init(Shelf::new);
        }
    }

    /// The stand of one of the takers 1, 2 and so on, in models.
    #[cfg(all(test, loom))]
    pub(super) fn stand(&self, token: Token) -> &Stand<Iter::Item> {
        &self.stands[token - 1]
    }

    /// Gives the calling thread's taker a stand; none if there is another taker further down the thread's stack.
    pub(super) fn arrive(&self, token: Token) -> Option<&Stand<Iter::Item>> {
        if self.stands.iter().any(|stand| stand.token.load(Ordering::Relaxed) == token) {
            return None;
        }
        let stand = self.stands.get(self.given_out.fetch_add(1, Ordering::Relaxed))?;
        stand.token.store(token, Ordering::Relaxed);
        self.present.fetch_add(1, Ordering::Relaxed);
        Some(stand)
    }

    /// Takes note that a taker has gone.
    pub(super) fn leave(&self, stand: &Stand<Iter::Item>) {
        stand.token.store(NOBODY, Ordering::Relaxed);
        self.present.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether there are takers on several threads.
    pub(super) fn is_shared(&self) -> bool {
        self.present.load(Ordering::Relaxed) > 1
    }

    /// Whether the iterator gives no more items.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_halted()
    }

    /// Who is within the iterator; a guess.
    pub(super) fn asking(&self) -> Token {
        self.asking.load(Ordering::Relaxed)
    }

    /// The iterator, if nobody is within it.
    pub(super) fn try_enter(&self) -> Option<Guard<'_, Iter>> {
        self.iter.try_lock()
    }

    /// Waits for the iterator, or rather takes an item from a shelf, if there is one.
    pub(super) fn wait(&self) -> Result<Guard<'_, Iter>, Iter::Item> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let is_seen = self.fences.heavy();
        let found = match self.steal() {
            Some(item) => Err(item),
            None if is_seen => Ok(self.iter.lock()),
            None => self.look_again_and_again(),
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        found
    }

    /// Waits without relying on the holder to see it.
    #[cold]
    fn look_again_and_again(&self) -> Result<Guard<'_, Iter>, Iter::Item> {
        loop {
            thread::yield_now();
            if let Some(iter) = self.try_enter() {
                return Ok(iter);
            }
            if let Some(item) = self.steal() {
                return Err(item);
            }
        }
    }

    /// Whether somebody waits. Of what was put on a shelf before, whoever is not seen here to wait will see it there.
    fn is_awaited(&self) -> bool {
        self.fences.light();
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Takes an item from somebody's shelf.
    pub(super) fn steal(&self) -> Option<Iter::Item> {
        self.stands.iter().filter_map(|stand| stand.shelf.get()).find_map(Shelf::steal)
    }

    /// Asks the iterator for an item.
    pub(super) fn ask(&self, token: Token, mut iter: Guard<'_, Iter>) -> Option<Iter::Item> {
        let turn = self.begin_turn(token)?;
        let _rooted = Rooted::here();
        let item = iter.next()?;
        turn.end();
        Some(item)
    }

    /// Asks the iterator for items, and puts them on `shelf`, which is empty, until `is_enough` of their number or
    /// somebody waits.
    pub(super) fn fill(
        &self,
        token: Token,
        mut iter: Guard<'_, Iter>,
        shelf: &mut Owner<'_, Iter::Item>,
        is_enough: impl Fn(usize) -> bool,
    ) {
        let Some(turn) = self.begin_turn(token) else { return };
        let _rooted = Rooted::here();
        shelf.clear();
        for taken in 1.. {
            let Some(item) = iter.next() else { return };
            shelf.put(item);
            if is_enough(taken) || self.is_awaited() {
                break;
            }
        }
        turn.end();
    }

    /// To be called with the lock; none if the iterator is not to be asked any more.
    fn begin_turn(&self, token: Token) -> Option<Turn<'_, Iter>> {
        if self.is_over() {
            return None;
        }
        self.asking.store(token, Ordering::Relaxed);
        Some(Turn(self))
    }
}

/// A stay within the iterator. When it is dropped, because there was no item or by a panic, the iterator is over.
struct Turn<'d, Iter: Iterator>(&'d Desk<Iter>);

impl<Iter: Iterator> Turn<'_, Iter> {
    /// The iterator has given items and is not over.
    fn end(self) {
        self.0.asking.store(NOBODY, Ordering::Relaxed);
        std::mem::forget(self);
    }
}

impl<Iter: Iterator> Drop for Turn<'_, Iter> {
    fn drop(&mut self) {
        self.0.over.halt();
        self.0.asking.store(NOBODY, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Desk;

    #[test]
    fn who_may_not_be_seen_to_wait_looks_at_the_lock_and_at_the_shelves() {
        let desk = Desk::new(0..10, 1);
        let mut shelf = desk.arrive(1).and_then(|stand| stand.own_shelf()).unwrap();
        desk.fill(1, desk.try_enter().unwrap(), &mut shelf, |taken| taken == 2);
        let iter = desk.try_enter().unwrap();
        assert_eq!([(); 2].map(|()| desk.look_again_and_again().err()), [Some(0), Some(1)]);
        drop(iter);
        assert!(desk.look_again_and_again().is_ok_and(|mut iter| iter.next() == Some(2)));
    }
}
