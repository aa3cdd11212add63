//! A limit on the threads that this process may start, from now on and until it ends.

use std::process;
use std::thread;

/// The default size of a thread's stack in the children, by way of `RUST_MIN_STACK`.
pub(crate) const STACK: usize = 256 << 20;

/// What else a limited process may map: less than one stack, and enough for all that is small.
const SLACK: usize = STACK / 2;

/// Lets this process start `extra` more threads at most, and none at all if that is zero.
///
/// Root is exempt from the limit on threads. A user of its own, whom nobody else shares, makes it
/// exact. Others may have any number of threads already, so there the address space is limited
/// such that `extra` stacks of [`STACK`] bytes fit in.
pub(crate) fn allow_threads(extra: usize) {
    if become_a_user_of_our_own() {
        limit(libc::RLIMIT_NPROC, entries("/proc/self/task") + extra);
    } else {
        limit(libc::RLIMIT_AS, mapped() + extra * (STACK + (1 << 20)) + SLACK);
    }
    if extra == 0 {
        let refused = thread::Builder::new().spawn(|| ());
        assert!(refused.is_err(), "the limit does not bite");
    }
}

/// Gives up root for an otherwise unused user; false if this process may not do that.
fn become_a_user_of_our_own() -> bool {
    let user = 0x4000_0000 + process::id();
    // SAFETY: takes numbers only; the C library changes the user of every thread.
    unsafe { libc::setuid(user) == 0 }
}

fn limit(resource: libc::__rlimit_resource_t, most: usize) {
    let most = libc::rlim_t::try_from(most).unwrap();
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the pointer is to a limit that lives through the call.
    let set = unsafe { libc::setrlimit(resource, &limit) };
    assert_eq!(set, 0, "{}", std::io::Error::last_os_error());
}

fn entries(folder: &str) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

/// The bytes of address space that this process has mapped.
fn mapped() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmSize:")).unwrap();
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes << 10
}
