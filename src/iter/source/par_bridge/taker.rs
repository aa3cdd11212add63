//! Layer 4: one that takes items from the desk of `par_bridge`: how many at once, and how long it waits for its turn.

use std::ptr;
use std::thread;

use super::desk::{Desk, NOBODY, Stand, Token};
use super::shelf::{Owner, ROOM};
use crate::fork::{Ticks, nesting};
use crate::sync::atomic::spin_loop;
use crate::sync::lock::Guard;

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// A taker takes twice as many items the next time while taking and working takes less than this.
const SHORT: u64 = 6_000 * NANOSECOND;

/// If it took longer than this, it takes one.
const LONG: u64 = 20_000 * NANOSECOND;

/// The most items that a taker takes off its shelf at once, to work on them in one loop: they are in nobody else's reach.
const MOST_BEGUN: usize = 16;

/// It leaves as much for others as this says, in parts of what it has taken.
const PARTS: usize = 4;

/// So many items are taken between two looks at the clock.
const PER_LOOK: usize = 16;

/// For so long a taker looks whether another one is done with the iterator, before it asks that one to stop.
const PATIENCE: u64 = 6_000 * NANOSECOND;

/// For so long one waits that has begun another job before.
const WARY: u64 = 1_000_000 * NANOSECOND;

thread_local! {
    static TOKEN: u8 = const { 0 };
}

/// The token of the calling thread.
fn own_token() -> Token {
    TOKEN.with(|token| ptr::from_ref(token).addr())
}

/// One that takes items, for a folder to work on.
pub(super) struct Taker<'d, Iter: Iterator> {
    desk: &'d Desk<Iter>,
    token: Token,
    /// None if there is a taker further down this thread's stack: to that one, a shelf on this thread is of no use.
    stand: Option<&'d Stand<Iter::Item>>,
    /// From the first time that several items are taken.
    shelf: Option<Owner<'d, Iter::Item>>,
    /// The items to be worked on now.
    pub(super) begun: Vec<Iter::Item>,
    /// How many items are to be taken at once.
    chunk: usize,
    /// When the items were taken that were worked on last, if others were there.
    taken: Option<Ticks>,
}

impl<'d, Iter: Iterator> Taker<'d, Iter> {
    pub(super) fn new(desk: &'d Desk<Iter>) -> Self {
        let token = own_token();
        Taker { desk, token, stand: desk.arrive(token), shelf: None, begun: Vec::new(), chunk: 1, taken: None }
    }

    /// Gathers items to be worked on; false if there are none any more.
    #[inline]
    pub(super) fn gather(&mut self) -> bool {
        self.take_from_shelf();
        !self.begun.is_empty() || self.take()
    }

    #[inline]
    fn take_from_shelf(&mut self) {
        if let Some(shelf) = &mut self.shelf {
            shelf.take(self.chunk.div_ceil(PARTS).min(MOST_BEGUN), &mut self.begun);
        }
    }

    /// Takes an item that was not on the own shelf.
    ///
    /// The iterator may itself wait for parallel work, and so run another taker on the same thread, which
    /// could wait for the lock for ever. That one gets nothing: the taker below it on the stack will go on.
    fn take(&mut self) -> bool {
        let desk = self.desk;
        if desk.asking() == self.token {
            return false;
        }
        self.adapt();
        while !desk.is_over() {
            match self.enter() {
                Some(Ok(iter)) => self.ask(iter),
                Some(Err(item)) => self.begun.push(item),
                None => break,
            };
            if !self.begun.is_empty() {
                return true;
            }
        }
        // Others have perhaps more than they can begin at once.
        self.begun.extend(desk.steal());
        !self.begun.is_empty()
    }

    /// Gets access to the iterator, or an item from another's shelf; or nothing, where it must not wait for ever.
    fn enter(&self) -> Option<Result<Guard<'d, Iter>, Iter::Item>> {
        if let Some(iter) = self.desk.try_enter().or_else(|| self.be_patient()) {
            return Some(Ok(iter));
        }
        if nesting() > Some(1) { self.wait_warily() } else { Some(self.desk.wait()) }
    }

    /// Waits, but not for ever: rule 5.
    #[cold]
    fn wait_warily(&self) -> Option<Result<Guard<'d, Iter>, Iter::Item>> {
        let since = Ticks::now();
        while !Ticks::now().is_past(since, WARY) && !self.desk.is_over() {
            if let Some(iter) = self.desk.try_enter() {
                return Some(Ok(iter));
            }
            if let Some(item) = self.desk.steal() {
                return Some(Err(item));
            }
            thread::yield_now();
        }
        None
    }

    /// Looks for a while whether the iterator becomes free, as long as it is not always the same taker that is there.
    #[cold]
    fn be_patient(&self) -> Option<Guard<'d, Iter>> {
        let mut since = Ticks::now();
        let mut before = self.desk.asking();
        while !Ticks::now().is_past(since, PATIENCE) {
            let asking = self.desk.asking();
            if asking == NOBODY {
                let iter = self.desk.try_enter();
                if iter.is_some() {
                    return iter;
                }
            } else if asking != before {
                (since, before) = (Ticks::now(), asking);
            }
            spin_loop();
        }
        None
    }

    /// Asks the iterator for an item, or for several that go to the shelf. None if it has ended, or if all that was put
    /// there has been stolen.
    fn ask(&mut self, iter: Guard<'d, Iter>) {
        // A lone taker keeps no time: it takes one by one whatever that costs.
        if self.desk.is_shared() {
            let now = Ticks::now();
            self.taken = Some(now);
            if self.chunk > 1 && self.shelf.is_none() {
                self.shelf = self.stand.and_then(Stand::own_shelf);
            }
            if let Some(shelf) = self.shelf.as_mut().filter(|_| self.chunk > 1) {
                let chunk = self.chunk;
                let is_slow = |taken| taken % PER_LOOK == 0 && Ticks::now().is_past(now, SHORT);
                self.desk.fill(self.token, iter, shelf, |taken| taken >= chunk || is_slow(taken));
                return self.take_from_shelf();
            }
        }
        let item = self.desk.ask(self.token, iter);
        self.begun.extend(item);
    }

    /// Takes note of how long the items have taken that were taken last.
    fn adapt(&mut self) {
        let Some(taken) = self.taken.take() else { return };
        let ticks = Ticks::now().since(taken);
        if ticks > LONG || self.stand.is_none() {
            self.chunk = 1;
        } else if ticks < SHORT {
            self.chunk = (self.chunk * 2).min(ROOM);
        }
    }
}

impl<Iter: Iterator> Drop for Taker<'_, Iter> {
    fn drop(&mut self) {
        if let Some(stand) = self.stand {
            self.desk.leave(stand);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Taker;
    use crate::fork::LoopContext;
    use crate::fork::scope::scope;
    use crate::iter::source::par_bridge::desk::Desk;

    /// Rule 5: the desk is occupied all the time.
    #[test]
    fn a_taker_upon_another_job_gives_up() {
        let desk = Desk::new(0..10, 1);
        let occupied = desk.try_enter().unwrap();
        let take = || assert!(!Taker::new(&desk).gather());
        LoopContext::beside_a_busy_worker(|_| scope(|outer| outer.spawn(|_| scope(|inner| inner.spawn(|_| take())))));
        drop(occupied);
        assert!(Taker::new(&desk).gather());
    }
}
