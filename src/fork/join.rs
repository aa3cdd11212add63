//! `join`: two closures, perhaps at the same time.

use crate::fork::context::FnContext;
use crate::job::context::{CarriedContext, EnteredContext};
use crate::job::fork::ForkJob;
use crate::pool::global;
use crate::pool::registry::Worker;
use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::publish::Retrieved;
use crate::sync::once_call::OnceCall;
use crate::sync::unwind;
use crate::trace::meter::{Branches, is_measured};

/// Runs both closures, perhaps at the same time, and returns both results.
///
/// The caller runs `oper_a` and meanwhile offers `oper_b` to idle threads; if none takes it, the caller runs it
/// afterwards. Offering costs about as much as a function call, so a recursion may call `join` at every level without a
/// cut-off.
///
/// Outside a pool the caller works in the place of a thread of the global pool that sleeps, and runs `oper_a` itself.
/// While another thread runs `oper_b`, the caller runs only jobs of this call. If no thread of the pool sleeps, the
/// whole call is handed to the global pool, and the calling thread sleeps until it is done. In a pool, if another
/// thread takes `oper_b`, the caller works on other parts of its own task or call until `oper_b` is done. Meanwhile
/// another thread works on other jobs in the caller's place. Neither closure should block on the other (by a channel,
/// say): they may run one after the other on one thread.
///
/// # Panics
///
/// With the panic of either closure; with `oper_a`'s if both panic. Both closures run in any case, and `join` panics
/// when both have ended.
///
/// # Examples
///
/// ```
/// fn sum(values: &[u64]) -> u64 {
///     match values {
///         [] => 0,
///         [value] => *value,
///         _ => {
///             let (left, right) = values.split_at(values.len() / 2);
///             let (left, right) = paceline::join(|| sum(left), || sum(right));
///             left + right
///         }
///     }
/// }
/// assert_eq!(sum(&[1, 2, 3, 4, 5]), 15);
/// ```
///
/// The closures may run at the same time, so they cannot both change a variable. Let each return its part:
///
/// ```compile_fail,E0499
/// let mut words = vec!["to", "be"];
/// paceline::join(|| words.push("or"), || words.push("not"));
/// ```
#[inline]
pub fn join<A, B, RA, RB>(oper_a: A, oper_b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    join_context(|_| oper_a(), |_| oper_b())
}

/// As [`join`], and tells each closure whether it [has migrated](FnContext::migrated): as a rule, whether it runs on
/// another thread than the caller's.
///
/// # Panics
///
/// As [`join`].
///
/// # Examples
///
/// ```
/// // Outside of all pools both have.
/// assert_eq!(paceline::join_context(|a| a.migrated(), |b| b.migrated()), (true, true));
/// ```
#[inline]
pub fn join_context<A, B, RA, RB>(oper_a: A, oper_b: B) -> (RA, RB)
where
    A: FnOnce(FnContext) -> RA + Send,
    B: FnOnce(FnContext) -> RB + Send,
    RA: Send,
    RB: Send,
{
    Worker::with_undisturbed(|worker| match worker {
        Some(worker) => {
            let oper_a = |migrated| oper_a(FnContext::new(migrated));
            let oper_b = |migrated| oper_b(FnContext::new(migrated));
            fork_and_run(worker, oper_a, oper_b, false, || ())
        }
        None => join_disturbed(oper_a, oper_b),
    })
}

/// [`join_context`] for a worker that has a steal request, and for a thread that is no worker.
///
/// The functions below it are compiled once, in this crate; only the common path of `join` is compiled for each pair of
/// closures.
#[cold]
#[inline(never)]
fn join_disturbed<A, B, RA, RB>(oper_a: A, oper_b: B) -> (RA, RB)
where
    A: FnOnce(FnContext) -> RA + Send,
    B: FnOnce(FnContext) -> RB + Send,
    RA: Send,
    RB: Send,
{
    let (mut a, mut b) = (OnceCall::new(oper_a), OnceCall::new(oper_b));
    join_calls(&mut |context| a.make(|oper_a| oper_a(context)), &mut |context| b.make(|oper_b| oper_b(context)));
    (a.into_result(), b.into_result())
}

/// A closure that is called once, and stores its result.
type Operation<'o> = &'o mut (dyn FnMut(FnContext) + Send);

fn join_calls(oper_a: Operation<'_>, oper_b: Operation<'_>) {
    Worker::with_current(|worker| match worker {
        Some(_) if is_measured() => join_measured(oper_a, oper_b),
        Some(worker) => {
            let context = CarriedContext::capture();
            let oper_a = |migrated| oper_a(FnContext::new(migrated));
            let oper_b = |migrated| {
                let _entered = entered_by_thief(&context, migrated);
                oper_b(FnContext::new(migrated));
            };
            fork_and_run(worker, oper_a, oper_b, false, || worker.serve_request_if_made());
        }
        None => join_from_outside(oper_a, oper_b),
    });
}

/// A `join` on a thread that measures: one half after the other.
fn join_measured(oper_a: Operation<'_>, oper_b: Operation<'_>) {
    let mut branches = Branches::begin();
    let a = unwind::halt(|| oper_a(FnContext::new(false)));
    branches.iter_mut().for_each(Branches::next);
    let b = unwind::halt(|| oper_b(FnContext::new(false)));
    drop(branches);
    match (a, b) {
        (Ok(()), Ok(())) => {}
        (Err(payload), b) => {
            unwind::dispose(b);
            unwind::resume(payload);
        }
        (Ok(()), Err(payload)) => unwind::resume(payload),
    }
}

fn join_from_outside(oper_a: Operation<'_>, oper_b: Operation<'_>) {
    global::registry().in_worker(|worker, injected| {
        // Both halves count as migrated: they came to the pool from outside, even if the external caller itself runs
        // them.
        let context = CarriedContext::capture();
        let oper_a = |_| oper_a(FnContext::new(true));
        let oper_b = |migrated| {
            let _entered = entered_by_thief(&context, migrated);
            oper_b(FnContext::new(true));
        };
        fork_and_run(worker, oper_a, oper_b, injected, || worker.offer(Worth::Inline));
    });
}

/// Enters the context of a fork that runs as a job. Its owner, which runs it after the first half, is in that context anyway.
#[inline]
pub(super) fn entered_by_thief(context: &Option<CarriedContext>, migrated: bool) -> Option<EnteredContext> {
    context.as_ref().filter(|_| migrated).map(CarriedContext::enter)
}

/// Forks `oper_b`, calls `forked`, runs `oper_a`, and comes back for `oper_b`.
#[inline(always)]
pub(super) fn fork_and_run<A, B, RA, RB>(
    worker: &Worker,
    oper_a: A,
    oper_b: B,
    injected: bool,
    forked: impl FnOnce(),
) -> (RA, RB)
where
    A: FnOnce(bool) -> RA,
    B: FnOnce(bool) -> RB + Send,
    RB: Send,
{
    let fork = ForkJob::new(oper_b, worker.newest_fork());
    // SAFETY: the header is that of a live fork, made just above. `JoinGuard` keeps this frame, and the fork in it,
    // until the fork has left the worker's queues.
    unsafe { worker.push_fork(fork.header()) };
    let guard = JoinGuard { worker, fork: &fork };
    forked();
    let a = oper_a(injected);
    std::mem::forget(guard);
    let b = if worker.take_back(&fork) {
        // SAFETY: the fork is private, and is run once.
        let oper_b = unsafe { fork.take() };
        oper_b(false)
    } else {
        // SAFETY: `take_back` has just returned false.
        unsafe { finish_published(worker, &fork) }
    };
    (a, b)
}

/// Comes back for a fork that was published: runs it if it is still in the queue, else waits for the thief's result.
///
/// # Safety
///
/// As for [`Worker::retrieve`].
#[cold]
#[inline(never)]
unsafe fn finish_published<B, RB>(worker: &Worker, fork: &ForkJob<B, RB>) -> RB
where
    B: FnOnce(bool) -> RB + Send,
    RB: Send,
{
    // SAFETY: the caller's duty.
    match unsafe { worker.retrieve(fork) } {
        Retrieved::Untaken => {
            // SAFETY: this worker took the fork back from the queue, and runs it once.
            let oper_b = unsafe { fork.take() };
            oper_b(false)
        }
        Retrieved::Done(Ok(result)) => result,
        Retrieved::Done(Err(payload)) => unwind::resume(payload),
    }
}

/// Finishes the fork when the first half unwinds: both closures run in any case, and the frame must not be freed while
/// a thief may point into it.
struct JoinGuard<'a, B, RB>
where
    B: FnOnce(bool) -> RB + Send,
    RB: Send,
{
    worker: &'a Worker,
    fork: &'a ForkJob<B, RB>,
}

impl<B, RB> Drop for JoinGuard<'_, B, RB>
where
    B: FnOnce(bool) -> RB + Send,
    RB: Send,
{
    // Inlined, so that the fields stay in registers and cost the path without a panic nothing.
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the first half has ended, by a panic, and the guard is dropped once.
        unsafe { run_in_unwinding(self.worker, self.fork) }
    }
}

/// Runs the fork, or waits for its thief, while the first half's panic unwinds. A panic of the second half is
/// swallowed.
///
/// # Safety
///
/// The fork was pushed by this worker, its first half has ended, and it has not been taken back or retrieved.
#[cold]
#[inline(never)]
unsafe fn run_in_unwinding<B, RB>(worker: &Worker, fork: &ForkJob<B, RB>)
where
    B: FnOnce(bool) -> RB + Send,
    RB: Send,
{
    let outcome = unwind::halt(|| {
        if worker.take_back(fork) {
            // SAFETY: the fork is private, and is run once.
            let oper_b = unsafe { fork.take() };
            oper_b(false)
        } else {
            // SAFETY: `take_back` has just returned false.
            unsafe { finish_published(worker, fork) }
        }
    });
    // The drop of the result or of the payload must not start a second panic during the unwinding.
    unwind::dispose(outcome);
}
