//! Wakers, results and payloads of the user's that panic where the pool or a handle touches them.

use crate::counted::{Count, Counted, Thorn};
use crate::watchdog::{held_pool, pool_of, with_watchdog};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

/// What a waker does wrong. Each panics with a payload that panics when it is dropped.
#[derive(Default)]
struct Wrong {
    clones: bool,
    wakes: bool,
    drops: bool,
    alive: AtomicUsize,
}

/// All of them, and payloads that must not be dropped: kept, so that a leak checker can tell them from what is lost.
static WRONGS: Mutex<Vec<&Wrong>> = Mutex::new(Vec::new());
static PAYLOADS: Mutex<Vec<Box<dyn Any + Send>>> = Mutex::new(Vec::new());

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, |_| (), drop_it);

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a `Wrong` outlives its wakers, in these tests.
    let wrong = unsafe { &*data.cast::<Wrong>() };
    if wrong.clones {
        panic_any(Thorn(2));
    }
    wrong.alive.fetch_add(1, Ordering::SeqCst);
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: as in `clone`.
    let wrong = unsafe { &*data.cast::<Wrong>() };
    wrong.alive.fetch_sub(1, Ordering::SeqCst);
    if wrong.wakes {
        panic_any(Thorn(2));
    }
}

unsafe fn drop_it(data: *const ()) {
    // SAFETY: as in `clone`.
    let wrong = unsafe { &*data.cast::<Wrong>() };
    wrong.alive.fetch_sub(1, Ordering::SeqCst);
    if wrong.drops {
        panic_any(Thorn(2));
    }
}

impl Wrong {
    /// Calls `f` with a waker of this, which is gone afterwards without a panic.
    fn with<R>(&'static self, f: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let raw = RawWaker::new((&raw const *self).cast(), &VTABLE);
        // SAFETY: its functions may be called from any thread, and touch only what lives for ever.
        let waker = std::mem::ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
        f(&mut Context::from_waker(&waker))
    }

    fn leaked(self) -> &'static Self {
        let this = Box::leak(Box::new(self));
        WRONGS.lock().unwrap().push(this);
        this
    }

    fn alive(&self) -> usize {
        self.alive.load(Ordering::SeqCst)
    }
}

#[test]
fn a_waker_that_panics_when_it_wakes_or_is_dropped_harms_nobody() {
    let wrong = || Wrong { wakes: true, drops: true, ..Wrong::default() }.leaked();
    let (woken, replaced, dropped) = (wrong(), wrong(), wrong());
    let (pool, release) = held_pool();
    let mut first = pool.spawn_task(|| 1);
    let mut second = pool.spawn_task(|| 2);
    let mut third = pool.spawn_task(|| 3);
    assert!(woken.with(|context| Pin::new(&mut first).poll(context)).is_pending());
    assert!(replaced.with(|context| Pin::new(&mut second).poll(context)).is_pending());
    assert!(dropped.with(|context| Pin::new(&mut third).poll(context)).is_pending());
    let idle = &mut Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut second).poll(idle).is_pending(), "the first waker's drop is swallowed");
    drop(third);
    drop(release);
    assert_eq!(with_watchdog(|| first.join().unwrap() + second.join().unwrap()), 3);
    with_watchdog(move || pool.shutdown());
    assert_eq!((woken.alive(), replaced.alive(), dropped.alive()), (0, 0, 0));
}

#[test]
fn a_waker_that_cannot_be_cloned_leaves_the_handle_as_it_was() {
    for polled_before in [true, false] {
        let (good, bad) = (Wrong::default().leaked(), Wrong { clones: true, ..Wrong::default() }.leaked());
        let (pool, release) = held_pool();
        let mut handle = pool.spawn_task(|| 42);
        if polled_before {
            assert!(good.with(|context| Pin::new(&mut handle).poll(context)).is_pending());
        }
        let poll = catch_unwind(AssertUnwindSafe(|| bad.with(|context| Pin::new(&mut handle).poll(context))));
        PAYLOADS.lock().unwrap().push(poll.expect_err("the clone panics"));
        assert!(good.with(|context| Pin::new(&mut handle).poll(context)).is_pending());
        drop(release);
        assert_eq!(with_watchdog(|| handle.join().unwrap()), 42);
        with_watchdog(move || pool.shutdown());
        assert_eq!((good.alive(), bad.alive()), (0, 0));
    }
}

#[test]
fn a_waker_that_is_left_over_is_dropped_with_the_task() {
    let (good, bad) =
        (Wrong { drops: true, ..Wrong::default() }.leaked(), Wrong { clones: true, ..Wrong::default() }.leaked());
    let (pool, release) = held_pool();
    let mut handle = pool.spawn_task(|| 42);
    assert!(good.with(|context| Pin::new(&mut handle).poll(context)).is_pending());
    let poll = catch_unwind(AssertUnwindSafe(|| bad.with(|context| Pin::new(&mut handle).poll(context))));
    PAYLOADS.lock().unwrap().push(poll.expect_err("the clone panics"));
    drop(handle);
    drop(release);
    with_watchdog(move || pool.shutdown());
    assert_eq!(good.alive(), 0);
}

/// Panics when it is dropped, as a `Thorn` does, and counts that it was.
struct Burr {
    _counted: Counted,
    _thorn: Thorn,
}

#[test]
fn a_result_or_a_payload_that_panics_is_dropped_with_its_handle() {
    let count = Count::default();
    let burr = || Burr { _counted: count.one(), _thorn: Thorn(3) };
    let pool = pool_of(1);
    for panics in [true, false] {
        let make = burr();
        let task = pool.spawn_task(move || if panics { panic_any(make) } else { make });
        let make = burr();
        let future = pool.spawn_future(async move { if panics { panic_any(make) } else { make } });
        while !task.is_finished() || !future.is_finished() {
            std::thread::yield_now();
        }
        drop(task);
        drop(future);
    }
    let (held, release) = held_pool();
    for panics in [true, false] {
        let make = burr();
        drop(held.spawn_task(move || if panics { panic_any(make) } else { make }));
    }
    drop(release);
    with_watchdog(move || held.shutdown());
    with_watchdog(move || pool.shutdown());
    count.assert_balanced();
}

#[test]
fn a_body_that_panics_when_it_is_dropped_is_dropped_by_the_pool() {
    let count = Arc::new(Count::default());
    let (pool, release) = held_pool();
    let burr = || Burr { _counted: count.one(), _thorn: Thorn(3) };
    let (closure, future, forgotten) = (burr(), burr(), burr());
    pool.spawn_task(move || drop(closure)).cancel();
    pool.spawn_future(async move {
        let _future = future;
        std::future::pending::<()>().await;
    })
    .cancel();
    drop(pool.spawn_future(std::future::poll_fn(move |_| {
        let _forgotten = &forgotten;
        Poll::<()>::Pending
    })));
    drop(release);
    with_watchdog(move || pool.shutdown());
    count.assert_balanced();
}
