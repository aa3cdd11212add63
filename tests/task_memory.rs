//! A task costs one allocation: counted by the allocator of this binary, which holds nothing else.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static FREED: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator; it counts for each thread.
struct Counting;

#[global_allocator]
static GLOBAL: Counting = Counting;

// SAFETY: all is handed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: passed on to the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        FREED.set(FREED.get() + 1);
        // SAFETY: passed on to the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

const TASKS: usize = 100;

/// How many allocations `f` makes on this thread for each of the tasks that it says it spawns.
fn allocations(f: impl Fn()) -> usize {
    // Queues grow, parkers are made: the first time is another matter.
    f();
    let before = COUNT.get();
    f();
    COUNT.get() - before
}

#[test]
fn a_task_costs_one_allocation() {
    // All is done by one thread: what is spawned on it is run by it.
    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let big = [1_u64; 16];
        let joined = allocations(|| {
            for i in 0..TASKS {
                let handle = paceline::spawn_task(move || big[i % 16] + 1);
                assert_eq!(handle.join().unwrap(), 2);
            }
        });
        assert_eq!(joined, TASKS);
        let scoped = allocations(|| {
            paceline::scope(|s| {
                for _ in 0..TASKS {
                    assert_eq!(s.spawn_task(|_| big.len()).join().unwrap(), 16);
                }
            });
        });
        assert_eq!(scoped, TASKS);
        let polled = allocations(|| {
            for _ in 0..TASKS {
                assert_eq!(paceline::spawn_future(async move { big.len() }).join().unwrap(), 16);
            }
        });
        assert_eq!(polled, TASKS);
        let cancelled = allocations(|| {
            for _ in 0..TASKS {
                let handle = paceline::spawn_task(move || big.len());
                handle.cancel();
                assert!(handle.join().unwrap_err().is_cancelled());
            }
        });
        // The queue comes to the cancelled when it is asked for the next: it grows meanwhile.
        assert!((TASKS..TASKS + 8).contains(&cancelled), "{cancelled}");
    });
}

#[test]
fn a_loop_that_joins_in_the_order_of_spawning_does_not_fill_the_queue() {
    // What was run where it was joined is still in the queue, and is cleared now and then on the way of other joins.
    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let most = pool.install(|| {
        let held = || COUNT.get() as isize - FREED.get() as isize;
        let (mut most, before) = (0, held());
        for _ in 0..3000 {
            let handles = [1, 2, 3].map(|i| paceline::spawn_task(move || i));
            assert_eq!(handles.map(|handle| handle.join().unwrap()), [1, 2, 3]);
            most = most.max(held() - before);
        }
        most
    });
    assert!(most < 600, "{most}");
}
