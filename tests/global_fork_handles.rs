//! After `fork()`, the child's use of what its parent had begun works or panics clearly, and never hangs.
#![cfg(unix)]

#[path = "support/forked.rs"]
mod forked;

use forked::{NOT_TOLD, across_fork, exit, in_child, told};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{CancelToken, JoinHandle, ThreadPool, ThreadPoolBuilder, WorkerLocal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

fn pool() -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

/// What is held back until the sender is gone.
fn gate() -> (Sender<()>, Mutex<Receiver<()>>) {
    let (open, gate) = channel();
    (open, Mutex::new(gate))
}

fn pass(gate: &Mutex<Receiver<()>>) {
    let _ = gate.lock().unwrap().recv();
}

/// A future of the global pool that waits for its waker, which comes along.
fn idle_future() -> (JoinHandle<()>, Waker) {
    let place = Arc::new(Mutex::new(None::<Waker>));
    let waker = Arc::clone(&place);
    let future = std::future::poll_fn(move |context| {
        *place.lock().unwrap() = Some(context.waker().clone());
        Poll::Pending
    });
    let handle = paceline::spawn_future(future);
    loop {
        if let Some(waker) = waker.lock().unwrap().take() {
            return (handle, waker);
        }
        thread::yield_now();
    }
}

/// In a child `with` gets what the parent has and keeps.
fn in_child_with<T>(value: &mut Option<T>, with: impl FnOnce(T) -> i32) {
    assert_eq!(in_child(|| with(value.take().unwrap())), Ok(0));
}

#[test]
fn handles_of_tasks() {
    let (open, closed) = gate();
    let closed = Arc::new(closed);
    let held = || {
        let closed = Arc::clone(&closed);
        // The other tests use the global pool meanwhile.
        move || paceline::blocking(|| pass(&closed))
    };
    let own = pool();
    for handle in [paceline::spawn_task(held()), own.spawn_task(held())] {
        let mut handle = Some(handle);
        in_child_with(&mut handle, |handle| told(|| handle.join()));
        in_child_with(&mut handle, |handle| told(|| paceline::block_on(handle)));
        in_child_with(&mut handle, |handle| told(|| paceline::scope(|_| paceline::block_on(handle))));
        in_child_with(&mut handle, |handle| {
            handle.cancel();
            told(|| handle.join())
        });
        in_child_with(&mut handle, |handle| {
            drop(handle);
            0
        });
        in_child_with(&mut handle, |handle| i32::from(handle.is_finished()));
    }
    drop(open);
    let done = paceline::spawn_task(|| 9);
    while !done.is_finished() {
        thread::yield_now();
    }
    in_child_with(&mut Some(done), |done| i32::from(done.join().unwrap() != 9));
}

#[test]
fn handles_of_futures_and_what_wakes_and_cancels_them() {
    let (handle, waker) = idle_future();
    let token = CancelToken::new();
    let mut future = Some((handle.with_cancel(&token), waker));
    in_child_with(&mut future, |(handle, _)| told(|| handle.join()));
    in_child_with(&mut future, |(handle, waker)| {
        waker.wake();
        told(|| handle.join())
    });
    in_child_with(&mut future, |(handle, waker)| {
        drop(waker);
        told(|| paceline::block_on(handle))
    });
    in_child_with(&mut future, |(handle, _)| {
        token.cancel();
        if token.is_cancelled() { told(|| handle.join()) } else { 3 }
    });
    in_child_with(&mut future, |(handle, _)| {
        drop(handle.cancel_on_drop());
        0
    });
    let (handle, _) = future.unwrap();
    token.cancel();
    assert!(handle.join().is_err(), "the parent is as before");
}

/// The latch of who joins lies on a stack that the child's own threads use again.
#[test]
fn a_child_that_cancels_leaves_those_alone_who_join_in_the_parent() {
    let (handle, _waker) = idle_future();
    let token = CancelToken::new();
    let handle = handle.with_cancel(&token);
    let joiner = thread::spawn(move || handle.join().is_err());
    let child = in_child(|| {
        let sums = [(); 4].map(|()| thread::spawn(|| (0..100_000_u64).into_par_iter().sum::<u64>()));
        token.cancel();
        i32::from(sums.into_iter().any(|sum| sum.join().unwrap() != 4_999_950_000))
    });
    assert_eq!(child, Ok(0));
    token.cancel();
    assert!(joiner.join().unwrap());
}

/// Gives what it gets, but all beside the first item when the gate is open.
fn hold_back(gate: &Arc<Mutex<Receiver<()>>>) -> impl Fn(u64) -> u64 + Send + Sync + 'static {
    let gate = Arc::clone(gate);
    move |n| {
        if n > 0 {
            pass(&gate);
        }
        n
    }
}

#[test]
fn streams() {
    let (open, closed) = gate();
    let closed = Arc::new(closed);
    let pools = [pool(), pool()];
    let mut seq = Some((0..40).into_par_iter().map(hold_back(&closed)).into_seq_iter(4));
    assert_eq!(seq.as_mut().and_then(Iterator::next), Some(0));
    in_child_with(&mut seq, |seq| told(|| seq.take(20).sum::<u64>()));
    in_child_with(&mut seq, |seq| {
        drop(seq);
        0
    });
    let mut ordered = Some(pools[0].install(|| (0..40).par_map_ordered(4, hold_back(&closed))));
    assert_eq!(ordered.as_mut().and_then(Iterator::next), Some(0));
    in_child_with(&mut ordered, |stream| told(|| stream.take(20).sum::<u64>()));
    in_child_with(&mut ordered, |stream| {
        drop(stream);
        0
    });
    let mut unordered = Some(pools[1].install(|| (0..40).par_map_unordered(4, hold_back(&closed))));
    assert_eq!(unordered.as_mut().and_then(Iterator::next), Some(0));
    in_child_with(&mut unordered, |stream| told(|| stream.take(20).sum::<u64>()));
    let mut unbegun = Some((0..40).into_par_iter().into_seq_iter(4));
    in_child_with(&mut unbegun, |seq| i32::from(seq.sum::<u64>() != 780));
    drop(open);
    assert_eq!(seq.unwrap().sum::<u64>(), 780);
    assert_eq!(ordered.unwrap().sum::<u64>(), 780);
    assert_eq!(unordered.unwrap().sum::<u64>(), 780);
}

/// The same with the input and the results polled.
#[cfg(feature = "stream")]
#[test]
fn async_streams() {
    use futures_core::Stream;
    use paceline::stream::ParallelMapStream;
    use std::pin::Pin;
    use std::task::Context;

    struct Counter(u64);

    impl Stream for Counter {
        type Item = u64;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u64>> {
            self.0 += 1;
            Poll::Ready((self.0 <= 100).then_some(self.0 - 1))
        }
    }

    fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
        paceline::block_on(std::future::poll_fn(|context| Pin::new(&mut *stream).poll_next(context)))
    }

    let (open, closed) = gate();
    let (own, closed) = (pool(), Arc::new(closed));
    let mut stream = Some(own.install(|| Counter(0).par_map_ordered(4, hold_back(&closed))));
    assert_eq!(next(stream.as_mut().unwrap()), Some(0));
    in_child_with(&mut stream, |mut stream| told(|| next(&mut stream)));
    in_child_with(&mut stream, |stream| {
        drop(stream);
        0
    });
    // The next has its window full of what is held back, and would only wait.
    let poll = |stream: &mut (dyn Stream<Item = u64> + Unpin)| {
        Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop())).is_pending()
    };
    let other = pool();
    let mut full = Some(other.install(|| Counter(1).par_map_ordered(4, hold_back(&closed))));
    assert!(poll(full.as_mut().unwrap()));
    in_child_with(&mut full, |mut stream| told(|| poll(&mut stream)));
    drop(open);
    assert_eq!(next(stream.as_mut().unwrap()), Some(1), "the parent is as before");
    assert_eq!(next(full.as_mut().unwrap()), Some(1), "the parent is as before");
}

#[test]
fn handles_of_pools() {
    let mut own = Some(pool());
    own.as_ref().unwrap().install(|| ());
    let tell = |f: &dyn Fn(&ThreadPool)| assert_eq!(in_child(|| told(|| f(own.as_ref().unwrap()))), Ok(0));
    tell(&|own| own.install(|| ()));
    tell(&|own| _ = own.join(|| (), || ()));
    tell(&|own| own.scope(|_| ()));
    tell(&|own| own.scope_fifo(|_| ()));
    tell(&|own| own.in_place_scope(|_| ()));
    tell(&|own| own.in_place_scope_fifo(|_| ()));
    tell(&|own| own.spawn(|| ()));
    tell(&|own| own.spawn_fifo(|| ()));
    tell(&|own| own.spawn_with(paceline::Priority::High, || ()));
    tell(&|own| own.spawn_with(paceline::Priority::Low, || ()));
    tell(&|own| drop(own.broadcast(|_| ())));
    tell(&|own| own.spawn_broadcast(|_| ()));
    tell(&|own| drop(own.spawn_task(|| ())));
    tell(&|own| drop(own.spawn_future(async {})));
    in_child_with(&mut own, |own| told(|| own.shutdown()));
    in_child_with(&mut own, |own| told(|| own.shutdown_now()));
    in_child_with(&mut own, |own| {
        let is_none = own.yield_now().is_none() && own.yield_local().is_none() && own.current_thread_index().is_none();
        i32::from(!is_none || own.current_num_threads() != 2)
    });
    let own = own.unwrap();
    assert_eq!(own.install(|| 4), 4, "the parent is as before");
    own.shutdown();
}

/// The system may have given the names of the parent's threads to the child's.
#[test]
fn a_child_that_drops_a_pool_lets_its_own_threads_alone() {
    let mut own = Some(pool());
    in_child_with(&mut own, |own| {
        let new = pool();
        drop(own);
        // It joins its threads, which have to be there to be joined.
        new.shutdown();
        0
    });
}

#[test]
fn scopes_that_the_fork_happened_in() {
    let own = pool();
    let (open, closed) = gate();
    let open = Mutex::new(Some(open));
    let fork_and_open = |fork: &dyn Fn() -> bool| {
        if !fork() {
            open.lock().unwrap().take();
        }
    };
    let hold = |fork: &(dyn Fn() -> bool + Sync)| {
        own.in_place_scope(|s| {
            s.spawn(|_| pass(&closed));
            fork_and_open(fork);
        });
    };
    let ((), child) = across_fork(hold, |outcome| told(|| outcome.unwrap_or_else(panic_again)));
    assert_eq!(child, Ok(0), "a scope with a job that the child has not");

    type Spawn = for<'s> fn(&paceline::Scope<'s>);
    let spawns: [Spawn; 3] = [|s| s.spawn(|_| ()), |s| s.spawn_broadcast(|_, _| ()), |s| drop(s.spawn_task(|_| ()))];
    for spawn in spawns {
        let spawn = |fork: &(dyn Fn() -> bool + Sync)| {
            own.in_place_scope(|s| {
                if fork() && told(|| spawn(s)) != 0 {
                    exit(3);
                }
            });
        };
        // What could not be spawned does not keep the scope from ending.
        let ((), child) = across_fork(spawn, |outcome| i32::from(outcome.is_err()));
        assert_eq!(child, Ok(0), "a scope of a pool that is not there");
    }

    // As far as the fork in the global pool of the parent, and then in the child's.
    let sum = |_: &paceline::Scope<'_>, fork: &(dyn Fn() -> bool + Sync)| {
        fork();
        (0..1000_u64).into_par_iter().sum::<u64>()
    };
    let right = |outcome: std::thread::Result<u64>| i32::from(!matches!(outcome, Ok(499_500)));
    let (in_place, child) = across_fork(|fork| paceline::in_place_scope(|s| sum(s, fork)), right);
    assert_eq!((in_place, child), (499_500, Ok(0)));
    let (anywhere, child) = across_fork(|fork| paceline::scope(|s| sum(s, fork)), right);
    // On the calling thread, if a worker's place was free. Else the child cannot return to it.
    assert!(anywhere == 499_500 && [Ok(0), Err(libc::SIGABRT)].contains(&child), "{child:?}");
}

fn panic_again(payload: Box<dyn std::any::Any + Send>) {
    std::panic::resume_unwind(payload)
}

/// Two threads add to a token's list, beneath a lock, and take from it, while the child is forked off.
#[test]
fn a_lock_that_another_thread_holds_at_the_fork() {
    let (token, is_over) = (CancelToken::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    drop(token.child_token());
                }
            });
        }
        for _ in 0..200 {
            let child = in_child(|| {
                let status = told(|| token.child_token().cancel());
                if status == NOT_TOLD { 0 } else { status }
            });
            assert_eq!(child, Ok(0));
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn values_of_workers_and_what_is_new() {
    let local = WorkerLocal::new(|| 0_u64);
    let count = || (0..10_000_u64).into_par_iter().for_each(|n| local.with_mut(|sum| *sum += n));
    count();
    let mut local_of_child = Some(&local);
    in_child_with(&mut local_of_child, |_| {
        count();
        0
    });
    let mut local = Some(local);
    in_child_with(&mut local, |local| i32::from(local.into_iter().sum::<u64>() != 49_995_000));
    let child = in_child(|| {
        let task = paceline::spawn_task(|| 1).join().unwrap();
        let seq = (0..100_u64).into_par_iter().into_seq_iter(4).sum::<u64>();
        let mapped = (0..100_u64).par_map_ordered(4, |n| n).sum::<u64>();
        let future = paceline::block_on(paceline::spawn_future(async { 2 })).unwrap();
        i32::from((task, seq, mapped, future) != (1, 4950, 4950, 2))
    });
    assert_eq!(child, Ok(0));
}
