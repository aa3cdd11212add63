//! Loom models of threads that are suspended in blocking calls and in waits, on real registries and with the real life
//! of a standby thread, `Registry::run_standby`. Every thread writes a cell while it holds the slot: two holders at a
//! time are a concurrent write.
//!
//! Weakened to see the models fail (`ci/mutants.txt` has each):
//!
//! - `Slot::holder` loaded or `set_holder` stored relaxed: the model of mail that the standby thread runs, a concurrent
//!   access to a worker that another thread made.
//! - `free_slot` that grants nothing; no notice for a standby thread that is dismissed, or no dismissal by a grant to a
//!   thread in a job, or to the own thread, or by `settle`: deadlocks.
//! - `settle` that does not queue the own thread: a deadlock, as an abort.
//! - `settle` that takes a slot which is held, or that of a thread that was woken: an abort, an assertion.
//! - a private fork that stays private, a standby thread that does not learn of the slot it was granted, or that is not
//!   notified of mail while an external caller has leased its slot: the models that are named after it.
//! - `set_own_blocks` left out: mail that the standby thread should run, an abort. `StandbyThreads::close`, or the
//!   notice of an order, left out: deadlocks.
//!
//! Not seen: `pass_on` in `give_way` and `yield_slot`, a grant to a thread in a job that does not queue the own thread, the
//! request at the end of `idle_by`. Seen by other models: `push` that wakes no thread (`blocked`), `LatchOrMail` that does
//! not look at the mail (`in_jobs`). Not modelled: the patience (a thread that waits for its slot does so for ever), and
//! starting threads.
//!
//! Longer than 400 lines because all models share one stage, defined here.

use super::{Tally, assert_nothing_is_left, check, join, take_slot};
use crate::job::latch::{Latch, OnceLatch};
use crate::job::stack::StackJob;
use crate::job::{JobRef, Region};
use crate::pool::handlers::Handlers;
use crate::pool::queues::Class;
use crate::pool::registry::{DequeOrder, Habits, Registry, Worker};
use crate::pool::waiter::Waiter;
use crate::pool::worker::suspend::AtBottom;
use crate::sync::parker::Parker;
use loom::thread::{self, JoinHandle};
use std::sync::Arc;

/// A pool of one slot, with standby threads that have started.
pub(super) struct Stage {
    registry: Arc<Registry>,
    standby_threads: Vec<JoinHandle<()>>,
}

impl Stage {
    pub(super) fn new(standby_threads: usize, habits: Habits) -> Self {
        let registry = Registry::new(1, 0, DequeOrder::YoungestFirst, Handlers::default(), habits);
        let start = |_| {
            let standby = registry.standby_threads().admit_for_model();
            registry.standby_starts();
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.run_standby(&standby, usize::MAX))
        };
        let standby_threads = (0..standby_threads).map(start).collect();
        Stage { registry, standby_threads }
    }

    /// Makes the calling thread the slot's own, in the job `job`. When the job has ended the thread works until the
    /// pool has ended.
    pub(super) fn run(self, job: impl FnOnce(&Worker)) {
        let worker = take_slot(&self.registry, 0);
        self.registry.sleep().came();
        worker.nesting.set(1);
        worker.running.replace(Region::fresh());
        job(worker);
        worker.nesting.set(0);
        worker.running.replace(Region::NONE);
        self.registry.end_detached();
        end_job(worker);
        worker.work_until(worker.shared().terminate());
        assert!(worker.has_slot() && !worker.has_pending());
        for standby in self.standby_threads {
            standby.join().unwrap();
        }
        assert_nothing_is_left(&self.registry);
        assert!(!self.registry.queues().are_priorities_used());
    }
}

/// As `Worker::work_until` between two jobs.
pub(super) fn end_job(worker: &Worker) {
    let latch = worker.shared().terminate();
    let at_bottom = if worker.has_slot() { worker.give_way(latch) } else { worker.settle(latch) };
    assert_eq!(at_bottom, AtBottom::Holds);
}

/// The worker that holds slot 0. The calling thread is that worker, in a job.
pub(super) fn holder(registry: &Registry) -> &Worker {
    registry.shared(0).holder().expect("the slot was taken")
}

/// An event that a thread waits for which is no worker, or is in a blocking call.
pub(super) struct Event {
    parker: Arc<Parker>,
    latch: OnceLatch<Arc<Parker>>,
}

impl Event {
    pub(super) fn new() -> Arc<Self> {
        let parker = Arc::new(Parker::new());
        Arc::new(Event { latch: OnceLatch::new(Arc::clone(&parker)), parker })
    }

    pub(super) fn happen(&self) {
        // SAFETY: the event is alive, and happens once.
        unsafe { Latch::set(&raw const self.latch) };
    }

    pub(super) fn wait(&self) {
        Waiter::Outside(&self.parker).wait_until(&self.latch);
    }
}

/// A job for the worker's deque. The model waits for it by an event, or by its latch.
///
/// # Safety
///
/// The job is run before the frame ends.
pub(super) unsafe fn job_of<F: FnOnce() + Send>(job: &StackJob<F, ()>) -> JobRef {
    // SAFETY: the caller's duty.
    unsafe { job.job_ref() }
}

/// A job of a region of its own, which the worker may wait for.
pub(super) fn stack_job<F: FnOnce() + Send>(worker: &Worker, f: F) -> StackJob<F, ()> {
    StackJob::new(Region::fresh(), Arc::clone(worker.parker()), f)
}

#[test]
fn a_job_runs_while_the_slots_thread_blocks_for_it() {
    check(3, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (held, ran) = (Tally::new(), Event::new());
            let job = stack_job(worker, || {
                held.count();
                ran.happen();
            });
            // SAFETY: the blocking call waits for the job.
            worker.push(unsafe { job_of(&job) });
            held.count();
            worker.suspended(|| ran.wait());
            held.count();
            assert_eq!(held.get(), 3);
        });
    });
}

#[test]
fn a_private_fork_runs_while_its_thread_blocks_for_it() {
    check(2, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (held, ran) = (Tally::new(), Event::new());
            let fork = |_| {
                held.count();
                ran.happen();
            };
            join(worker, || worker.suspended(|| ran.wait()), fork);
            assert_eq!(held.get(), 1);
        });
    });
}

#[test]
fn two_calls_that_do_not_block_come_back_wherever_the_standby_thread_is() {
    check(3, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            for _ in 0..2 {
                worker.suspended(|| ());
            }
        });
    });
}

#[test]
fn a_call_that_does_not_block_comes_back_whatever_the_standby_thread_does() {
    check(1, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (held, ran) = (Arc::new(Tally::new()), Event::new());
            let job = stack_job(worker, || {
                held.count();
                ran.happen();
            });
            // SAFETY: the model waits for the event.
            let job_ref = unsafe { job_of(&job) };
            let outsider = {
                let registry = worker.registry().keep();
                thread::spawn(move || registry.push(job_ref, Class::Normal))
            };
            worker.suspended(|| ());
            held.count();
            // Again, with a standby thread that is about to be idle, or has given up.
            worker.suspended(|| ());
            held.count();
            worker.wait_until(&job.latch);
            assert_eq!(held.get(), 3);
            outsider.join().unwrap();
        });
    });
}

/// The slot's own thread, and a standby thread in a job of its own, block; `script` says for which events and when.
fn with_two_blocked(preemptions: usize, script: fn(Side<'_>, &Script)) {
    check(preemptions, move || {
        Stage::new(2, Habits::PLAIN).run(|worker| {
            let script_of_both = Script::new(worker.registry());
            let both = &script_of_both;
            let other = stack_job(worker, move || {
                script(Side::Standby(holder(&both.registry)), both);
                both.held.count();
                both.ended.happen();
            });
            // SAFETY: the model waits for the job's latch below.
            worker.push(unsafe { job_of(&other) });
            script(Side::Own(worker), both);
            both.held.count();
            worker.wait_until(&other.latch);
            assert_eq!(both.held.get(), 2);
        });
    });
}

enum Side<'a> {
    Own(&'a Worker),
    Standby(&'a Worker),
}

struct Script {
    registry: Arc<Registry>,
    held: Tally,
    first: Arc<Event>,
    second: Arc<Event>,
    ended: Arc<Event>,
}

impl Script {
    fn new(registry: &Registry) -> Self {
        Script {
            registry: registry.keep(),
            held: Tally::new(),
            first: Event::new(),
            second: Event::new(),
            ended: Event::new(),
        }
    }
}

#[test]
fn the_first_to_block_comes_back_before_the_one_that_took_its_slot() {
    with_two_blocked(1, |side, script| match side {
        Side::Own(worker) => {
            worker.suspended(|| script.first.wait());
            script.second.happen();
        }
        Side::Standby(worker) => {
            script.first.happen();
            worker.suspended(|| script.second.wait());
        }
    });
}

#[test]
fn the_last_to_block_comes_back_before_the_one_whose_slot_it_took() {
    with_two_blocked(1, |side, script| match side {
        Side::Own(worker) => worker.suspended(|| script.second.wait()),
        Side::Standby(worker) => {
            worker.suspended(|| ());
            script.second.happen();
        }
    });
}

#[test]
fn the_slots_own_thread_lets_others_go_on_when_it_has_nothing_begun() {
    check(1, || {
        let held = Arc::new(Tally::new());
        let (first, second) = (Event::new(), Event::new());
        let other = {
            let (held, first, second) = (Arc::clone(&held), Arc::clone(&first), Arc::clone(&second));
            move |registry: Arc<Registry>| {
                first.happen();
                holder(&registry).suspended(|| second.wait());
                held.count();
                registry.end_detached();
            }
        };
        let stage = Stage::new(2, Habits::PLAIN);
        let registry = Arc::clone(&stage.registry);
        registry.begin_detached();
        let other = stack_job(stage.registry.worker_for_model(0), move || other(registry));
        // SAFETY: the pool does not end before the job.
        let job = unsafe { job_of(&other) };
        let counted = Arc::clone(&held);
        stage.run(move |worker| {
            worker.push(job);
            worker.suspended(|| first.wait());
            counted.count();
            second.happen();
        });
        assert_eq!(held.get(), 2);
    });
}

#[test]
fn a_thread_that_waits_lets_another_go_on_and_is_woken_for_what_it_waits_for() {
    check(1, || {
        Stage::new(2, Habits::PLAIN).run(|worker| {
            let (held, first, second) = (Tally::new(), Event::new(), Event::new());
            let registry = worker.registry();
            // Another thread opens this latch, when the standby thread has been back.
            let waited_for = OnceLatch::new(Arc::clone(worker.parker()));
            let (waited, others) = (&waited_for, &second);
            let other = stack_job(worker, || {
                first.happen();
                holder(registry).suspended(|| others.wait());
                held.count();
                // SAFETY: the latch is alive, and opened once.
                unsafe { Latch::set(waited) };
            });
            // SAFETY: the model waits for the latch, and then for that of the job.
            worker.push(unsafe { job_of(&other) });
            worker.suspended(|| first.wait());
            second.happen();
            worker.wait_until(&waited_for);
            held.count();
            worker.wait_until(&other.latch);
            assert_eq!(held.get(), 2);
        });
    });
}

#[test]
fn the_handle_of_the_pool_goes_while_a_job_blocks() {
    check(3, || {
        let stage = Stage::new(1, Habits::PLAIN);
        stage.registry.begin_detached();
        let handle = Arc::clone(&stage.registry);
        let over = Event::new();
        let dropper = {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                handle.end_detached();
                over.happen();
            })
        };
        stage.run(|worker| worker.suspended(|| over.wait()));
        dropper.join().unwrap();
    });
}

#[test]
fn an_external_caller_and_a_suspended_thread_never_hold_the_slot_together() {
    check(2, || {
        let stage = Stage::new(1, Habits { lease_slots: true, keep_sentinel: false });
        let held = Arc::new(Tally::new());
        let external = {
            let (registry, held) = (Arc::clone(&stage.registry), Arc::clone(&held));
            thread::spawn(move || {
                if let Some(slot) = registry.lease_slot() {
                    held.count();
                    drop(slot);
                    return 1;
                }
                0
            })
        };
        let counted = Arc::clone(&held);
        stage.run(move |worker| {
            worker.suspended(|| ());
            counted.count();
        });
        assert_eq!(external.join().unwrap() + 1, held.get());
    });
}

#[test]
fn mail_for_a_thread_that_blocks_is_run_by_the_standby_thread() {
    check(2, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let (held, ran) = (Tally::new(), Event::new());
            let job = stack_job(worker, || {
                held.count();
                ran.happen();
            });
            // SAFETY: the model waits for the event.
            let mail = unsafe { job_of(&job) };
            let sender = {
                let registry = worker.registry().keep();
                thread::spawn(move || registry.post_to_all(&[mail]))
            };
            worker.suspended(|| ran.wait());
            held.count();
            worker.wait_until(&job.latch);
            assert_eq!(held.get(), 2);
            sender.join().unwrap();
        });
    });
}

#[test]
fn mail_that_comes_while_a_thread_returns_is_run_by_it_or_by_the_standby_thread() {
    check(2, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let held = Tally::new();
            let job = stack_job(worker, || held.count());
            // SAFETY: the model waits for the job's latch.
            let mail = unsafe { job_of(&job) };
            let sender = {
                let registry = worker.registry().keep();
                thread::spawn(move || registry.post_to_all(&[mail]))
            };
            worker.suspended(|| ());
            held.count();
            worker.wait_until(&job.latch);
            assert_eq!(held.get(), 2);
            sender.join().unwrap();
        });
    });
}

#[test]
fn mail_for_a_thread_that_blocks_reaches_a_standby_thread_whose_slot_is_leased() {
    check(2, || {
        Stage::new(1, Habits { lease_slots: true, keep_sentinel: false }).run(|worker| {
            let (held, ran) = (Tally::new(), Event::new());
            let job = stack_job(worker, || {
                held.count();
                ran.happen();
            });
            // SAFETY: the model waits for the event.
            let mail = unsafe { job_of(&job) };
            let caller = {
                let registry = worker.registry().keep();
                thread::spawn(move || {
                    let slot = registry.lease_slot();
                    registry.post_to_all(&[mail]);
                    drop(slot);
                })
            };
            worker.suspended(|| ran.wait());
            held.count();
            worker.wait_until(&job.latch);
            assert_eq!(held.get(), 2);
            caller.join().unwrap();
        });
    });
}

#[test]
fn two_threads_that_block_at_one_slot_come_back_in_whichever_order_they_can() {
    check(1, || {
        Stage::new(2, Habits::PLAIN).run(|worker| {
            let script_of_both = Script::new(worker.registry());
            let both = &script_of_both;
            let other = stack_job(worker, move || {
                holder(&both.registry).suspended(|| both.second.wait());
                both.held.count();
            });
            // SAFETY: the model waits for the job's latch below.
            worker.push(unsafe { job_of(&other) });
            let events = [Arc::clone(&both.first), Arc::clone(&both.second)];
            let outsider = thread::spawn(move || events.iter().for_each(|event| event.happen()));
            worker.suspended(|| both.first.wait());
            both.held.count();
            worker.wait_until(&other.latch);
            assert_eq!(both.held.get(), 2);
            outsider.join().unwrap();
        });
    });
}

#[test]
fn a_thread_that_yields_lets_another_run_a_job_and_comes_back() {
    check(2, || {
        Stage::new(1, Habits::PLAIN).run(|worker| {
            let held = Tally::new();
            let job = stack_job(worker, || held.count());
            // SAFETY: the model waits for the job's latch below.
            worker.push(unsafe { job_of(&job) });
            worker.give_turn();
            held.count();
            assert_eq!(held.get(), 2);
            worker.wait_until(&job.latch);
        });
    });
}

/// The slot's own thread ends its job without its slot. A standby thread runs another job there, which ends the pool.
fn own_thread_loses_its_slot(preemptions: usize, goes_on: fn(&Worker)) {
    check(preemptions, move || {
        let held = Arc::new(Tally::new());
        let stage = Stage::new(1, Habits::PLAIN);
        let registry = Arc::clone(&stage.registry);
        registry.begin_detached();
        let other = {
            let held = Arc::clone(&held);
            move || {
                held.count();
                registry.end_detached();
            }
        };
        let other = stack_job(stage.registry.worker_for_model(0), other);
        // SAFETY: the pool does not end before the job.
        let job = unsafe { job_of(&other) };
        let held_by_own = Arc::clone(&held);
        stage.run(move |worker| {
            worker.push(job);
            worker.lose_slot_for_model();
            goes_on(worker);
            if worker.has_slot() {
                held_by_own.count();
            }
        });
        assert!((1..=2).contains(&held.get()));
    });
}

#[test]
fn a_thread_without_its_slot_settles_when_its_job_has_ended() {
    own_thread_loses_its_slot(3, |_| ());
}

#[test]
fn a_thread_without_its_slot_takes_it_in_its_next_wait_or_waits_without() {
    own_thread_loses_its_slot(2, |worker| {
        let latch = Arc::new(OnceLatch::new(Arc::clone(worker.parker())));
        let opener = {
            let latch = Arc::clone(&latch);
            thread::spawn(move || {
                // SAFETY: the latch is alive, and set once.
                unsafe { Latch::set(&raw const *latch) };
            })
        };
        worker.wait_until(&*latch);
        opener.join().unwrap();
    });
}

/// The caller gives its slot up to the slot's own thread, and that thread to a standby thread.
#[test]
fn a_caller_that_waits_for_a_job_that_blocks_comes_back() {
    check(1, || {
        let stage = Stage::new(1, Habits { lease_slots: true, keep_sentinel: false });
        let registry = Arc::clone(&stage.registry);
        registry.begin_detached();
        let (held, over) = (Arc::new(Tally::new()), Event::new());
        let caller = {
            let (registry, held, over) = (Arc::clone(&registry), Arc::clone(&held), Arc::clone(&over));
            thread::spawn(move || {
                if let Some(slot) = registry.lease_slot() {
                    let job = stack_job(slot.worker(), || {
                        holder(&registry).suspended(|| over.wait());
                        held.count();
                    });
                    // SAFETY: the caller waits for the job's latch.
                    registry.push(unsafe { job_of(&job) }, Class::Normal);
                    slot.worker().wait_until(&job.latch);
                    held.count();
                }
                registry.end_detached();
            })
        };
        let (ends, outsider_over) = (Arc::clone(&registry), Arc::clone(&over));
        let outsider = thread::spawn(move || {
            outsider_over.happen();
            drop(ends);
        });
        stage.run(|_| ());
        caller.join().unwrap();
        outsider.join().unwrap();
        assert!([0, 2].contains(&held.get()));
    });
}
