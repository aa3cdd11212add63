//! Which limit the number of available processors comes from, read back from the files of Linux.

use super::processors::ProcessorLimit;
use std::fs;
use std::ops::RangeInclusive;

/// The limit that leaves the calling thread `available` processors. `Machine` if the system does not tell.
pub(crate) fn limit(available: usize) -> ProcessorLimit {
    let online = fs::read_to_string("/sys/devices/system/cpu/online").ok();
    let status = fs::read_to_string("/proc/thread-self/status").ok();
    online.zip(status).and_then(|(online, status)| of(available, &online, &status)).unwrap_or(ProcessorLimit::Machine)
}

/// The limit, from the processors that are online and the text of a thread's `status`.
fn of(available: usize, online: &str, status: &str) -> Option<ProcessorLimit> {
    let allowed = list(status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?)?;
    let online = list(online)?;
    // The mask may have processors in it that are not there.
    let usable: usize = online.iter().flat_map(|a| allowed.iter().map(|b| in_both(a, b))).sum();
    Some(if available < usable {
        ProcessorLimit::Quota
    } else if usable < online.iter().map(|range| in_both(range, range)).sum() {
        ProcessorLimit::Mask
    } else {
        ProcessorLimit::Machine
    })
}

/// The ranges of a list such as `0-3,8`.
fn list(text: &str) -> Option<Vec<RangeInclusive<usize>>> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.trim().split(',').map(range).collect()
}

fn in_both(a: &RangeInclusive<usize>, b: &RangeInclusive<usize>) -> usize {
    ((*a.start()).max(*b.start())..=(*a.end()).min(*b.end())).count()
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::of;
    use crate::sync::processors::ProcessorLimit;

    fn limit(available: usize, online: &str, allowed: &str) -> Option<ProcessorLimit> {
        of(
            available,
            online,
            &format!("Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t{allowed}\nMems_allowed:\t1\n"),
        )
    }

    #[test]
    fn the_least_of_the_three_is_the_limit() {
        assert_eq!(limit(8, "0-7\n", "0-7"), Some(ProcessorLimit::Machine));
        assert_eq!(limit(3, "0-7\n", "0-7"), Some(ProcessorLimit::Quota));
        assert_eq!(limit(4, "0-7\n", "0,2-3,7"), Some(ProcessorLimit::Mask));
        assert_eq!(limit(2, "0-7\n", "0,2-3,7"), Some(ProcessorLimit::Quota));
        assert_eq!(limit(1, "0\n", "0"), Some(ProcessorLimit::Machine));
    }

    #[test]
    fn processors_that_are_not_online_do_not_count() {
        assert_eq!(limit(2, "0-1\n", "0-127"), Some(ProcessorLimit::Machine));
        assert_eq!(limit(3, "0-1,4,6\n", "1-5,6"), Some(ProcessorLimit::Mask));
    }

    #[test]
    fn a_text_that_is_no_list_tells_nothing() {
        assert_eq!(limit(2, "", "0-1"), None);
        assert_eq!(limit(2, "0-1\n", "all"), None);
        assert_eq!(of(2, "0-1\n", "Name:\tx\n"), None);
    }
}
