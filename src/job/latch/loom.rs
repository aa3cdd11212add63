//! Loom models of the latches, with their owners asleep at a real parker.
//!
//! The weakenings, and how the models failed:
//!
//! - `OnceLatch::set` relaxed: all three models of it, concurrent read and write. `probe` relaxed: those two in which
//!   the owner probes. The failed exchange of `fall_asleep` relaxed: the one of the outsider, who looks at nothing
//!   else.
//! - `OnceLatch::set` that looks at the state after the exchange: all three, concurrent load and mutation. One that
//!   copies the waker after it: the one with a notice about something else, concurrent read and write; without such a
//!   notice an owner that sleeps cannot leave before it was woken. One that does not wake the owner: all three,
//!   deadlock.
//! - `CountLatch::end_elsewhere` relaxed: all four, concurrent read and write. `probe` relaxed: those three in which
//!   the owner probes. `fall_asleep` relaxed: the one of the outsider.
//! - `end_elsewhere` that copies the waker after the count: the piece that is handed back to an owner that has another
//!   notice, concurrent read and write.
//! - `fall_asleep` that leaves `here` where it was: three of the four, deadlock.

use super::{CountLatch, Latch, OnceLatch, Wait, Wake};
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::parker::Parker;
use loom::cell::UnsafeCell;
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// The owner's parker, in memory that belongs to the owner: loom reports a thread that touches it after the owner has
/// ended its frame.
struct Waker {
    in_frame: UnsafeCell<()>,
    parker: Arc<Parker>,
}

impl Waker {
    fn new(parker: &Arc<Parker>) -> Self {
        Waker { in_frame: UnsafeCell::new(()), parker: Arc::clone(parker) }
    }

    fn expire(&mut self) {
        self.in_frame.with_mut(|_| ());
    }
}

impl Clone for Waker {
    fn clone(&self) -> Self {
        self.in_frame.with(|_| ());
        Waker::new(&self.parker)
    }
}

impl Wake for Waker {
    fn wake(self) {
        self.parker.notify();
    }
}

/// A latch, and the data that the setters write before they set it, in the frame of the owner.
struct Frame<L> {
    latch: L,
    data: [UnsafeCell<u32>; 2],
}

/// How threads reach a frame: as jobs do, by a pointer. The memory itself is kept until the model ends, so that loom
/// reports a late touch as an error and nothing worse happens.
struct Shared<L>(Arc<std::cell::UnsafeCell<Frame<L>>>);

impl<L> Clone for Shared<L> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

// SAFETY: loom checks each access to the frame's cells, or only the owner makes it.
unsafe impl<L> Send for Shared<L> {}

impl<L> Shared<L> {
    fn new(latch: L) -> Self {
        let data = [UnsafeCell::new(0), UnsafeCell::new(0)];
        Shared(Arc::new(std::cell::UnsafeCell::new(Frame { latch, data })))
    }

    fn latch(&self) -> *const L {
        // SAFETY: the memory is there; the callers argue what they do through the pointer.
        unsafe { &raw const (*self.0.get()).latch }
    }

    fn datum(&self, i: usize) -> &UnsafeCell<u32> {
        // SAFETY: only the owner's `end` makes a unique reference, and to the latch.
        unsafe { &(*self.0.get()).data[i] }
    }

    /// A setter's result.
    fn write(&self, i: usize) {
        // SAFETY: loom checks that no other thread accesses it.
        self.datum(i).with_mut(|datum| unsafe { *datum += 1 });
    }

    /// The data as the owner finds it after its wait.
    fn read(&self, i: usize) -> u32 {
        // SAFETY: as in `write`.
        self.datum(i).with(|datum| unsafe { *datum })
    }

    fn spawn(&self, f: impl FnOnce(Self) + 'static) -> JoinHandle<()>
    where
        L: 'static,
    {
        let shared = self.clone();
        thread::spawn(move || f(shared))
    }

    /// The owner's frame ends: from here on no thread may touch the latch, its waker or the data.
    fn end(&self, expire: impl FnOnce(&mut L)) {
        for i in [0, 1] {
            self.datum(i).with_mut(|_| ());
        }
        // SAFETY: only the owner uses the latch now, which the models check.
        expire(unsafe { &mut (*self.0.get()).latch });
    }
}

fn own_parker() -> Arc<Parker> {
    Arc::new(Parker::new())
}

/// Waits as a thread that is no worker does.
fn wait_outside(latch: &dyn Wait, parker: &Parker) {
    while latch.fall_asleep() {
        parker.park();
        latch.wake_up();
    }
}

/// Waits as a worker does: it looks at the latch, and sleeps once it has nothing else to do.
fn wait_as_worker(latch: &dyn Wait, parker: &Parker) {
    while !latch.probe() {
        if latch.fall_asleep() {
            parker.park();
            latch.wake_up();
        }
    }
}

type Once = Shared<OnceLatch<Waker>>;
type Count = Shared<CountLatch<Waker>>;

fn end_once(shared: &Once) {
    shared.end(|latch| latch.expire(Waker::expire));
}

fn end_count(shared: &Count) {
    shared.end(|latch| latch.expire(Waker::expire));
}

/// One setter; the owner waits by `wait` and ends its frame.
fn check_once(wait: fn(&dyn Wait, &Parker)) {
    loom::model(move || {
        let parker = own_parker();
        let shared = Once::new(OnceLatch::new(Waker::new(&parker)));
        let setter = shared.spawn(|shared| {
            shared.write(0);
            // SAFETY: alive, and set once.
            unsafe { Latch::set(shared.latch()) };
        });
        // SAFETY: the owner's frame is still there.
        wait(unsafe { &*shared.latch() }, &parker);
        assert_eq!(shared.read(0), 1);
        end_once(&shared);
        setter.join().unwrap();
    });
}

#[test]
fn behind_an_open_latch_an_outsider_sees_the_result_and_the_latch_may_go() {
    check_once(wait_outside);
}

#[test]
fn behind_an_open_latch_a_worker_sees_the_result_and_the_latch_may_go() {
    check_once(wait_as_worker);
}

#[test]
fn a_notice_about_something_else_neither_opens_a_latch_nor_loses_its_setting() {
    loom::model(|| {
        let parker = own_parker();
        let shared = Once::new(OnceLatch::new(Waker::new(&parker)));
        let setter = shared.spawn(|shared| {
            shared.write(0);
            // SAFETY: alive, and set once.
            unsafe { Latch::set(shared.latch()) };
        });
        let publisher = {
            let parker = Arc::clone(&parker);
            thread::spawn(move || parker.notify())
        };
        // SAFETY: the owner's frame is still there.
        wait_as_worker(unsafe { &*shared.latch() }, &parker);
        assert_eq!(shared.read(0), 1);
        end_once(&shared);
        setter.join().unwrap();
        publisher.join().unwrap();
    });
}

/// Two pieces that the owner began end elsewhere; the owner waits by `wait` and ends its frame.
fn check_count(wait: fn(&dyn Wait, &Parker)) {
    loom::model(move || {
        let parker = own_parker();
        let shared = Count::new(CountLatch::new(Waker::new(&parker)));
        // SAFETY: the owner's frame is still there.
        let latch = unsafe { &*shared.latch() };
        // The scope's own body, and two spawns.
        for _ in 0..3 {
            latch.begin_here();
        }
        let thieves = [0, 1].map(|i| {
            shared.spawn(move |shared| {
                shared.write(i);
                // SAFETY: alive until this piece has ended.
                unsafe { CountLatch::end_elsewhere(shared.latch()) };
            })
        });
        latch.end_here();
        wait(latch, &parker);
        assert_eq!([shared.read(0), shared.read(1)], [1, 1]);
        end_count(&shared);
        for thief in thieves {
            thief.join().unwrap();
        }
    });
}

#[test]
fn behind_a_count_of_zero_an_outsider_sees_all_that_was_done() {
    check_count(wait_outside);
}

#[test]
fn behind_a_count_of_zero_a_worker_sees_all_that_was_done() {
    check_count(wait_as_worker);
}

#[test]
fn a_piece_begun_elsewhere_holds_the_latch_shut() {
    loom::model(|| {
        let parker = own_parker();
        let shared = Count::new(CountLatch::new(Waker::new(&parker)));
        // SAFETY: the owner's frame is still there.
        let latch = unsafe { &*shared.latch() };
        latch.begin_here();
        let thief = shared.spawn(|shared| {
            // SAFETY: alive while this piece has not ended.
            unsafe { &*shared.latch() }.begin_elsewhere();
            let nested = shared.spawn(|shared| {
                shared.write(1);
                // SAFETY: alive until the nested piece has ended.
                unsafe { CountLatch::end_elsewhere(shared.latch()) };
            });
            shared.write(0);
            // SAFETY: alive until this piece has ended.
            unsafe { CountLatch::end_elsewhere(shared.latch()) };
            nested.join().unwrap();
        });
        wait_as_worker(latch, &parker);
        assert_eq!([shared.read(0), shared.read(1)], [1, 1]);
        end_count(&shared);
        thief.join().unwrap();
    });
}

#[test]
fn a_piece_begun_elsewhere_may_end_here_though_the_owner_has_slept_meanwhile() {
    loom::model(|| {
        let parker = own_parker();
        let shared = Count::new(CountLatch::new(Waker::new(&parker)));
        // SAFETY: the owner's frame is still there.
        let latch = unsafe { &*shared.latch() };
        let handed_back = Arc::new(AtomicU32::new(0));
        latch.begin_here();
        let thief = {
            let (handed_back, parker) = (Arc::clone(&handed_back), Arc::clone(&parker));
            shared.spawn(move |shared| {
                // SAFETY: alive while this piece has not ended.
                unsafe { &*shared.latch() }.begin_elsewhere();
                // Not a store: loom lets a later exchange overlook one that ran beside an earlier exchange.
                handed_back.swap(1, Ordering::Release);
                parker.notify();
                shared.write(0);
                // SAFETY: alive until this piece has ended.
                unsafe { CountLatch::end_elsewhere(shared.latch()) };
            })
        };
        let mut ended_here = 0;
        while !latch.probe() {
            if handed_back.swap(0, Ordering::Acquire) == 1 {
                ended_here += 1;
                latch.end_here();
            } else if latch.fall_asleep() {
                parker.park();
                latch.wake_up();
            }
        }
        assert_eq!(ended_here, 1, "open while a piece was in the owner's hands");
        assert_eq!(shared.read(0), 1);
        end_count(&shared);
        thief.join().unwrap();
    });
}
