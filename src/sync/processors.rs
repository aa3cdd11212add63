//! How many processors this process may use, and how many it is entitled to.

#[cfg(sim)]
use crate::sync::sim::thread::available_parallelism;
use std::num::NonZeroUsize;
#[cfg(not(sim))]
use std::thread::available_parallelism;

/// The number of processors that this process may use: limited by the affinity mask and the cgroup quota (v1 and v2,
/// rounded down) where they exist; on Windows those of all processor groups that the process spans; 1 if the system does
/// not tell.
pub(crate) fn available() -> NonZeroUsize {
    #[cfg(all(windows, not(any(miri, sim))))]
    if let Some(of_groups) = groups::processors() {
        return of_groups;
    }
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The limit that [`available`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessorLimit {
    /// The quota of a cgroup.
    #[cfg_attr(not(all(target_os = "linux", not(sim))), allow(dead_code, reason = "told apart on Linux"))]
    Quota,
    /// The affinity mask.
    #[cfg_attr(not(all(target_os = "linux", not(sim))), allow(dead_code, reason = "told apart on Linux"))]
    Mask,
    /// The number of the machine's processors.
    Machine,
}

/// Which limit has left so many processors `available`.
#[cfg(all(target_os = "linux", not(sim)))]
pub(crate) use crate::sync::affinity::limit;

/// They are told apart on Linux alone.
#[cfg(not(all(target_os = "linux", not(sim))))]
pub(crate) fn limit(_available: usize) -> ProcessorLimit {
    ProcessorLimit::Machine
}

/// The number of physical cores.
pub(crate) fn physical_cores() -> usize {
    if cfg!(sim) { usize::MAX } else { num_cpus::get_physical() }
}

#[cfg(all(target_os = "linux", not(sim)))]
pub(crate) use crate::sync::cgroup::requested_processors as requested;

/// None are known but on Linux.
#[cfg(not(all(target_os = "linux", not(sim))))]
pub(crate) fn requested() -> Option<f64> {
    None
}

/// Windows divides the processors of a machine that has more than 64 into groups. std counts those of one group.
///
/// Before Windows 11 and Server 2022 a process lives in one group unless it moves threads to another by itself. Since
/// then its threads run in all groups by default, and in one if it was given an affinity mask.
#[cfg(all(windows, not(any(miri, sim))))]
mod groups {
    use std::ffi::c_void;
    use std::num::NonZeroUsize;
    use std::ptr;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        safe fn GetCurrentProcess() -> *mut c_void;
        fn GetProcessGroupAffinity(process: *mut c_void, count: *mut u16, groups: *mut u16) -> i32;
        safe fn GetActiveProcessorCount(group: u16) -> u32;
    }

    /// The processors of all groups that the process spans; `None` if that is one group.
    pub(super) fn processors() -> Option<NonZeroUsize> {
        let mut count = 0;
        // SAFETY: the count is a place of this frame, and it says that there is no room for groups. So the call fails,
        // and writes how many there are.
        unsafe { GetProcessGroupAffinity(GetCurrentProcess(), &raw mut count, ptr::null_mut()) };
        if count < 2 {
            return None;
        }
        let mut groups = vec![0; usize::from(count)];
        // SAFETY: as above, and there is room for as many groups as the count says.
        let is_told = unsafe { GetProcessGroupAffinity(GetCurrentProcess(), &raw mut count, groups.as_mut_ptr()) };
        if is_told == 0 {
            return None;
        }
        let groups = groups.iter().take(usize::from(count));
        NonZeroUsize::new(groups.map(|&group| GetActiveProcessorCount(group) as usize).sum())
    }
}
