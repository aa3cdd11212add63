//! `NumThreadsRule`: where the number of a pool's threads comes from.

use crate::sync::processors::ProcessorLimit;
use std::fmt;

/// The rule that gave a pool its number of threads: the first that applies, in this order.
///
/// [`ThreadPoolBuilder::num_threads`](crate::ThreadPoolBuilder::num_threads) and
/// [`entitled_processors`](crate::ThreadPoolBuilder::entitled_processors) have the rules. `Display` gives a few words for each.
///
/// # Examples
///
/// ```
/// use paceline::{NumThreadsRule, ThreadPoolBuilder};
///
/// let pool = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
/// assert_eq!(pool.metrics().rule, NumThreadsRule::Builder);
/// assert_eq!(NumThreadsRule::CgroupQuota.to_string(), "cgroup quota");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum NumThreadsRule {
    /// The builder's `num_threads` or `physical_cores`.
    Builder,
    /// The environment variable `PACELINE_NUM_THREADS`.
    PacelineNumThreads,
    /// The environment variable `RAYON_NUM_THREADS`.
    RayonNumThreads,
    /// The builder's `entitled_processors`, or `PACELINE_ENTITLED=1`, and the request of the process's container, which
    /// comes to fewer threads than the rules below.
    Entitled,
    /// The quota of the process's cgroup, which is less than the processors that its affinity mask leaves it. (On Linux.)
    CgroupQuota,
    /// The affinity mask, which leaves some processors of the machine out; a cpuset of a cgroup shows as one. (On Linux.)
    AffinityMask,
    /// All processors of the machine; on systems other than Linux also those that a mask or a quota has left.
    Processors,
}

impl NumThreadsRule {
    /// The rule by which the processors that the process may use are limited.
    pub(in crate::pool) fn of(limit: ProcessorLimit) -> Self {
        match limit {
            ProcessorLimit::Quota => NumThreadsRule::CgroupQuota,
            ProcessorLimit::Mask => NumThreadsRule::AffinityMask,
            ProcessorLimit::Machine => NumThreadsRule::Processors,
        }
    }
}

impl fmt::Display for NumThreadsRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            NumThreadsRule::Builder => "builder",
            NumThreadsRule::PacelineNumThreads => "PACELINE_NUM_THREADS",
            NumThreadsRule::RayonNumThreads => "RAYON_NUM_THREADS",
            NumThreadsRule::Entitled => "entitled processors",
            NumThreadsRule::CgroupQuota => "cgroup quota",
            NumThreadsRule::AffinityMask => "affinity mask",
            NumThreadsRule::Processors => "processors",
        })
    }
}
