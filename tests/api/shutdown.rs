//! What the pool offers beyond rayon's API: `shutdown`, and a thread per physical core.

use crate::meeting::{Gate, receive};
use crate::pools::{at_each_size, pool_of};
use paceline::ThreadPoolBuilder;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::available_parallelism;

#[test]
fn waits_for_all_that_was_spawned() {
    at_each_size(|_, threads| {
        let (pool, count) = (pool_of(threads), Arc::new(AtomicUsize::new(0)));
        for i in 0..1_000 {
            let count = Arc::clone(&count);
            let work = move || {
                count.fetch_add(1, Ordering::SeqCst);
            };
            if i % 2 == 0 {
                pool.spawn(work);
            } else {
                pool.spawn_fifo(work);
            }
        }
        let each = Arc::clone(&count);
        pool.spawn_broadcast(move |_| {
            each.fetch_add(1, Ordering::SeqCst);
        });
        pool.shutdown();
        assert_eq!(count.load(Ordering::SeqCst), 1_000 + threads);
    });
}

#[test]
fn waits_for_what_spawned_work_spawns() {
    fn tree(depth: usize, count: Arc<AtomicUsize>) {
        count.fetch_add(1, Ordering::SeqCst);
        if depth > 0 {
            for _ in 0..2 {
                let count = Arc::clone(&count);
                paceline::spawn(move || tree(depth - 1, count));
            }
        }
    }
    at_each_size(|_, threads| {
        let (pool, count) = (pool_of(threads), Arc::new(AtomicUsize::new(0)));
        let (gate, held) = (Arc::new(Gate::default()), Arc::clone(&count));
        let opened = Arc::clone(&gate);
        pool.spawn(move || {
            opened.pass("the opening, just before the shutdown");
            tree(9, held);
        });
        gate.open();
        pool.shutdown();
        assert_eq!(count.load(Ordering::SeqCst), 1_023);
    });
}

thread_local! {
    static FAREWELL: RefCell<Option<Farewell>> = const { RefCell::new(None) };
}

/// Counts the threads whose thread-local destructors have run.
struct Farewell(Arc<AtomicUsize>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn returns_once_the_threads_are_gone_with_their_locals() {
    at_each_size(|_, threads| {
        let (exits, farewells) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let exited = Arc::clone(&exits);
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .exit_handler(move |_| {
                exited.fetch_add(1, Ordering::SeqCst);
            })
            .build()
            .unwrap();
        pool.broadcast(|_| FAREWELL.set(Some(Farewell(Arc::clone(&farewells)))));
        assert_eq!(farewells.load(Ordering::SeqCst), 0);
        pool.shutdown();
        assert_eq!(exits.load(Ordering::SeqCst), threads);
        assert_eq!(farewells.load(Ordering::SeqCst), threads);
        assert_eq!(Arc::strong_count(&exits), 1, "the handlers are gone too");
    });
}

#[test]
fn an_idle_pool_shuts_down() {
    for _ in 0..50 {
        at_each_size(|_, threads| pool_of(threads).shutdown());
    }
}

#[test]
fn panics_of_spawned_work_go_to_the_handler_meanwhile() {
    let (to, from) = channel();
    let pool = ThreadPoolBuilder::new()
        .num_threads(2)
        .panic_handler(move |payload| to.send(*payload.downcast::<usize>().unwrap()).unwrap())
        .build()
        .unwrap();
    for i in 0..100_usize {
        pool.spawn(move || resume_unwind(Box::new(i)));
    }
    pool.shutdown();
    let mut payloads: Vec<_> = from.try_iter().collect();
    payloads.sort_unstable();
    assert!(payloads.into_iter().eq(0..100));
}

#[test]
fn a_worker_of_another_pool_shuts_one_down() {
    let (home, abroad) = (pool_of(1), pool_of(2));
    let (to, from) = channel();
    home.install(|| {
        abroad.spawn(move || to.send(1).unwrap());
        abroad.shutdown();
    });
    assert_eq!(from.try_recv(), Ok(1));
}

/// A worker cannot wait for its own end: it is told so, and the pool still winds up.
#[test]
fn one_of_its_own_workers_gets_a_panic() {
    at_each_size(|_, threads| {
        let (to, from) = channel();
        let (pool, last) = (pool_of(threads), to.clone());
        let pool = Arc::new(pool);
        let (own, gate) = (Arc::clone(&pool), Arc::new(Gate::default()));
        let held = Arc::clone(&gate);
        pool.spawn(move || {
            held.pass("the drop of the other handle");
            own.spawn(move || last.send("queued work ran".to_owned()).unwrap());
            let own = Arc::into_inner(own).expect("the last handle");
            let payload = catch_unwind(AssertUnwindSafe(|| own.shutdown())).unwrap_err();
            let text = match payload.downcast::<String>() {
                Ok(text) => *text,
                Err(payload) => (*payload.downcast_ref::<&str>().unwrap()).to_owned(),
            };
            to.send(text).unwrap();
        });
        drop(pool);
        gate.open();
        let texts = [receive(&from, "a message"), receive(&from, "a message")];
        let queued = "queued work ran";
        let told = texts.iter().find(|text| *text != queued).unwrap();
        assert!(told.contains("shutdown") && told.contains("own"), "{told}");
        assert!(texts.iter().any(|text| text == queued));
    });
}

/// No more than the quota and the affinity mask leave.
fn physical_cores() -> usize {
    num_cpus::get_physical().min(available_parallelism().unwrap().get())
}

#[test]
fn a_pool_has_a_thread_per_physical_core() {
    let pool = ThreadPoolBuilder::new().physical_cores().build().unwrap();
    assert_eq!(pool.current_num_threads(), physical_cores());
}

/// Like `num_threads`, it sets the number: the last call counts.
#[test]
fn the_last_of_physical_cores_and_num_threads_counts() {
    let explicit = ThreadPoolBuilder::new().physical_cores().num_threads(3).build();
    assert_eq!(explicit.unwrap().current_num_threads(), 3);
    let physical = ThreadPoolBuilder::new().num_threads(3).physical_cores().build();
    assert_eq!(physical.unwrap().current_num_threads(), physical_cores());
}
