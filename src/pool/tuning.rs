//! The times and counts that the scheduler was tuned by: the only file of `pool/` with times in it.
//!
//! Two are measured costs: [`WAKE_UP`] and [`STEAL`]. Those below a few milliseconds are multiples of them; the longer
//! ones are times that people notice. In a model a thread looks once and does not wait, because times would differ
//! between two runs of the same interleaving.

use std::time::Duration;

const fn nanos(nanos: u64) -> Duration {
    Duration::from_nanos(if cfg!(loom) { 0 } else { nanos })
}

/// The cost of a wake-up: the time until a thread that slept works.
const WAKE_UP: u64 = 5_000;

/// The cost of a steal: the time until a thread that searched works. It moves the job, and the data that the job
/// touches.
const STEAL: u64 = 500;

/// How long a worker searches at least before it sleeps: the cost of a wake-up, so that at worst it wastes as much as
/// it might have saved.
pub(super) const SHORTEST_SEARCH: Duration = nanos(WAKE_UP);

/// How long a worker searches at most before it sleeps.
pub(super) const LONGEST_SEARCH: Duration = nanos(10 * WAKE_UP);

/// In between it searches for this fraction (1/16) of the time since it was idle last. Much work is likely to be
/// followed by more, and the waste stays small beside the work.
pub(super) const SEARCHED_OF_WORKED: u32 = 16;

/// The longest gap between two regions of work that a worker searches through: regions follow one another, with serial
/// work between them.
pub(super) const LONGEST_GAP: Duration = nanos(60 * WAKE_UP);

/// The longest gap that a worker searches through in a phase.
pub(super) const LONGEST_GAP_IN_PHASE: Duration = nanos(200 * WAKE_UP);

/// A worker searches through gaps of at most this many times the length of its work between them: not for the sake of
/// jobs that are small beside the gaps.
pub(super) const GAP_OF_WORKED: u32 = 8;

/// After a gap that was too long for the work that followed, a worker sleeps in so many gaps before it searches
/// through one again.
pub(super) const GAPS_SLEPT: u32 = 16;

/// How long a thread that waits within a job searches before it sleeps or hands its slot over. Another thread runs the
/// job that it waits for, and is likely to be done soon. A hand-over costs about a third of this.
pub(super) const SEARCH_WITHIN_JOB: Duration = nanos(4 * WAKE_UP);

/// How long a worker looks for public jobs before it makes a steal request, and between requests. A worker that lost a
/// fork to a thief often waits for no longer than this, and a thief's share of a small job is not worth splitting
/// again. Not zero in a model.
pub(super) const REQUEST_AFTER: Duration = Duration::from_nanos(STEAL);

/// The hold-off: for how long thieves leave a fork alone that was offered unasked. The worker of a small fork is back
/// for it before that.
pub(super) const HOLD_OFF: Duration = nanos(3 * STEAL);

/// The hold-off of a fork that is wanted only if its worker is held up: as long as the longest search.
pub(super) const HOLD_OFF_IF_HELD_UP: Duration = LONGEST_SEARCH;

/// The first sleep of a sentinel after work.
pub(super) const SHORTEST_SENTINEL_SLEEP: Duration = Duration::from_nanos(10 * WAKE_UP);

/// The longest sleep of a sentinel, which doubles each time, while forks are published during each sleep. A long call
/// in a burst of small ones gets help that much later than it could.
pub(super) const LONGEST_SENTINEL_SLEEP: Duration = Duration::from_nanos(100 * WAKE_UP);

/// For how long a sentinel goes on at least after the last publication: the pool is at rest a millisecond after it. In a
/// model its first look is its last.
pub(super) const SENTINEL_PATIENCE: Duration = nanos(60 * WAKE_UP);

/// For how long an external caller waits for its own slot before it takes any free one.
pub(super) const SLOT_PREFERENCE: Duration = Duration::from_millis(1);

/// How long a slot's holder may run one job before the first thread that waits for the slot goes on without it; twice
/// as long for each thread that has gone on already. Another thread works in the waiting thread's slot meanwhile, so
/// little is lost. A holder that the system has not scheduled for some time must not be taken for a blocked one. (In a
/// model a thread waits for as long as it takes.)
pub(super) const SLOT_PATIENCE: Duration = Duration::from_millis(100);

/// The limit of the doubling of `SLOT_PATIENCE`.
pub(super) const LONGEST_SLOT_PATIENCE: Duration = Duration::from_secs(2);

/// For how long an idle standby thread stays: a program that reads files one after the other still finds it.
pub(super) const STANDBY_PATIENCE: Duration = Duration::from_secs(5);

/// For how long the length of a tick of the processor's counter is measured at least: long beside the reading of a clock.
pub(super) const TICK_MEASURED_FOR: Duration = Duration::from_millis(1);

/// The longest interval of the watchdog that can be meant: a day.
pub(super) const LONGEST_WATCH: Duration = Duration::from_secs(86_400);

/// After this many jobs from the queues that go first a worker looks into those that come after them. Otherwise jobs
/// that spawn each other in a chain would keep all other jobs waiting for ever. (The schedulers of Go and tokio use the
/// same number.)
pub(super) const IN_A_ROW: u32 = 61;

/// At least one in this many of the private forks is published at a time. Finding the oldest fork takes a walk over all
/// of them, and a deep recursion must not pay for that walk anew for each fork.
pub(super) const WALKED_PER_PUBLISHED: usize = 16;

/// How many of the youngest jobs in its own deque a waiting worker looks at for one of its region. There are more only
/// where a job has spawned a burst; those are left to the thread that takes the slot over.
pub(super) const DUG_AT_ONCE: usize = 64;

/// How much of its stack an external caller is trusted to have left when its call begins. The system does not tell how
/// large the stack of a foreign thread is; the smallest in common use have two megabytes.
pub(super) const EXTERNAL_STACK_LEFT: usize = 1 << 20;
