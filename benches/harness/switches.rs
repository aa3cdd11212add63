//! How often threads went to sleep, by the kernel's own count.

use std::fs;

/// How often all threads but the process's first gave their processor away by themselves so far, where the system tells.
///
/// A thread that blocks in a system call does so, and one that makes no such call does not.
pub(crate) fn switches_of_others() -> Option<u64> {
    let first = std::process::id().to_string();
    let threads = fs::read_dir("/proc/self/task").ok()?;
    let others = threads.flatten().filter(|thread| thread.file_name().to_str() != Some(&first));
    others.map(|thread| of_status(&fs::read_to_string(thread.path().join("status")).ok()?)).sum()
}

fn of_status(status: &str) -> Option<u64> {
    status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
}
