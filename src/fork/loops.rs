//! How a parallel loop shares what is left of it: what it knows of the worker that it runs on, and how it forks.

use crate::fork::join::fork_and_run;
use crate::job::fork::{ForkJob, Forked};
use crate::pool::global;
use crate::pool::lease::SlotLease;
use crate::pool::registry::Worker;
pub(crate) use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::publish::Retrieved;
use crate::sync::stack;
use crate::sync::ticks::Ticks;
use crate::sync::unwind;

/// Said when a fork finds itself on a thread that is no worker.
const RUN_BY_WORKERS: &str = "a forked child cannot run the parts of a parallel loop that were still to come when it was \
                              made: their thread is no worker there";

/// How many jobs run on the calling thread, one above the other; `None` if it is no worker.
#[inline]
pub(crate) fn nesting() -> Option<usize> {
    Worker::with_current(|worker| worker.map(Worker::nesting))
}

/// A loop's stay on a worker.
#[derive(Debug)]
pub(crate) struct LoopContext<'w> {
    worker: &'w Worker,
    migrated: bool,
}

/// The requests for work that the calling worker had served at some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served {
    answers: u32,
}

impl Served {
    /// For a loop that looks for none.
    pub(crate) const NONE: Self = Served { answers: 0 };

    /// By now. Off a worker it is outdated at once.
    #[inline(always)]
    pub(crate) fn so_far() -> Self {
        Served { answers: Worker::with_current(|worker| worker.map_or(0, Worker::answers)) }
    }

    /// Whether another worker has requested work since: it waits, or code that ran in between has served it. Jobs that are
    /// still owed for an earlier request do not count.
    #[inline(always)]
    pub(crate) fn is_outdated(self) -> bool {
        Worker::with_unasked(|worker| worker.is_none_or(|worker| worker.answers() != self.answers))
    }
}

impl LoopContext<'_> {
    /// Calls `op` once, on a worker: in place if the caller is one or can borrow a slot, else on one of the global pool's.
    #[inline]
    pub(crate) fn enter(mut op: impl FnMut(&LoopContext<'_>) + Send) {
        Worker::with_current(|worker| match worker {
            Some(worker) => op(&LoopContext { worker, migrated: false }),
            None => Self::enter_from_outside(&mut op),
        });
    }

    /// [`enter`](Self::enter), if the caller is no worker.
    #[cold]
    fn enter_from_outside(op: &mut (dyn FnMut(&LoopContext<'_>) + Send)) {
        global::registry().in_worker(|worker, _| op(&LoopContext { worker, migrated: false }));
    }

    /// Runs `op` if the caller is a worker.
    #[inline]
    pub(crate) fn on_worker<R>(op: impl FnOnce(&LoopContext<'_>) -> R) -> Option<R> {
        Worker::with_current(|worker| worker.map(|worker| op(&LoopContext { worker, migrated: false })))
    }

    /// Makes the calling thread a worker for as long as the value lives, if it is none and a slot can be leased to it.
    #[inline(always)]
    pub(crate) fn lease_slot() -> Option<SlotLease<'static>> {
        if Worker::with_current(|worker| worker.is_some()) { None } else { global::registry().lease_slot() }
    }

    /// Whether the calling thread is no worker, and has less stack left than items may need, which run on threads of a pool.
    #[inline(always)]
    pub(crate) fn lacks_stack() -> bool {
        Worker::with_current(|worker| worker.is_none()) && !stack::is_roomy()
    }

    /// Whether the caller is a worker, no request waits for it, and its nesting is this.
    #[inline(always)]
    pub(crate) fn is_unasked_at(nesting: usize) -> bool {
        Worker::with_unasked(|worker| worker.is_some_and(|worker| worker.nesting() == nesting))
    }

    /// Whether the caller is the only worker of its pool.
    #[inline(always)]
    pub(crate) fn is_only_worker() -> bool {
        Worker::with_current(|worker| worker.is_some_and(|worker| worker.registry().num_threads() == 1))
    }

    /// For how many ticks somebody has been waiting for the calling worker to answer; none if nobody is.
    #[inline(always)]
    pub(crate) fn rung_for() -> u64 {
        #[cold]
        fn disturbed_for() -> u64 {
            let made_at = Worker::with_current(|worker| worker.and_then(|worker| worker.request().made_at()));
            made_at.map_or(0, |made_at| Ticks::now().since(made_at))
        }
        if Worker::with_unasked(|worker| worker.is_some()) { 0 } else { disturbed_for() }
    }

    /// Since when a worker waits for this one to serve its request, if one does.
    pub(crate) fn asked_at(&self) -> Option<Ticks> {
        self.worker.request().made_at()
    }

    /// Calls `op` with the context of the calling worker, which has taken a part from another.
    pub(crate) fn arrive<R>(op: impl FnOnce(&LoopContext<'_>) -> R) -> R {
        Worker::with_current(|worker| {
            let worker = worker.expect(RUN_BY_WORKERS);
            op(&LoopContext { worker, migrated: true })
        })
    }

    /// Whether this part was taken by another worker than the one that forked it.
    #[inline]
    pub(crate) fn is_migrated(&self) -> bool {
        self.migrated
    }

    /// How many workers have nothing to do. A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        self.worker.registry().sleep().idle()
    }

    /// How many threads work here.
    #[inline]
    pub(crate) fn threads(&self) -> usize {
        self.worker.registry().num_threads()
    }

    /// Whether somebody has asked for work. To be looked at often.
    #[inline(always)]
    pub(crate) fn is_asked(&self) -> bool {
        self.worker.is_requested()
    }

    /// Gives those who ask what this worker has forked so far. Says whether they want more.
    pub(crate) fn answer(&self) -> bool {
        self.worker.serve_request();
        self.worker.is_requested()
    }

    /// Whether those who are idle will request work from the caller, a worker, in a millisecond or two; not if they sleep. For
    /// a loop of little work that begins and is not offered. A request that is there already is served with what there is: it
    /// is for something larger.
    #[inline(always)]
    pub(crate) fn will_be_asked() -> bool {
        Worker::with_current(|worker| {
            let Some(worker) = worker else { return false };
            let will_be = worker.registry().sleep().is_anybody_going_to_ask();
            // If none will ask, the worker that asked sleeps by now.
            if will_be && worker.request().is_new() {
                worker.serve_request();
            }
            will_be
        })
    }

    /// Takes note, for whoever is the sentinel, that there is work now and then, though nothing of it is offered.
    pub(crate) fn note_activity() {
        Worker::with_current(|worker| {
            if let Some(worker) = worker {
                worker.registry().sleep().note_activity();
            }
        });
    }

    /// Whether nothing of this worker's is there for others to take.
    #[inline]
    pub(crate) fn has_nothing_public(&self) -> bool {
        !self.worker.shared().has_public_job()
    }

    /// Sees to it that what was forked and nobody has taken yet is looked for, by a system call if need be.
    pub(crate) fn urge(&self) {
        self.worker.urge();
    }

    /// Sets what the part that has just run was worth. The next one is taken to be worth the same, because a program runs
    /// the same loop again and again.
    #[inline]
    pub(crate) fn remember_worth(&self, worth: Worth) {
        self.worker.remember_worth(worth);
    }

    /// Whether the part that ran last was worth a wake-up.
    #[inline]
    pub(crate) fn is_likely_worth_a_wake_up(&self) -> bool {
        self.worker.likely_worth() == Worth::WakeUp
    }

    /// Runs `left`, and `right` too, perhaps at the same time, on another worker. If `left` may be long (`is_long`), `right` is
    /// made public before `left` begins; otherwise idle workers are offered it.
    #[inline]
    pub(crate) fn fork<A, B, RA, RB>(&self, is_long: bool, left: A, right: B) -> (RA, RB)
    where
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>) -> RB + Send,
        RB: Send,
    {
        let worker = self.worker;
        let left = |_| left(&LoopContext { worker, migrated: false });
        let right = |migrated| {
            Worker::with_current(|worker| {
                let worker = worker.expect(RUN_BY_WORKERS);
                right(&LoopContext { worker, migrated })
            })
        };
        fork_and_run(worker, left, right, false, || {
            if is_long { worker.publish_all() } else { worker.offer(worker.likely_worth()) }
        })
    }

    /// Runs `op`. If it takes longer than a wake-up, a worker that is idle runs `help` meanwhile, some time later.
    #[inline]
    pub(crate) fn with_help<R>(&self, op: impl FnOnce() -> R, help: impl FnOnce() + Send) -> R {
        let help = |migrated| {
            if migrated {
                help();
            }
        };
        fork_and_run(self.worker, |_| op(), help, false, || self.worker.offer_for_held_up()).0
    }

    /// Runs `left`, while `rest` is there for others to take; whoever takes it runs `taken` with it. If nobody does it
    /// comes back.
    ///
    /// When `left` panics, a rest that nobody took is dropped, and one that was taken is waited for.
    #[inline]
    pub(crate) fn lend<T, A, B, RA, RB>(&self, rest: T, left: A, taken: B) -> (RA, Rest<T, RB>)
    where
        T: Send,
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>, T) -> RB + Send,
        RB: Send,
    {
        let worker = self.worker;
        let fork = ForkJob::new(Lent { rest, taken }, worker.newest_fork());
        // SAFETY: just made to lead there. `JoinGuard` keeps this frame, and the fork in it, until the fork has left the
        // worker's queues.
        unsafe { worker.push_fork(fork.header()) };
        let guard = JoinGuard { worker, fork: &fork };
        worker.publish_all();
        let result = left(&LoopContext { worker, migrated: false });
        std::mem::forget(guard);
        // SAFETY: the first half has ended, and the fork is come back for once.
        (result, unsafe { finish_published(worker, &fork) })
    }
}

/// What became of the rest of a part.
#[derive(Debug)]
pub(crate) enum Rest<T, R> {
    /// Nobody took it.
    Back(T),
    /// Somebody took it, and this came of it.
    Done(R),
}

/// The rest of a part, and what a worker does with it that takes it.
struct Lent<T, B> {
    rest: T,
    taken: B,
}

impl<T, B, R> Forked<R> for Lent<T, B>
where
    T: Send,
    B: FnOnce(&LoopContext<'_>, T) -> R + Send,
{
    fn run_migrated(self) -> R {
        LoopContext::arrive(|context| (self.taken)(context, self.rest))
    }
}

/// Gets a rest back, or waits for whoever has taken it.
///
/// # Safety
///
/// The fork was pushed by this worker, its first half has ended, and nobody has come back for it.
unsafe fn finish_published<T, B, R>(worker: &Worker, fork: &ForkJob<Lent<T, B>, R>) -> Rest<T, R>
where
    Lent<T, B>: Forked<R>,
    R: Send,
{
    if !worker.take_back(fork) {
        // SAFETY: `take_back` has just said no.
        match unsafe { worker.retrieve(fork) } {
            Retrieved::Untaken => {}
            Retrieved::Done(Ok(result)) => return Rest::Done(result),
            Retrieved::Done(Err(payload)) => unwind::resume(payload),
        }
    }
    // SAFETY: the fork is private, or was got back from the queue; its contents are taken once.
    Rest::Back(unsafe { fork.take() }.rest)
}

/// Sees to the fork when the first half unwinds: a frame that a thief may point into must not go before the thief is
/// done.
struct JoinGuard<'a, T, B, R>
where
    Lent<T, B>: Forked<R>,
    R: Send,
{
    worker: &'a Worker,
    fork: &'a ForkJob<Lent<T, B>, R>,
}

impl<T, B, R> Drop for JoinGuard<'_, T, B, R>
where
    Lent<T, B>: Forked<R>,
    R: Send,
{
    #[cold]
    fn drop(&mut self) {
        // SAFETY: the first half has ended, by a panic, and the guard is dropped once.
        let rest = unwind::halt(|| unsafe { finish_published(self.worker, self.fork) });
        // What is dropped here must not start a second panic while the first is on its way.
        unwind::dispose(rest);
    }
}

#[cfg(all(test, not(loom)))]
use {
    crate::pool::handlers::Handlers,
    crate::pool::registry::Order,
    crate::pool::registry::{Habits, Registry},
    crate::pool::sleep::{IdleThread, SearchPermit, Sleep},
};

/// For tests of those who use it.
#[cfg(all(test, not(loom)))]
impl LoopContext<'_> {
    /// Calls `f` as one of two workers of a pool, of which the other never has time.
    pub(crate) fn beside_a_busy_worker(f: impl FnOnce(&LoopContext<'_>)) {
        Self::beside(Sleep::came, f);
    }

    /// Calls `f` as one of two workers of a pool, of which the other sleeps and has asked before.
    pub(crate) fn beside_a_sleeper(f: impl FnOnce(&LoopContext<'_>)) {
        let fall_asleep = |sleep: &Sleep| {
            sleep.came();
            sleep.register(1, IdleThread::Own, SearchPermit::Refused);
        };
        Self::beside(fall_asleep, |context| {
            context.request();
            f(context);
        });
    }

    fn beside(other: impl FnOnce(&Sleep), f: impl FnOnce(&LoopContext<'_>)) {
        let registry = Registry::new(2, 1, Order::YoungestFirst, Handlers::default(), Habits::PLAIN);
        other(registry.sleep());
        registry.own_for_test(0, |stay| {
            Self::arrive(|context| {
                context.answer();
                f(context);
            });
            drop(stay);
        });
    }

    /// Whether the other worker sleeps, with no sentinel.
    pub(crate) fn is_alone(&self) -> bool {
        !self.worker.registry().sleep().is_anybody_going_to_ask()
    }

    /// Leaves the request on, as for what is owed to those who asked.
    pub(crate) fn keep_bell_on(&self) {
        self.worker.request().keep_on();
    }

    /// Asks this worker for work, as another would.
    pub(crate) fn request(&self) {
        self.worker.request().make();
    }
}
