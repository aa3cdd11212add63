//! The state of each worker: its own, made and dropped on its thread, and more threads than there are processors.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::{self, ThreadId};

use paceline::prelude::*;
use paceline::workers::{Order, WorkerPool};

use crate::with_watchdog;

/// Tells on which thread it was made and dropped. Not `Send`.
struct Local {
    calls: Rc<Cell<u32>>,
    made_on: ThreadId,
    dropped: mpsc::Sender<(ThreadId, ThreadId)>,
}

impl Drop for Local {
    fn drop(&mut self) {
        self.dropped.send((self.made_on, thread::current().id())).expect("the test listens");
    }
}

#[test]
fn a_state_stays_on_its_thread_from_init_to_drop() {
    with_watchdog(|| {
        let (dropped, drops) = mpsc::channel();
        let init =
            move |_| Local { calls: Rc::new(Cell::new(0)), made_on: thread::current().id(), dropped: dropped.clone() };
        let work = |state: &mut Local, _: u32| {
            state.calls.set(state.calls.get() + 1);
            (thread::current().id(), state.made_on, state.calls.get())
        };
        let builder = WorkerPool::builder().threads(5).capacity(200).init(init);
        let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
        for item in 0..200 {
            pool.submit(item).unwrap();
        }
        pool.shutdown().unwrap();
        let mut most = HashMap::new();
        for result in results {
            let (ran_on, made_on, calls) = result.unwrap();
            assert_eq!(ran_on, made_on);
            // In the order of submission each worker's calls count up by one: nobody else has its state.
            let before = most.insert(ran_on, calls).unwrap_or(0);
            assert_eq!(calls, before + 1);
        }
        assert_eq!(most.values().sum::<u32>(), 200);
        drop(pool);
        let drops: Vec<_> = drops.iter().collect();
        assert_eq!(drops.len(), 5);
        assert!(drops.iter().all(|(made_on, dropped_on)| made_on == dropped_on));
    });
}

#[test]
fn as_many_items_run_at_once_as_there_are_threads_whatever_the_processors() {
    with_watchdog(|| {
        const THREADS: usize = 40;
        let barrier = Arc::new(Barrier::new(THREADS));
        let meet = move |_: &mut (), _: usize| barrier.wait().is_leader();
        let builder = WorkerPool::builder().threads(THREADS).capacity(3);
        let (pool, results) = builder.build_with_results(Order::Completion, meet).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                for item in 0..3 * THREADS {
                    pool.submit(item).unwrap();
                }
                pool.close();
            });
            assert_eq!(results.filter(|met| *met.as_ref().unwrap()).count(), 3);
        });
    });
}

#[test]
fn workers_call_the_global_pool_like_any_thread_outside() {
    with_watchdog(|| {
        let work = |_: &mut (), upto: u64| {
            assert_eq!(paceline::current_thread_index(), None);
            (0..upto).into_par_iter().sum::<u64>()
        };
        let builder = WorkerPool::builder().threads(6).capacity(60);
        let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
        for item in 0..60 {
            pool.submit(item * 1000).unwrap();
        }
        drop(pool);
        for (item, sum) in (0..60_u64).zip(results) {
            let upto = item * 1000;
            assert_eq!(sum.unwrap(), upto * upto.saturating_sub(1) / 2);
        }
    });
}
