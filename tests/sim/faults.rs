//! What is planted is found: deadlocks, lost wake-ups, and loops without progress.

use paceline::sim::{self, Condvar, Config, Fault, FaultKind, Mutex, Schedule, run};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The faults that a program has under so many seeds of a schedule.
fn faults(schedule: Schedule, seeds: u64, program: fn()) -> Vec<Fault> {
    (0..seeds).filter_map(|seed| run(Config::new(seed, 2).schedule(schedule), program).err()).collect()
}

const HUNTS: [Schedule; 2] = [Schedule::Uniform, Schedule::Pct { depth: 2, length: 30 }];

#[test]
fn two_locks_in_opposite_order_are_found() {
    for schedule in HUNTS {
        let faults = faults(schedule, 200, || {
            let locks = Arc::new((Mutex::new(1), Mutex::new(2)));
            let other = Arc::clone(&locks);
            let thread = sim::spawn(move || {
                let second = other.1.lock().unwrap();
                *other.0.lock().unwrap() += *second;
            });
            let first = locks.0.lock().unwrap();
            *locks.1.lock().unwrap() += *first;
            drop(first);
            thread.join().unwrap();
        });
        let fault = faults.first().unwrap_or_else(|| panic!("{schedule:?} finds nothing"));
        assert_eq!(fault.kind, FaultKind::Deadlock);
        let waits: Vec<&str> = fault.threads.iter().map(|thread| thread.waits_for.as_deref().unwrap()).collect();
        assert_eq!(waits.len(), 2, "{fault}");
        assert!(waits[0].starts_with("mutex") && waits[0].ends_with("held by thread 1 (spawned)"), "{fault}");
        assert!(waits[1].starts_with("mutex") && waits[1].ends_with("held by thread 0 (program)"), "{fault}");
        assert!(fault.threads.iter().all(|thread| !thread.last_steps.is_empty()));
        assert!(fault.to_string().contains("tests/sim/faults.rs"), "{fault}");
    }
}

#[test]
fn a_lost_wake_up_is_found() {
    for schedule in HUNTS {
        let faults = faults(schedule, 300, || {
            let shared = Arc::new((Mutex::new(()), Condvar::new(), AtomicBool::new(false)));
            let other = Arc::clone(&shared);
            let thread = sim::spawn(move || {
                // Without the lock: the other may have looked, and not be asleep yet.
                other.2.store(true, Ordering::Relaxed);
                other.1.notify_one();
            });
            let mut guard = shared.0.lock().unwrap();
            while !shared.2.load(Ordering::Relaxed) {
                sim::yield_point();
                guard = shared.1.wait(guard).unwrap();
            }
            drop(guard);
            thread.join().unwrap();
        });
        let fault = faults.first().unwrap_or_else(|| panic!("{schedule:?} finds nothing"));
        assert_eq!(fault.kind, FaultKind::Deadlock);
        assert!(fault.threads[0].waits_for.as_deref().unwrap().starts_with("condition variable"), "{fault}");
    }
}

/// Two threads that each write and then look at what the other writes: neither sees the other, if nothing is in between.
fn neither_sees_the_other(is_fenced: bool, config: Config) -> bool {
    let missed = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&missed);
    let program = move || {
        let flags = Arc::new([sim::AtomicUsize::new(0), sim::AtomicUsize::new(0)]);
        let look = move |own: usize, flags: &[sim::AtomicUsize; 2]| {
            flags[own].store(1, Ordering::Release);
            if is_fenced {
                sim::fence(Ordering::SeqCst);
            }
            flags[1 - own].load(Ordering::Acquire)
        };
        let other = Arc::clone(&flags);
        let thread = sim::spawn(move || look(1, &other));
        let mine = look(0, &flags);
        told.store(mine + thread.join().unwrap() == 0, Ordering::Relaxed);
    };
    run(config, program).unwrap();
    missed.load(Ordering::Relaxed)
}

#[test]
fn a_missing_fence_between_a_store_and_a_load_is_found() {
    let misses = |is_fenced, has_buffers| {
        let configs = (0..200).map(|seed| Config::new(seed, 2).store_buffers(has_buffers));
        configs.filter(|config| neither_sees_the_other(is_fenced, config.clone())).count()
    };
    assert!(misses(false, true) > 0);
    assert_eq!([misses(true, true), misses(false, false), misses(true, false)], [0; 3]);
}

#[test]
fn a_fault_is_repeated_by_its_seed() {
    let program = || {
        let lock = Arc::new(Mutex::new(()));
        let other = Arc::clone(&lock);
        let thread = sim::spawn(move || drop(other.lock()));
        let _held = lock.lock();
        thread.join().unwrap();
    };
    let found = |seed| run(Config::new(seed, 2).trace(true), program).unwrap_err();
    let (first, again) = (found(11), found(11));
    assert_eq!(first.to_string(), again.to_string());
    assert_eq!(first.trace, again.trace);
}

#[test]
fn a_loop_without_progress_is_found() {
    for schedule in [Schedule::Uniform, Schedule::Pct { depth: 2, length: 30 }, Schedule::Discrete] {
        let mut config = Config::new(0, 2).schedule(schedule);
        config.most_ns_without_progress = 1_000_000;
        let fault = run(config, || {
            loop {
                sim::yield_point();
            }
        });
        assert_eq!(fault.unwrap_err().kind, FaultKind::NoProgress);
    }
}

#[test]
fn sleeping_for_ever_and_again_is_found() {
    let fault = run(Config::new(0, 1), || {
        loop {
            sim::sleep(1_000);
        }
    });
    assert_eq!(fault.unwrap_err().kind, FaultKind::NoProgress);
}
