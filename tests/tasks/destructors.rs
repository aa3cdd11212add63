//! Where and when bodies are dropped: by the pool, before the task is seen to be finished, and never beneath a caller who
//! may hold a lock that the destructor wants.

use crate::gate::Gate;
use crate::watchdog::{WATCHDOG, held_pool, pool_of, with_watchdog};
use paceline::{CancelToken, JoinHandle, ThreadPool};
use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

/// Reports the thread on which it is dropped, and whether that is one of a pool's.
struct Told(Sender<(thread::ThreadId, bool)>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send((thread::current().id(), paceline::current_thread_index().is_some()));
    }
}

/// A future that waits for ever, and lets its waker go into `slot`.
fn idle(pool: &ThreadPool, slot: &Arc<Mutex<Option<Waker>>>, told: Told) -> JoinHandle<()> {
    let (slot, (tell, polled)) = (Arc::clone(slot), channel());
    let handle = pool.spawn_future(poll_fn(move |context| {
        let _told = &told;
        *slot.lock().unwrap() = Some(context.waker().clone());
        tell.send(()).unwrap();
        Poll::Pending
    }));
    polled.recv_timeout(WATCHDOG).unwrap();
    // Afterwards the pool's thread has left it alone.
    pool.install(|| ());
    handle
}

/// Ends an idle future by `end`, on this thread, and asserts that a thread of the pool drops it.
#[track_caller]
fn assert_the_pool_drops(end: impl FnOnce(JoinHandle<()>, &Mutex<Option<Waker>>)) {
    let pool = pool_of(1);
    let (tell, told) = channel();
    let slot = Arc::default();
    let handle = idle(&pool, &slot, Told(tell));
    end(handle, &slot);
    let (dropper, is_worker) = told.recv_timeout(WATCHDOG).unwrap();
    assert!(is_worker && dropper != thread::current().id());
    drop(slot);
    with_watchdog(move || pool.shutdown());
}

#[test]
fn the_last_waker_leaves_the_future_to_the_pool() {
    assert_the_pool_drops(|handle, slot| {
        drop(handle);
        drop(slot.lock().unwrap().take());
    });
}

#[test]
fn the_last_handle_leaves_the_future_to_the_pool() {
    assert_the_pool_drops(|handle, slot| {
        drop(slot.lock().unwrap().take());
        drop(handle);
    });
}

#[test]
fn cancelling_leaves_the_future_to_the_pool() {
    assert_the_pool_drops(|handle, _| handle.cancel());
    assert_the_pool_drops(|handle, _| drop(handle.cancel_on_drop()));
    assert_the_pool_drops(|handle, _| {
        let token = CancelToken::new();
        let handle = handle.with_cancel(&token);
        token.cancel();
        drop(handle);
    });
    assert_the_pool_drops(|handle, _| {
        let token = CancelToken::new();
        token.cancel();
        drop(handle.with_cancel(&token));
    });
}

/// A timer's table; what waits in it leaves it when it is dropped.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<Vec<Waker>>>);

struct Entry(Table, Sender<()>);

impl Future for Entry {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<()> {
        self.0.0.lock().unwrap().push(context.waker().clone());
        self.1.send(()).unwrap();
        Poll::Pending
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().clear();
    }
}

/// Has `f` called with the table locked, in which the future of the handle waits.
fn beneath_the_lock(f: impl FnOnce(JoinHandle<()>, &mut Vec<Waker>) + Send + 'static) {
    with_watchdog(move || {
        let (pool, table, (tell, polled)) = (pool_of(1), Table::default(), channel());
        let handle = pool.spawn_future(Entry(table.clone(), tell));
        polled.recv_timeout(WATCHDOG).unwrap();
        pool.install(|| ());
        f(handle, &mut table.0.lock().unwrap());
        pool.shutdown();
    });
}

#[test]
fn the_destructor_may_want_the_lock_of_the_caller() {
    beneath_the_lock(|handle, table| {
        drop(handle);
        table.clear();
    });
    beneath_the_lock(|handle, table| {
        table.clear();
        drop(handle);
    });
    beneath_the_lock(|handle, _| {
        handle.cancel();
        handle.cancel();
    });
    beneath_the_lock(|handle, table| {
        drop(handle.cancel_on_drop());
        table.clear();
    });
    beneath_the_lock(|handle, _| {
        let token = CancelToken::new();
        let handle = handle.with_cancel(&token.child_token());
        token.cancel();
        assert!(!handle.is_finished(), "its destructor waits for the lock");
    });
}

#[test]
fn a_closure_that_has_not_begun_is_dropped_by_its_canceller() {
    let (pool, _release) = held_pool();
    let (tell, told) = channel();
    let (first, second) = (Told(tell.clone()), Told(tell));
    let handle = pool.spawn_task(move || drop(first));
    handle.cancel();
    assert_eq!(told.try_recv().unwrap().0, thread::current().id());
    assert!(handle.join().unwrap_err().is_cancelled());
    let token = CancelToken::new();
    let handle = pool.spawn_task(move || drop(second)).with_cancel(&token);
    token.cancel();
    assert!(handle.is_finished());
    assert_eq!(told.try_recv().unwrap().0, thread::current().id());
}

#[test]
fn a_closure_of_a_scope_is_dropped_by_the_pool() {
    let pool = pool_of(1);
    let (tell, told) = channel();
    let held = Told(tell);
    pool.in_place_scope(|scope| {
        let (hold, held_up) = channel::<()>();
        let (begun, has_begun) = channel();
        scope.spawn(move |_| {
            begun.send(()).unwrap();
            let _ = held_up.recv_timeout(WATCHDOG);
        });
        has_begun.recv_timeout(WATCHDOG).unwrap();
        let handle = scope.spawn_task(move |_| drop(held));
        handle.cancel();
        assert!(!handle.is_finished() && told.try_recv().is_err());
        drop(hold);
        assert!(handle.join().unwrap_err().is_cancelled());
        assert!(told.try_recv().unwrap().1);
    });
}

#[test]
fn a_future_that_forgets_its_waker_is_dropped_with_the_handle_or_before() {
    for detach_first in [true, false] {
        let (pool, release) = held_pool();
        let (tell, told) = channel();
        let held = Told(tell);
        let handle = pool.spawn_future(async move {
            let _held = held;
            pending::<()>().await;
        });
        if detach_first {
            drop(handle);
            drop(release);
        } else {
            drop(release);
            pool.install(|| ());
            drop(handle);
        }
        assert!(told.recv_timeout(WATCHDOG).unwrap().1);
        with_watchdog(move || pool.shutdown());
    }
}

/// Opens `begun` when its drop has begun, and ends it when `end` is open.
#[derive(Clone, Default)]
struct Slow {
    begun: Arc<Gate>,
    end: Arc<Gate>,
    is_gone: Arc<AtomicBool>,
}

struct Slowly(Slow);

impl Drop for Slowly {
    fn drop(&mut self) {
        self.0.begun.open();
        self.0.end.pass("the end of the drop");
        self.0.is_gone.store(true, Ordering::SeqCst);
    }
}

/// Cancels a task, and asserts that it is not finished before its slow body is gone.
fn assert_finished_when_gone(handle: JoinHandle<()>, slow: &Slow, begin: impl FnOnce()) {
    let token = CancelToken::new();
    let handle = handle.with_cancel(&token);
    let canceller = thread::spawn(move || token.cancel());
    begin();
    slow.begun.pass("the drop");
    assert!(!handle.is_finished());
    let is_gone = Arc::clone(&slow.is_gone);
    let joiner = thread::spawn(move || {
        assert!(handle.join().unwrap_err().is_cancelled());
        assert!(is_gone.load(Ordering::SeqCst));
    });
    slow.end.open();
    with_watchdog(move || joiner.join().unwrap());
    canceller.join().unwrap();
}

#[test]
fn what_was_cancelled_is_gone_when_its_end_is_seen() {
    let slow = Slow::default();
    let (pool, release) = held_pool();
    let body = Slowly(slow.clone());
    assert_finished_when_gone(pool.spawn_task(move || drop(body)), &slow, || ());
    drop(release);

    let slow = Slow::default();
    let (pool, body, (tell, polled)) = (pool_of(1), Slowly(slow.clone()), channel());
    let idle = pool.spawn_future(async move {
        let _body = body;
        tell.send(()).unwrap();
        pending::<()>().await;
    });
    polled.recv_timeout(WATCHDOG).unwrap();
    pool.install(|| ());
    assert_finished_when_gone(idle, &slow, || ());

    let slow = Slow::default();
    let (pool, body, (tell, polled)) = (pool_of(1), Slowly(slow.clone()), channel());
    let go_on = Arc::new(Gate::default());
    let may_end = Arc::clone(&go_on);
    let polled_now = pool.spawn_future(poll_fn(move |_| {
        let _body = &body;
        tell.send(()).unwrap();
        may_end.pass("the end of the poll");
        Poll::Pending
    }));
    polled.recv_timeout(WATCHDOG).unwrap();
    polled_now.cancel();
    assert_finished_when_gone(polled_now, &slow, || go_on.open());
}

#[test]
fn what_was_cancelled_is_gone_when_it_is_awaited() {
    let slow = Slow::default();
    let (pool, body, (tell, polled)) = (pool_of(2), Slowly(slow.clone()), channel());
    let handle = pool.spawn_future(async move {
        let _body = body;
        tell.send(()).unwrap();
        pending::<()>().await;
    });
    polled.recv_timeout(WATCHDOG).unwrap();
    handle.cancel();
    let is_gone = Arc::clone(&slow.is_gone);
    let awaiting = pool.spawn_future(async move {
        assert!(handle.await.unwrap_err().is_cancelled());
        is_gone.load(Ordering::SeqCst)
    });
    slow.begun.pass("the drop");
    slow.end.open();
    assert!(with_watchdog(|| awaiting.join().unwrap()));
}

#[test]
fn the_only_worker_joins_what_it_has_cancelled() {
    let pool = pool_of(1);
    with_watchdog(move || {
        let joins = || {
            let (tell, told) = channel();
            let held = Told(tell);
            let task = paceline::spawn_task(move || drop(held));
            task.cancel();
            assert!(task.join().unwrap_err().is_cancelled());
            assert!(told.try_recv().is_ok(), "it is gone by now");
            let future = paceline::spawn_future(pending::<()>());
            future.cancel();
            assert!(paceline::block_on(future).unwrap_err().is_cancelled());
        };
        pool.install(joins);
        pool.shutdown();
    });
}

#[test]
fn the_pool_ends_when_what_it_dropped_is_gone() {
    let (pool, release) = held_pool();
    let slow = Slow::default();
    let body = Slowly(slow.clone());
    pool.spawn_future(async move {
        let _body = body;
        pending::<()>().await;
    })
    .cancel();
    let down = thread::spawn(move || pool.shutdown());
    drop(release);
    slow.begun.pass("the drop");
    assert!(!down.is_finished());
    slow.end.open();
    with_watchdog(move || down.join().unwrap());
    assert!(slow.is_gone.load(Ordering::SeqCst));
}
