//! How async streams end: an input that panics, and what panics when it is dropped, cloned or woken.

use crate::bombs::{Bomb, assert_gone};
use crate::gauge::{Gate, WATCHDOG, pool};
use futures_core::Stream;
use paceline::stream::ParallelMapStream;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

/// The numbers below `len`; panics where it would end. With something that is dropped along with it.
struct Failing<T>(usize, usize, T);

impl<T> Unpin for Failing<T> {}

impl<T> Stream for Failing<T> {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<usize>> {
        let Failing(next, len, _) = &mut *self;
        if next == len {
            resume_unwind(Box::new(*next));
        }
        *next += 1;
        Poll::Ready(Some(*next - 1))
    }
}

/// A waker that sends a message, and panics where it is told to.
struct Bad {
    wakes: bool,
    drops: bool,
    clones: AtomicUsize,
    rings: Sender<()>,
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, |_| (), drop_it);

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: it is leaked, in these tests.
    let bad = unsafe { &*data.cast::<Bad>() };
    if bad.clones.fetch_sub(1, SeqCst) == 0 {
        resume_unwind(Box::new("clone"));
    }
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: as in `clone`.
    let bad = unsafe { &*data.cast::<Bad>() };
    let _ = bad.rings.send(());
    if bad.wakes {
        resume_unwind(Box::new(Bomb::new(&Arc::new(()))));
    }
}

unsafe fn drop_it(data: *const ()) {
    // SAFETY: as in `clone`.
    if unsafe { &*data.cast::<Bad>() }.drops {
        resume_unwind(Box::new(Bomb::new(&Arc::new(()))));
    }
}

impl Bad {
    fn poll<S: Stream + Unpin>(self: &'static Bad, stream: &mut S) -> Poll<Option<S::Item>> {
        // SAFETY: the functions may be called on any thread.
        let waker = unsafe { Waker::from_raw(RawWaker::new((&raw const *self).cast(), &VTABLE)) };
        let waker = std::mem::ManuallyDrop::new(waker);
        Pin::new(stream).poll_next(&mut Context::from_waker(&waker))
    }
}

/// Reads a stream to its end: items, and payloads of panics.
fn read<S: Stream<Item = usize> + Unpin>(mut stream: S) -> Vec<Result<usize, usize>> {
    let (rings, rung) = channel();
    let good = Box::leak(Box::new(Bad { wakes: false, drops: false, clones: AtomicUsize::new(usize::MAX), rings }));
    let mut all = Vec::new();
    loop {
        match catch_unwind(AssertUnwindSafe(|| good.poll(&mut stream))) {
            Ok(Poll::Ready(Some(item))) => all.push(Ok(item)),
            Ok(Poll::Ready(None)) => return all,
            Ok(Poll::Pending) => rung.recv_timeout(WATCHDOG).expect("the task was never woken"),
            Err(payload) => all.push(Err(*payload.downcast::<usize>().unwrap())),
        }
    }
}

#[test]
fn the_panic_of_the_input_comes_behind_what_came_before_it_and_ends_the_stream() {
    for threads in [1, 2, 5] {
        let pool = pool(threads);
        for window in [1, 2, 4, 100] {
            for len in [0, 1, 5, 30] {
                let expected: Vec<_> = (0..len).map(Ok).chain([Err(len)]).collect();
                let ordered = pool.install(|| Failing(0, len, ()).par_map_ordered(window, |n| n));
                assert_eq!(read(ordered), expected);
                let mut found = read(pool.install(|| Failing(0, len, ()).par_map_unordered(window, |n| n)));
                assert_eq!(found.pop(), Some(Err(len)), "it comes last");
                found.sort_unstable();
                assert_eq!(found, expected[..len]);
            }
        }
    }
}

#[test]
fn what_panics_when_it_is_dropped_goes_with_the_stream() {
    for asked in [0, 1, 4] {
        let (alive, pool) = (Arc::new(()), pool(1));
        let (made, captured) = (Arc::clone(&alive), Bomb::new(&alive));
        let input = Failing(0, usize::MAX, Bomb::new(&alive));
        let mut stream = pool.install(|| {
            input.par_map_ordered(4, move |_| {
                let _captured = &captured;
                Bomb::new(&made)
            })
        });
        let (rings, rung) = channel();
        let bad = Box::leak(Box::new(Bad { wakes: true, drops: true, clones: AtomicUsize::new(usize::MAX), rings }));
        let mut found = 0;
        while found < asked {
            match bad.poll(&mut stream) {
                Poll::Ready(bomb) => {
                    bomb.unwrap().disarm();
                    found += 1;
                }
                Poll::Pending => rung.recv_timeout(WATCHDOG).expect("the task was never woken"),
            }
        }
        drop(stream);
        pool.shutdown();
        assert_gone(&alive);
    }
}

#[test]
fn an_input_that_ends_or_panics_is_dropped_and_its_drop_is_swallowed() {
    let (alive, pool) = (Arc::new(()), pool(2));
    let stream = pool.install(|| Failing(0, 3, Bomb::new(&alive)).par_map_ordered(2, |n| n));
    assert_eq!(read(stream), [Ok(0), Ok(1), Ok(2), Err(3)]);
    assert_gone(&alive);
}

#[test]
fn a_waker_that_cannot_be_cloned_loses_nothing() {
    let (pool, gate) = (pool(1), Arc::<Gate>::default());
    let pass = Arc::clone(&gate);
    let mut stream = pool.install(|| {
        Failing(0, 6, ()).par_map_ordered(3, move |n| {
            pass.pass("the opening of the gate");
            n
        })
    });
    let (rings, _rung) = channel();
    let bad = Box::leak(Box::new(Bad { wakes: true, drops: true, clones: AtomicUsize::new(1), rings }));
    assert!(bad.poll(&mut stream).is_pending());
    let panic = catch_unwind(AssertUnwindSafe(|| bad.poll(&mut stream))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"clone"));
    gate.open();
    assert_eq!(read(stream), [Ok(0), Ok(1), Ok(2), Ok(3), Ok(4), Ok(5), Err(6)]);
}
