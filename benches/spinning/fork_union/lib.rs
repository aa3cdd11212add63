//! Regions one after the other by the crate `fork_union`, for the bench `phases`.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn grind(seed: u64, steps: u32) -> u64 {
    let mut x = seed;
    for _ in 0..steps {
        x = (x ^ (x >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    x >> 32
}

/// The sum of the last of so many regions, each after a gap of so many nanoseconds.
#[unsafe(no_mangle)]
pub extern "C" fn regions(times: u64, items: u64, steps: u32, gap: u64, threads: u32) -> u64 {
    // Made here and dropped, because its threads never stop spinning.
    let mut pool = fork_union::ThreadPool::try_spawn(threads as usize).expect("the system grants the threads");
    let sum = AtomicU64::new(0);
    for _ in 0..times {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_nanos(gap) {
            spin_loop();
        }
        sum.store(0, Ordering::Relaxed);
        drop(pool.for_n_dynamic(items as usize, |_| {
            sum.fetch_add(grind(u64::from(steps), steps), Ordering::Relaxed);
        }));
    }
    sum.into_inner()
}
