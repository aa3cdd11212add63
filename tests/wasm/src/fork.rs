//! `join`, scopes, spawns, broadcasts and what asks about the current thread, in the global pool.

use crate::exported;
use paceline::{Priority, WorkerLocal};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A counter for jobs, and how often they counted.
fn counted(spawn: impl Fn(&Arc<AtomicUsize>)) -> usize {
    let count = Arc::default();
    spawn(&count);
    count.load(Ordering::Relaxed)
}

fn count_in(count: &Arc<AtomicUsize>) -> impl FnOnce() + Send + 'static {
    let count = Arc::clone(count);
    move || _ = count.fetch_add(1, Ordering::Relaxed)
}

fn fib(n: u32) -> u32 {
    if n < 2 {
        return n;
    }
    let (a, b) = paceline::join(|| fib(n - 1), || fib(n - 2));
    a + b
}

exported! {
    fn join() {
        assert_eq!(fib(15), 610);
    }

    fn join_context() {
        let migrated = || paceline::join_context(|context| context.migrated(), |context| context.migrated());
        assert_eq!(migrated(), (true, true));
        assert_eq!(paceline::scope(|_| migrated()), (false, false));
    }

    fn scope() {
        let sum = AtomicUsize::new(0);
        paceline::scope(|scope| {
            for n in 0..100 {
                let sum = &sum;
                scope.spawn(move |scope| scope.spawn(move |_| _ = sum.fetch_add(n, Ordering::Relaxed)));
            }
        });
        assert_eq!(sum.into_inner(), 4950);
    }

    fn scope_fifo() {
        let sum = AtomicUsize::new(0);
        paceline::scope_fifo(|scope| {
            (0..10).for_each(|_| scope.spawn_fifo(|_| _ = sum.fetch_add(1, Ordering::Relaxed)));
            scope.spawn_broadcast(|_, _| _ = sum.fetch_add(10, Ordering::Relaxed));
        });
        assert_eq!(sum.into_inner(), 20);
    }

    fn in_place_scope() {
        let sum = AtomicUsize::new(0);
        paceline::in_place_scope(|scope| {
            (0..10).for_each(|_| scope.spawn(|_| _ = sum.fetch_add(1, Ordering::Relaxed)));
            scope.spawn_broadcast(|_, _| _ = sum.fetch_add(10, Ordering::Relaxed));
        });
        assert_eq!(sum.into_inner(), 20);
    }

    fn in_place_scope_fifo() {
        let sum = AtomicUsize::new(0);
        paceline::in_place_scope_fifo(|scope| {
            (0..10).for_each(|_| scope.spawn_fifo(|_| _ = sum.fetch_add(1, Ordering::Relaxed)));
        });
        assert_eq!(sum.into_inner(), 10);
    }

    fn spawn() {
        assert_eq!(counted(|count| (0..10).for_each(|_| paceline::spawn(count_in(count)))), 10);
    }

    fn spawn_fifo() {
        assert_eq!(counted(|count| (0..10).for_each(|_| paceline::spawn_fifo(count_in(count)))), 10);
    }

    fn spawn_with() {
        let each = [Priority::High, Priority::Normal, Priority::Low];
        assert_eq!(counted(|count| each.into_iter().for_each(|how| paceline::spawn_with(how, count_in(count)))), 3);
    }

    fn spawn_in_a_job() {
        let count = counted(|count| {
            let inner = Arc::clone(count);
            paceline::spawn(move || {
                paceline::spawn(count_in(&inner));
                paceline::spawn_with(Priority::Low, count_in(&inner));
            });
        });
        assert_eq!(count, 2);
    }

    fn broadcast() {
        let everywhere = paceline::broadcast(|context| (context.index(), context.num_threads()));
        assert_eq!(everywhere, [(0, 1)]);
    }

    fn spawn_broadcast() {
        assert_eq!(counted(|count| {
            let count = Arc::clone(count);
            paceline::spawn_broadcast(move |_| _ = count.fetch_add(1, Ordering::Relaxed));
        }), 1);
    }

    fn current_thread() {
        assert_eq!(paceline::current_num_threads(), 1);
        assert_eq!(paceline::current_thread_index(), None);
        assert_eq!(paceline::current_thread_has_pending_tasks(), None);
        assert!(paceline::max_num_threads() > 0);
        paceline::scope(|_| {
            assert_eq!(paceline::current_thread_index(), Some(0));
            assert_eq!(paceline::current_thread_has_pending_tasks(), Some(false));
        });
    }

    fn yield_now() {
        assert_eq!(paceline::yield_now(), None);
        assert_eq!(paceline::yield_local(), None);
        paceline::scope(|scope| {
            let count = Arc::default();
            let job = count_in(&count);
            scope.spawn(|_| job());
            assert_eq!(paceline::yield_now(), Some(paceline::Yield::Executed));
            let job = count_in(&count);
            scope.spawn(|_| job());
            assert_eq!(paceline::yield_local(), Some(paceline::Yield::Executed));
            assert_eq!(paceline::yield_now(), Some(paceline::Yield::Idle));
            assert_eq!(count.load(Ordering::Relaxed), 2);
        });
    }

    fn isolate() {
        assert_eq!(paceline::isolate(|| fib(10)), 55);
        assert_eq!(paceline::scope(|_| paceline::isolate(|| paceline::scope(|_| fib(10)))), 55);
    }

    fn blocking() {
        assert_eq!(paceline::blocking(|| 1), 1);
        assert_eq!(paceline::scope(|_| paceline::blocking(|| fib(10))), 55);
    }

    fn worker_local() {
        let mut locals = WorkerLocal::new(|| 0);
        paceline::scope(|scope| (0..10).for_each(|_| scope.spawn(|_| locals.with_mut(|count| *count += 1))));
        locals.with_mut(|count| *count += 1);
        assert_eq!(locals.with(|count| *count) , 1);
        assert_eq!(locals.iter_mut().map(|count| *count).sum::<i32>(), 11);
        assert_eq!(locals.into_iter().sum::<i32>(), 11);
    }
}
