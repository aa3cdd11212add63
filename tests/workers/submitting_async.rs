//! Futures that wait for room: who is woken, who is let in, and what becomes of one that is dropped.

use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use paceline::workers::{Order, Request, SubmitAsync, SubmitError, TrySubmitError, WorkerPool};

use crate::gauge::{Gauge, Warden, stop};
use crate::with_watchdog;

/// A waker that says its name.
struct Named(&'static str, mpsc::Sender<&'static str>);

impl Wake for Named {
    fn wake(self: Arc<Self>) {
        let _ = self.1.send(self.0);
    }
}

fn poll<T>(
    submission: &mut SubmitAsync<'_, T>,
    name: &'static str,
    woken: &mpsc::Sender<&'static str>,
) -> Poll<Result<u64, SubmitError<T>>> {
    let waker = Waker::from(Arc::new(Named(name, woken.clone())));
    Pin::new(submission).poll(&mut Context::from_waker(&waker))
}

/// A pool of one worker that is at an item, and with one item in its queue: there is no room.
fn full_pool() -> (WorkerPool<u32>, Warden) {
    let (stop, warden) = stop();
    let pool = WorkerPool::builder().threads(1).capacity(1).build(move |_, _: u32| stop.wait()).unwrap();
    pool.submit(0).unwrap();
    warden.await_arrivals(1);
    pool.submit(1).unwrap();
    (pool, warden)
}

#[test]
fn a_future_is_let_in_at_once_or_woken_when_there_is_room() {
    with_watchdog(|| {
        let (pool, warden) = full_pool();
        let (wake, woken) = mpsc::channel();
        let mut submission = pool.submit_async(2);
        assert!(poll(&mut submission, "old", &wake).is_pending());
        assert!(poll(&mut submission, "new", &wake).is_pending());
        warden.let_pass(1);
        assert_eq!(woken.recv(), Ok("new"), "the waker of the last poll is woken");
        assert_eq!(poll(&mut submission, "new", &wake), Poll::Ready(Ok(2)));
        assert_eq!(submission.into_item(), None);
        drop(warden);
        assert_eq!(paceline::block_on(pool.submit_async(3)), Ok(3));
        pool.shutdown().unwrap();
        assert!(woken.try_recv().is_err(), "no waker is woken twice");
    });
}

#[test]
fn a_future_that_is_dropped_passes_its_call_on() {
    with_watchdog(|| {
        let (pool, warden) = full_pool();
        let (wake, woken) = mpsc::channel();
        let (mut first, mut second) = (pool.submit_async(2), pool.submit_async(3));
        assert!(poll(&mut first, "first", &wake).is_pending());
        assert!(poll(&mut second, "second", &wake).is_pending());
        warden.let_pass(1);
        assert_eq!(woken.recv(), Ok("first"));
        assert!(woken.try_recv().is_err());
        assert_eq!(first.into_item(), Some(2));
        assert_eq!(woken.recv(), Ok("second"));
        assert_eq!(poll(&mut second, "second", &wake), Poll::Ready(Ok(2)));
        drop(warden);
    });
}

#[test]
fn a_future_that_is_dropped_before_its_call_leaves_the_line() {
    with_watchdog(|| {
        let (pool, warden) = full_pool();
        let (wake, woken) = mpsc::channel();
        let (mut first, mut second) = (pool.submit_async(2), pool.submit_async(3));
        assert!(poll(&mut first, "first", &wake).is_pending());
        assert!(poll(&mut second, "second", &wake).is_pending());
        drop(first);
        warden.let_pass(1);
        assert_eq!(woken.recv(), Ok("second"));
        assert_eq!(poll(&mut second, "second", &wake), Poll::Ready(Ok(2)));
        drop(warden);
    });
}

#[test]
fn a_future_that_others_got_ahead_of_keeps_its_turn() {
    with_watchdog(|| {
        let (pool, warden) = full_pool();
        let (wake, woken) = mpsc::channel();
        let (mut first, mut second) = (pool.submit_async(2), pool.submit_async(3));
        assert!(poll(&mut first, "first", &wake).is_pending());
        assert!(poll(&mut second, "second", &wake).is_pending());
        warden.let_pass(1);
        assert_eq!(woken.recv(), Ok("first"));
        warden.await_arrivals(1);
        assert_eq!(pool.try_submit(4), Ok(2));
        assert!(poll(&mut first, "first", &wake).is_pending());
        warden.let_pass(1);
        assert_eq!(woken.recv(), Ok("first"));
        assert_eq!(poll(&mut first, "first", &wake), Poll::Ready(Ok(3)));
        drop(warden);
        assert_eq!(woken.recv(), Ok("second"));
    });
}

#[test]
fn a_thread_does_not_wait_for_a_future_that_is_not_polled() {
    with_watchdog(|| {
        let (pool, warden) = full_pool();
        let (wake, woken) = mpsc::channel();
        let mut idle = pool.submit_async(2);
        assert!(poll(&mut idle, "idle", &wake).is_pending());
        thread::scope(|scope| {
            let submitter = scope.spawn(|| pool.submit(3));
            warden.let_pass(1);
            assert_eq!(woken.recv(), Ok("idle"));
            assert_eq!(submitter.join().unwrap(), Ok(2));
        });
        drop(warden);
    });
}

#[test]
fn a_future_that_waits_gets_its_item_back_when_the_pool_is_closed() {
    with_watchdog(|| {
        let (pool, warden) = full_pool();
        let (wake, woken) = mpsc::channel();
        let (mut first, mut second) = (pool.submit_async(2), pool.submit_async(3));
        assert!(poll(&mut first, "first", &wake).is_pending());
        assert!(poll(&mut second, "second", &wake).is_pending());
        pool.close();
        assert_eq!((woken.recv(), woken.recv()), (Ok("first"), Ok("second")));
        assert_eq!(poll(&mut first, "first", &wake), Poll::Ready(Err(SubmitError(2))));
        assert_eq!(poll(&mut second, "second", &wake), Poll::Ready(Err(SubmitError(3))));
        assert_eq!(paceline::block_on(pool.submit_async(4)), Err(SubmitError(4)));
        assert_eq!(pool.try_submit(5), Err(TrySubmitError::Closed(5)));
        drop(warden);
    });
}

#[test]
fn items_of_futures_are_dropped_once() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let (stop, warden) = stop();
        let pool = WorkerPool::builder().threads(1).capacity(1).build(move |_, _| stop.wait()).unwrap();
        assert!(pool.submit(gauge.token()).is_ok());
        warden.await_arrivals(1);
        assert!(pool.submit(gauge.token()).is_ok());
        let (wake, _woken) = mpsc::channel();
        let mut waiting = pool.submit_async(gauge.token());
        assert!(poll(&mut waiting, "waiting", &wake).is_pending());
        drop(pool.submit_async(gauge.token()));
        assert_eq!(gauge.alive(), 3);
        drop(waiting);
        assert_eq!(gauge.alive(), 2);
        drop(warden);
        drop(pool);
        assert_eq!(gauge.alive(), 0);
    });
}

/// Gives its item up after one poll that finds no room.
async fn try_once(pool: &WorkerPool<u64>, item: u64) -> Option<u64> {
    let mut submission = pool.submit_async(item);
    std::future::poll_fn(|context| {
        Poll::Ready(match Pin::new(&mut submission).poll(context) {
            Poll::Ready(answer) => {
                answer.expect("the pool is open");
                None
            }
            Poll::Pending => Some(()),
        })
    })
    .await?;
    submission.into_item()
}

#[test]
fn tasks_and_threads_that_all_wait_for_room_lose_nothing() {
    with_watchdog(|| {
        const EACH: u64 = 300;
        const TASKS: u64 = 8;
        const THREADS: u64 = 2;
        let builder = WorkerPool::builder().threads(2).capacity(1);
        let (pool, results) = builder.build_with_results(Order::Completion, |_, item: u64| item).unwrap();
        let pool = Arc::new(pool);
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let pool = Arc::clone(&pool);
                thread::spawn(move || {
                    (0..EACH).for_each(|item| assert!(pool.submit(thread * EACH + item).is_ok()));
                })
            })
            .collect();
        let runtime = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let tasks = (THREADS..THREADS + TASKS).map(|task| {
                let pool = Arc::clone(&pool);
                runtime.spawn(async move {
                    for item in task * EACH..(task + 1) * EACH {
                        // Many a future is dropped while it waits.
                        if let Some(item) = try_once(&pool, item).await {
                            pool.submit_async(item).await.unwrap();
                        }
                    }
                })
            });
            let tasks: Vec<_> = tasks.collect();
            runtime.block_on(async {
                for task in tasks {
                    task.await.unwrap();
                }
            });
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            // The last handle of the pool goes here, which closes it.
        });
        let mut items: Vec<u64> = results.map(Result::unwrap).collect();
        runtime.join().unwrap();
        items.sort_unstable();
        assert!(items.into_iter().eq(0..(THREADS + TASKS) * EACH));
    });
}

#[test]
fn a_task_submits_and_awaits_its_result() {
    with_watchdog(|| {
        let pool = WorkerPool::builder().threads(2).capacity(1).build_with_handles(|_, item: u64| item + 1).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let pool = Arc::new(pool);
        let tasks: Vec<_> = (0..50)
            .map(|item| {
                let pool = Arc::clone(&pool);
                runtime.spawn(async move {
                    let (request, handle) = Request::new(item);
                    pool.submit_async(request).await.unwrap();
                    handle.await.unwrap()
                })
            })
            .collect();
        for (item, task) in (0..50).zip(tasks) {
            assert_eq!(runtime.block_on(task).unwrap(), item + 1);
        }
    });
}
