//! A process that may run on one processor only gets one thread, whatever the machine has.
#![cfg(target_os = "linux")]

#[path = "support/child.rs"]
mod child;

use paceline::ThreadPoolBuilder;

/// Binds this thread, and those that it will start, to the first processor that it may use.
fn bind_to_one_processor() {
    let size = size_of::<libc::cpu_set_t>();
    // SAFETY: a `cpu_set_t` is an array of integers, for which all zeros is a value: the empty set.
    let (mut allowed, mut one): (libc::cpu_set_t, libc::cpu_set_t) = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a set of `size` bytes, which lives through the call.
    let got = unsafe { libc::sched_getaffinity(0, size, &mut allowed) };
    assert_eq!(got, 0);
    // SAFETY: every number below `CPU_SETSIZE` is within the set.
    let may_use = |cpu: &usize| unsafe { libc::CPU_ISSET(*cpu, &allowed) };
    let limit = usize::try_from(libc::CPU_SETSIZE).unwrap();
    let cpu = (0..limit).find(may_use).unwrap();
    // SAFETY: the number is below `CPU_SETSIZE`, so it is within the set.
    unsafe { libc::CPU_SET(cpu, &mut one) };
    // SAFETY: the pointer is to a set of `size` bytes, which lives through the call.
    let set = unsafe { libc::sched_setaffinity(0, size, &one) };
    assert_eq!(set, 0);
}

#[test]
fn one_processor_means_one_thread() {
    if child::role().is_none() {
        return child::run_to_success(child::again("one_processor_means_one_thread", "bound"));
    }
    bind_to_one_processor();
    assert_eq!(paceline::current_num_threads(), 1);
    assert_eq!(paceline::join(|| 1, || 2), (1, 2));
    assert_eq!(paceline::broadcast(|context| context.index()), [0]);
    let unset = ThreadPoolBuilder::new().build().unwrap();
    assert_eq!(unset.current_num_threads(), 1);
    let explicit = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(explicit.current_num_threads(), 3);
}
