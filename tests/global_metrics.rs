//! The metrics of the global pool: where its number of threads comes from, its callers from outside, and forked processes. A
//! process for each.

#[path = "support/child.rs"]
mod child;
#[path = "support/forked.rs"]
#[cfg(unix)]
mod forked;
#[path = "support/limit.rs"]
#[cfg(target_os = "linux")]
mod limit;
#[path = "support/slots.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod slots;

use paceline::{NumThreadsRule, ThreadPoolBuilder};
use slots::{SIZES, as_external_caller, at_sizes};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Runs `test` again with these variables; there, checks the rules of the global pool and of others.
#[track_caller]
fn check_rule(test: &str, variables: &[(&str, &str)], expected: NumThreadsRule) {
    match child::role() {
        Some(role) if role == expected.to_string() => {
            let metrics = paceline::metrics();
            assert_eq!((metrics.rule, metrics.num_threads), (expected, paceline::current_num_threads()));
            assert_eq!((metrics.refused_threads, metrics.workers.len()), (0, metrics.num_threads));
            let open = ThreadPoolBuilder::new().num_threads(0).build().unwrap();
            assert_eq!(open.metrics().rule, expected);
            let explicit = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
            assert_eq!(explicit.metrics().rule, NumThreadsRule::Builder);
            let physical = ThreadPoolBuilder::new().physical_cores().build().unwrap();
            assert_eq!(physical.metrics().rule, NumThreadsRule::Builder);
        }
        Some(_) => {}
        None => {
            let mut command = child::again(test, &expected.to_string());
            command.envs(variables.iter().copied());
            child::run_to_success(command);
        }
    }
}

#[test]
fn a_variable_is_the_rule_if_it_has_a_number() {
    let test = "a_variable_is_the_rule_if_it_has_a_number";
    let (ours, rayons) = (NumThreadsRule::PacelineNumThreads, NumThreadsRule::RayonNumThreads);
    check_rule(test, &[("PACELINE_NUM_THREADS", "3"), ("RAYON_NUM_THREADS", "4")], ours);
    check_rule(test, &[("PACELINE_NUM_THREADS", "0"), ("RAYON_NUM_THREADS", "4")], rayons);
}

/// Which of the three it is depends on the machine that runs this.
#[test]
fn without_variables_the_processors_are_the_rule() {
    let test = "without_variables_the_processors_are_the_rule";
    if child::role().is_none() {
        return child::run_to_success(child::again(test, "default"));
    }
    use NumThreadsRule::{AffinityMask, CgroupQuota, Processors};
    let rule = paceline::metrics().rule;
    assert!([AffinityMask, CgroupQuota, Processors].contains(&rule), "{rule}");
}

/// A quota may be lower still, but not than one processor.
#[cfg(target_os = "linux")]
#[test]
fn a_process_that_may_run_on_one_processor_is_limited_by_its_mask() {
    let test = "a_process_that_may_run_on_one_processor_is_limited_by_its_mask";
    if child::role().is_none() {
        return child::run_to_success(child::again(test, "bound"));
    }
    let online = std::fs::read_to_string("/sys/devices/system/cpu/online").unwrap();
    if online.trim() == "0" {
        assert_eq!(paceline::metrics().rule, NumThreadsRule::Processors);
        return;
    }
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: a `cpu_set_t` is an array of integers, for which all zeros is a value: the empty set.
    let (mut allowed, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a set of `size` bytes, which lives through the call.
    assert_eq!(unsafe { libc::sched_getaffinity(0, size, &mut allowed) }, 0);
    // SAFETY: every number below `CPU_SETSIZE` is within the set.
    let may_use = |cpu: &usize| unsafe { libc::CPU_ISSET(*cpu, &allowed) };
    let cpu = (0..usize::try_from(libc::CPU_SETSIZE).unwrap()).find(may_use).unwrap();
    // SAFETY: the number is below `CPU_SETSIZE`, so it is within the set.
    unsafe { libc::CPU_SET(cpu, &mut one) };
    // SAFETY: the pointer is to a set of `size` bytes, which lives through the call.
    assert_eq!(unsafe { libc::sched_setaffinity(0, size, &one) }, 0);
    let metrics = paceline::metrics();
    assert_eq!((metrics.rule, metrics.num_threads), (NumThreadsRule::AffinityMask, 1));
}

#[cfg(target_os = "linux")]
#[test]
fn refused_threads_are_told_beside_the_rule() {
    let test = "refused_threads_are_told_beside_the_rule";
    if child::role().is_none() {
        let mut command = child::again(test, "limited");
        command.env("RUST_MIN_STACK", limit::STACK.to_string()).env("PACELINE_NUM_THREADS", "8");
        return child::run_to_success(command);
    }
    limit::allow_threads(0);
    let metrics = paceline::metrics();
    assert_eq!((metrics.rule, metrics.num_threads), (NumThreadsRule::PacelineNumThreads, 1));
    assert_eq!((metrics.refused_threads, metrics.workers.len()), (8, 1));
    paceline::scope(|s| (0..10).for_each(|_| s.spawn(|_| ())));
    let delta = paceline::metrics().since(&metrics);
    assert_eq!(delta.total().jobs, 10, "the caller works in the only place there is");
}

#[test]
fn a_caller_from_outside_is_seen_in_the_place_that_it_has() {
    at_sizes(&SIZES, "a_caller_from_outside_is_seen_in_the_place_that_it_has", |_| {
        assert_eq!(paceline::metrics().external_callers, 0);
        let mut spawned = 0;
        let (index, before, during) = as_external_caller(|| {
            let before = paceline::metrics();
            // Until it has run one of the jobs itself.
            let (me, is_mine) = (std::thread::current().id(), AtomicBool::new(false));
            let mut jobs = 0;
            while !is_mine.load(Relaxed) {
                jobs += 1;
                paceline::scope(|s| s.spawn(|_| is_mine.store(std::thread::current().id() == me, Relaxed)));
            }
            spawned = jobs;
            (paceline::current_thread_index().unwrap(), before, paceline::metrics())
        });
        assert_eq!((before.external_callers, during.external_callers), (1, 1));
        assert!(during.workers[index].busy > before.workers[index].busy, "its time is that of the place");
        assert_eq!(during.since(&before).total().jobs, spawned);
        assert_eq!(paceline::metrics().external_callers, 0);
    });
}

#[cfg(unix)]
#[test]
fn a_forked_child_has_metrics_of_its_own_pools_alone() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| ());
    paceline::join(|| (), || ());
    assert_eq!(forked::in_child(|| forked::told(|| drop(pool.metrics()))), Ok(0));
    let of_a_new_pool = || i32::from(paceline::metrics().total().forks_published != 0);
    assert_eq!(forked::in_child(of_a_new_pool), Ok(0));
}
