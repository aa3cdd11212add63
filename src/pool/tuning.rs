//! The times and counts that the scheduler was tuned by: the only file of `pool/` with times in it.
//!
//! Two are measured costs: [`WAKE_UP`] and [`STEAL`]. Those below a few milliseconds are multiples of them; the longer ones are
//! times that people notice. In a model a thread looks once and does not wait: how much time has passed would differ between two
//! runs of the same interleaving.

use std::time::Duration;

const fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(if cfg!(loom) { 0 } else { nanos })
}

/// How long it takes until a thread works that was asleep: the system's wake-up.
const WAKE_UP: u64 = 5_000;

/// How long it takes until another thread works that searched: it moves the job, and what the job touches.
const STEAL: u64 = 500;

/// How long a worker searches at least before it sleeps: what a wake-up costs, so that at worst it wastes as much as it might
/// have saved.
pub(super) const SHORTEST_SEARCH: Duration = nanos(WAKE_UP);

/// How long it searches at most.
pub(super) const LONGEST_SEARCH: Duration = nanos(10 * WAKE_UP);

/// In between it searches for this part of the time that it has worked since it was idle last: what follows upon much work is
/// likely to be much, and the waste stays small beside the work.
pub(super) const SEARCHED_OF_WORKED: u32 = 16;

/// How long a worker that waits within a job searches before it sleeps or gives its slot to another thread: another thread works
/// for it, and is likely to be done soon. To hand the slot over costs about a third of this.
pub(super) const SEARCH_WITHIN_JOB: Duration = nanos(4 * WAKE_UP);

/// How long a worker looks for public jobs before it requests more, and between requests: a worker whose fork was taken often
/// waits for no longer than this, and a thief's share of a small job is not worth splitting again. In a model, too.
pub(super) const REQUEST_AFTER: Duration = Duration::from_nanos(STEAL);

/// For how long thieves leave a fork alone that was offered unasked: an owner of small work is back for it before.
pub(super) const HOLD_OFF: Duration = nanos(3 * STEAL);

/// For how long they leave one alone that is wanted only if its owner is held up: longer than any of them searches.
pub(super) const HOLD_OFF_IF_HELD_UP: Duration = LONGEST_SEARCH;

/// How long the first sleep of a sentinel is after work.
pub(super) const SHORTEST_WATCH: Duration = Duration::from_nanos(10 * WAKE_UP);

/// How long its sleeps become, which double, while something is published during each of them. So much later than it could, a
/// long call in a burst of small ones gets help.
pub(super) const LONGEST_WATCH: Duration = Duration::from_nanos(100 * WAKE_UP);

/// How long they become while nothing is published during some of them: a sentinel is not to look more often than there is
/// something to see. (On a virtual processor each sleep costs tens of microseconds of processor time.)
pub(super) const LONGEST_QUIET_WATCH: Duration = Duration::from_nanos(400 * WAKE_UP);

/// For how long a sentinel goes on after the last publication. In a model its first look is its last.
pub(super) const SENTINEL_PATIENCE: Duration = nanos(500 * WAKE_UP);

/// For how long an external caller waits for its own slot before it takes any that is free.
pub(super) const SLOT_PREFERENCE: Duration = Duration::from_millis(1);

/// For how long a slot's holder is in one job before the first thread that waits for the slot goes on without; twice as long for
/// each thread that does so already. While it waits another thread works in its place, so little is lost; and a holder that the
/// system has not let run for some time is not to be taken for a blocked one. (In a model a thread waits for as long as it takes.)
pub(super) const SLOT_PATIENCE: Duration = Duration::from_millis(100);

/// No longer than this.
pub(super) const LONGEST_SLOT_PATIENCE: Duration = Duration::from_secs(2);

/// For how long a standby thread that is not needed waits until it is: a program that reads files one after the other finds it
/// still there.
pub(super) const STANDBY_PATIENCE: Duration = Duration::from_secs(5);

/// After so many jobs from the queues that go first a worker looks into those that come after them. Jobs that spawn each other in
/// a chain would keep all others waiting for ever. (As many as in the schedulers of Go and tokio.)
pub(super) const IN_A_ROW: u32 = 61;

/// At least one in this many of the private forks is published at a time: finding the oldest takes a walk over all of them, and a
/// deep recursion must not pay for that walk anew for each fork.
pub(super) const WALKED_PER_PUBLISHED: usize = 16;

/// So many jobs at the young end of its own deque a waiting worker looks at for one of its region. More of them are met where a
/// job has spawned a burst, and are then left to the thread that takes the slot over.
pub(super) const DUG_AT_ONCE: usize = 64;

/// So much of its stack an external caller is trusted to have left when it comes. The system does not tell how large the stack of
/// a thread is that others have started; the smallest in common use have two megabytes.
pub(super) const EXTERNAL_STACK_LEFT: usize = 1 << 20;
