//! A task that waits for another never runs on top of that one's own wait, where it would wait for what lies beneath it.

use crate::gate::Gate;
use crate::in_time::in_time;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{
    JoinHandle, Scope, ThreadPool, ThreadPoolBuilder, block_on, isolate, join, scope, spawn_future, spawn_task,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// What the task beneath begins, and has another thread run a part of.
#[derive(Debug, Default)]
struct Work {
    /// The other thread has begun its part.
    taken: Gate,
    is_taken: AtomicBool,
    /// It may end it.
    go: Gate,
}

impl Work {
    fn part(&self) {
        self.is_taken.store(true, Ordering::Relaxed);
        self.taken.open();
        self.go.pass("the end of the part");
    }

    fn until_taken(&self) {
        self.taken.pass("another thread");
    }

    /// A fork is public when its thread has looked at the steal request.
    fn fork_until_taken(&self) {
        while !self.is_taken.load(Ordering::Relaxed) {
            join(|| (), || ());
        }
    }

    fn in_scope(&self) {
        scope(|s| {
            s.spawn(|_| self.part());
            self.until_taken();
        });
    }

    fn in_join(&self) {
        join(|| self.fork_until_taken(), || self.part());
    }

    fn in_loop(&self) {
        [false, true]
            .par_iter()
            .with_max_len(1)
            .for_each(|&second| if second { self.part() } else { self.fork_until_taken() });
    }

    fn in_task(&self) {
        scope(|s| {
            let part = s.spawn_task(|_| self.part());
            self.until_taken();
            part.join().unwrap();
        });
    }

    fn in_stream(self: &Arc<Self>) {
        let this = Arc::clone(self);
        let mut parts = (0..2).par_map_ordered(2, move |n| if n == 1 { this.part() } else { this.until_taken() });
        assert_eq!(parts.by_ref().count(), 2);
    }
}

type Beneath = fn(&Arc<Work>);

const BENEATH: [(&str, Beneath); 5] = [
    ("scope", |work| work.in_scope()),
    ("join", |work| work.in_join()),
    ("loop", |work| work.in_loop()),
    ("scoped task", |work| work.in_task()),
    ("stream", |work| work.in_stream()),
];

type Above = fn(JoinHandle<()>);

const ABOVE: [(&str, Above); 3] = [
    ("join", |handle| handle.join().unwrap()),
    ("block_on", |handle| block_on(handle).unwrap()),
    ("an awaiting task", |handle| spawn_future(handle).join().unwrap().unwrap()),
];

/// Of two threads one runs the part and the other waits for it, when the task comes that waits for both.
fn meet(pool: &ThreadPool, beneath: impl FnOnce(&Arc<Work>) -> JoinHandle<()>, above: Above) {
    let (work, begun) = (Arc::new(Work::default()), Arc::new(Gate::default()));
    let lower = beneath(&work);
    work.until_taken();
    let upper = {
        let begun = Arc::clone(&begun);
        pool.spawn_task(move || {
            begun.open();
            above(lower);
        })
    };
    begun.pass("the task that joins");
    work.go.open();
    upper.join().unwrap();
}

#[test]
fn a_task_that_waits_for_one_that_waits_runs_elsewhere() {
    for (lower, beneath) in BENEATH {
        for (upper, above) in ABOVE {
            in_time(&format!("{upper} of a task in a {lower}"), move || {
                let pool = pool_of(2);
                for _ in 0..10 {
                    meet(
                        &pool,
                        |work| {
                            let work = Arc::clone(work);
                            pool.spawn_task(move || beneath(&work))
                        },
                        above,
                    );
                }
            });
        }
    }
}

#[test]
fn so_does_one_that_waits_for_a_future_whose_poll_waits() {
    for (lower, beneath) in BENEATH {
        in_time(&format!("a task that joins a future in a {lower}"), move || {
            let pool = pool_of(2);
            for _ in 0..10 {
                meet(
                    &pool,
                    |work| {
                        let work = Arc::clone(work);
                        pool.spawn_future(async move { beneath(&work) })
                    },
                    |handle| handle.join().unwrap(),
                );
            }
        });
    }
}

#[test]
fn so_do_the_tasks_of_one_scope() {
    for (lower, beneath) in BENEATH {
        in_time(&format!("a scoped task that joins one in a {lower}"), move || {
            let pool = pool_of(2);
            for _ in 0..10 {
                let (work, begun) = (Arc::new(Work::default()), Gate::default());
                pool.in_place_scope(|s| {
                    let lower = s.spawn_task(|_| beneath(&work));
                    work.until_taken();
                    s.spawn(|_| {
                        begun.open();
                        lower.join().unwrap();
                    });
                    begun.pass("the job that joins");
                    work.go.open();
                });
            }
        });
    }
}

/// Tasks of a scope, each of which joins the one before it and works in parallel.
fn chain(s: &Scope<'_>) {
    let first = s.spawn_task(|_| sum());
    let last = (2..20).fold(first, |before, _| s.spawn_task(move |_| before.join().unwrap() + sum()));
    assert_eq!(last.join().unwrap(), 19 * sum());
}

fn sum() -> u64 {
    (0..200_u32).into_par_iter().with_max_len(20).map(|n| u64::from(n ^ 1)).sum()
}

#[test]
fn chains_of_tasks_end_in_every_kind_of_call() {
    for threads in [1, 2, 4, 8] {
        in_time("chains of tasks", move || {
            let pool = pool_of(threads);
            for _ in 0..50 {
                pool.scope(chain);
                pool.in_place_scope(chain);
                pool.install(|| isolate(|| scope(chain)));
                let chained = pool.spawn_task(|| {
                    (2..20).fold(spawn_task(sum), |before, _| spawn_task(move || before.join().unwrap() + sum())).join()
                });
                assert_eq!(chained.join().unwrap().unwrap(), 19 * pool.install(sum));
            }
        });
    }
}

#[test]
fn more_tasks_than_the_thread_remembers_are_joined_in_the_order_of_their_making() {
    for threads in [1, 2] {
        in_time("tasks joined in order", move || {
            let pool = pool_of(threads);
            for _ in 0..20 {
                let total: usize = pool.install(|| {
                    let handles: Vec<_> = (0..300).map(|n| spawn_task(move || n)).collect();
                    handles.into_iter().map(|handle| handle.join().unwrap()).sum()
                });
                assert_eq!(total, 300 * 299 / 2);
            }
        });
    }
}
