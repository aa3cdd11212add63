//! Threads that a pool did not start itself: spawn handlers, scoped threads, the current thread.

use crate::meeting::{assert_closed, receive};
use crate::pools::SIZES;
use paceline::{ThreadBuilder, ThreadPoolBuilder, Yield};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::{io, thread};

fn start(thread: ThreadBuilder, name: String) -> io::Result<thread::JoinHandle<()>> {
    let mut builder = thread::Builder::new().name(name);
    if let Some(size) = thread.stack_size() {
        builder = builder.stack_size(size);
    }
    builder.spawn(|| thread.run())
}

#[test]
fn a_spawn_handler_is_told_about_each_thread() {
    let mut told = Vec::new();
    let mut handles = Vec::new();
    let pool = ThreadPoolBuilder::new()
        .num_threads(3)
        .thread_name(|index| format!("rider {index}"))
        .stack_size(3 << 20)
        .spawn_handler(|thread| {
            let name = thread.name().map(String::from);
            told.push((thread.index(), name, thread.stack_size()));
            let custom = format!("custom {}", thread.index());
            handles.push(start(thread, custom)?);
            Ok(())
        })
        .build()
        .unwrap();
    let names = pool.broadcast(|_| thread::current().name().map(String::from));
    assert!(names.into_iter().eq((0..3).map(|i| Some(format!("custom {i}")))));
    drop(pool);
    for handle in handles {
        handle.join().expect("a thread ends when its pool does");
    }
    told.sort();
    let expected = |i| (i, Some(format!("rider {i}")), Some(3 << 20));
    assert!(told.into_iter().eq((0..3).map(expected)));
}

/// The names of the threads of a pool of twelve.
fn names_of(builder: ThreadPoolBuilder) -> Vec<String> {
    let pool = builder.num_threads(12).build().unwrap();
    pool.broadcast(|_| thread::current().name().unwrap().to_owned())
}

#[test]
fn a_pools_threads_have_its_name_and_their_index_in_fifteen_bytes() {
    let names = names_of(ThreadPoolBuilder::new());
    assert_eq!((&*names[3], &*names[11]), ("paceline-3", "paceline-11"));

    let names = names_of(ThreadPoolBuilder::new().name("oven"));
    assert_eq!((&*names[3], &*names[11]), ("oven-3", "oven-11"));

    let names = names_of(ThreadPoolBuilder::new().name("thumbnail-maker"));
    assert_eq!((&*names[3], &*names[11]), ("thumbnail-mak-3", "thumbnail-ma-11"));

    // Each letter has two bytes, and none is cut in half.
    let names = names_of(ThreadPoolBuilder::new().name("äöüäöüäöü"));
    assert_eq!((&*names[3], &*names[11]), ("äöüäöü-3", "äöüäöü-11"));

    let names =
        names_of(ThreadPoolBuilder::new().name("oven").thread_name(|index| format!("a name of {index} as it is")));
    assert_eq!(names[3], "a name of 3 as it is");
}

#[test]
fn without_a_name_or_size_a_spawn_handler_is_told_the_default() {
    let mut told = Vec::new();
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .spawn_handler(|thread| {
            told.push((thread.name().map(str::to_owned), thread.stack_size()));
            thread::spawn(|| thread.run());
            Ok(())
        })
        .build()
        .unwrap();
    assert_eq!(pool.install(|| 1), 1);
    assert_eq!(told, [0, 1].map(|index| (Some(format!("paceline-{index}")), None)));
}

/// A handler that gives up midway: the threads that it had started are sent home.
#[test]
fn a_refused_thread_ends_those_before_it() {
    let (to, exited) = channel();
    let mut handles = Vec::new();
    let built = ThreadPoolBuilder::new()
        .num_threads(4)
        .exit_handler(move |index: usize| to.send(index).unwrap())
        .spawn_handler(|thread| match thread.index() {
            2 => Err(io::Error::other("enough")),
            index => {
                handles.push(start(thread, format!("custom {index}"))?);
                Ok(())
            }
        })
        .build();
    assert_eq!(built.unwrap_err().to_string(), "could not start thread 3 of 4: enough");
    assert_eq!(handles.len(), 2);
    for handle in handles {
        handle.join().unwrap();
    }
    let mut indices = [receive(&exited, "an exit"), receive(&exited, "an exit")];
    assert_closed(&exited, "an exit");
    indices.sort_unstable();
    assert_eq!(indices, [0, 1]);
}

thread_local! {
    static BADGE: Cell<usize> = const { Cell::new(0) };
}

#[test]
fn scoped_threads_borrow_from_the_caller() {
    for threads in SIZES {
        let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let badges: Vec<usize> = (0..threads).map(|i| 100 + i).collect();
        let result = ThreadPoolBuilder::new().num_threads(threads).build_scoped(
            |thread| {
                begun.fetch_add(1, Ordering::SeqCst);
                BADGE.set(badges[thread.index()]);
                thread.run();
                ended.fetch_add(1, Ordering::SeqCst);
            },
            |pool| {
                assert_eq!(pool.current_num_threads(), threads);
                pool.broadcast(|_| BADGE.get())
            },
        );
        assert_eq!(result.unwrap(), badges);
        assert_eq!(begun.into_inner(), threads);
        assert_eq!(ended.into_inner(), threads, "all threads end with the scope");
    }
}

#[test]
fn scoped_threads_finish_what_was_spawned() {
    let (to, from) = channel();
    ThreadPoolBuilder::new()
        .num_threads(2)
        .build_scoped(ThreadBuilder::run, |pool| {
            for i in 0..100 {
                let to = to.clone();
                pool.spawn(move || to.send(i).unwrap());
            }
        })
        .unwrap();
    drop(to);
    let mut seen: Vec<i32> = from.try_iter().collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..100));
}

#[test]
fn scoped_threads_end_when_the_body_panics() {
    let ended = AtomicUsize::new(0);
    let call = || {
        ThreadPoolBuilder::new().num_threads(2).build_scoped(
            |thread| {
                thread.run();
                ended.fetch_add(1, Ordering::SeqCst);
            },
            |_| -> () { std::panic::resume_unwind(Box::new("body")) },
        )
    };
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"body"));
    assert_eq!(ended.into_inner(), 2);
}

/// Runs `check` on a thread of its own, which stays in the pool that it makes.
fn on_a_fresh_thread(check: impl FnOnce() + Send + 'static) {
    thread::spawn(check).join().unwrap();
}

#[test]
fn the_current_thread_becomes_the_first_worker() {
    for threads in SIZES {
        on_a_fresh_thread(move || {
            let me = thread::current().id();
            let builder = ThreadPoolBuilder::new().num_threads(threads);
            let pool = builder.use_current_thread().build().unwrap();
            assert_eq!(paceline::current_thread_index(), Some(0));
            assert_eq!(pool.current_thread_index(), Some(0));
            assert_eq!(paceline::current_num_threads(), threads);
            assert_eq!(pool.install(|| thread::current().id()), me);
            assert_eq!(pool.join(|| thread::current().id(), || 1), (me, 1));
            let workers = pool.broadcast(|_| thread::current().id());
            assert_eq!((workers.len(), workers[0]), (threads, me));
            let distinct: HashMap<_, _> = workers.iter().map(|id| (id, ())).collect();
            assert_eq!(distinct.len(), threads);
        });
    }
}

#[test]
fn alone_the_current_thread_works_when_it_yields() {
    on_a_fresh_thread(|| {
        let pool = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().unwrap();
        let (to, from) = channel();
        pool.spawn(move || to.send(thread::current().id()).unwrap());
        assert!(from.try_recv().is_err(), "nobody else is there to run it");
        assert_eq!(pool.yield_now(), Some(Yield::Executed));
        assert_eq!(from.try_recv(), Ok(thread::current().id()));
        assert_eq!(pool.yield_now(), Some(Yield::Idle));
    });
}

#[test]
fn other_threads_hand_work_to_a_current_thread_that_waits() {
    on_a_fresh_thread(|| {
        let pool = ThreadPoolBuilder::new().num_threads(2).use_current_thread().build().unwrap();
        let ran = Mutex::new(0);
        pool.scope(|scope| {
            for _ in 0..100 {
                scope.spawn(|_| *ran.lock().unwrap() += 1);
            }
        });
        assert_eq!(ran.into_inner().unwrap(), 100);
    });
}

#[test]
fn a_current_thread_belongs_to_one_pool_only() {
    on_a_fresh_thread(|| {
        let current = || ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
        let first = current().unwrap();
        let text = current().unwrap_err().to_string();
        assert!(text.contains("already"), "{text}");
        assert_eq!(first.current_thread_index(), Some(0));
        // Pools with threads of their own may still be built and entered.
        let other = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        assert_eq!(other.install(paceline::current_num_threads), 2);
        assert_eq!(paceline::current_num_threads(), 1);
    });
}

/// The start and exit handlers are for threads that the pool starts.
#[test]
fn the_current_thread_starts_nothing() {
    on_a_fresh_thread(|| {
        let (to, from): (Sender<usize>, _) = channel();
        let pool = ThreadPoolBuilder::new()
            .num_threads(3)
            .use_current_thread()
            .start_handler(move |index| to.send(index).unwrap())
            .build()
            .unwrap();
        let mut started = [receive(&from, "a start"), receive(&from, "a start")];
        started.sort_unstable();
        assert_eq!(started, [1, 2]);
        assert_eq!(pool.broadcast(|_| ()).len(), 3);
        assert!(from.try_recv().is_err());
    });
}
