//! `LoopContext`: a parallel loop's view of the worker that it runs on, and how it forks off the rest of a part.

use crate::fork::join::{entered_by_thief, fork_and_run};
use crate::job::context::CarriedContext;
use crate::job::fork::{ForkJob, Forked};
use crate::pool::global;
use crate::pool::lease::SlotLease;
use crate::pool::registry::Worker;
pub(crate) use crate::pool::worker::hold_off::Worth;
use crate::pool::worker::publish::Retrieved;
use crate::sync::stack;
use crate::sync::ticks::Ticks;
use crate::sync::unwind;
use crate::trace::meter::Branches;

/// The panic message of a fork that runs on a thread that is no worker.
const RUN_BY_WORKERS: &str = "a forked child cannot run the parts of a parallel loop that were still to come when it was \
                              made: their thread is no worker there";

/// The number of jobs on the calling thread's stack; `None` if it is no worker.
#[inline]
pub(crate) fn nesting() -> Option<usize> {
    Worker::with_current(|worker| worker.map(Worker::nesting))
}

/// The worker that a part of a loop runs on, for as long as it does.
#[derive(Debug)]
pub(crate) struct LoopContext<'w> {
    worker: &'w Worker,
    migrated: bool,
}

/// The number of steal requests that the calling worker had served at some time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served {
    count: u32,
}

impl Served {
    /// For a loop that does not look for requests.
    pub(crate) const NONE: Self = Served { count: 0 };

    /// The number so far. On a thread that is no worker it is outdated at once.
    #[inline(always)]
    pub(crate) fn so_far() -> Self {
        Served { count: Worker::with_current(|worker| worker.map_or(0, Worker::requests_served)) }
    }

    /// True if there has been a steal request since, pending or served by code that ran in between. Jobs that are still
    /// owed for an earlier request do not count.
    #[inline(always)]
    pub(crate) fn is_outdated(self) -> bool {
        Worker::with_unasked(|worker| worker.is_none_or(|worker| worker.requests_served() != self.count))
    }
}

impl LoopContext<'_> {
    /// Calls `op` once, on a worker: in place if the caller is one or can lease a slot, else on one of the global
    /// pool's.
    #[inline]
    pub(crate) fn enter(mut op: impl FnMut(&LoopContext<'_>) + Send) {
        Worker::with_current(|worker| match worker {
            Some(worker) => op(&LoopContext { worker, migrated: false }),
            None => Self::enter_from_outside(&mut op),
        });
    }

    /// [`enter`](Self::enter) for a caller that is no worker.
    #[cold]
    fn enter_from_outside(op: &mut (dyn FnMut(&LoopContext<'_>) + Send)) {
        global::registry().in_worker(|worker, _| op(&LoopContext { worker, migrated: false }));
    }

    /// Runs `op` if the caller is a worker.
    #[inline]
    pub(crate) fn on_worker<R>(op: impl FnOnce(&LoopContext<'_>) -> R) -> Option<R> {
        Worker::with_current(|worker| worker.map(|worker| op(&LoopContext { worker, migrated: false })))
    }

    /// Leases a slot to the calling thread if it is no worker and one is free: it is a worker for as long as the value
    /// lives.
    #[inline(always)]
    pub(crate) fn lease_slot() -> Option<SlotLease<'static>> {
        if Self::is_on_worker() { None } else { global::registry().lease_slot() }
    }

    /// True if the calling thread is a worker.
    #[inline(always)]
    pub(crate) fn is_on_worker() -> bool {
        Worker::with_current(|worker| worker.is_some())
    }

    /// The index of the calling thread's worker; `None` if it is no worker.
    #[inline]
    pub(crate) fn index() -> Option<usize> {
        Worker::with_current(|worker| worker.map(Worker::index))
    }

    /// True if the calling thread is no worker, and has less stack left than items may need: they then run on threads
    /// of a pool.
    #[inline(always)]
    pub(crate) fn lacks_stack() -> bool {
        !Self::is_on_worker() && !stack::is_roomy()
    }

    /// True if the caller is a worker at this nesting, and no steal request is pending.
    #[inline(always)]
    pub(crate) fn is_unasked_at(nesting: usize) -> bool {
        Worker::with_unasked(|worker| worker.is_some_and(|worker| worker.nesting() == nesting))
    }

    /// Whether the caller is the only worker of its pool.
    #[inline(always)]
    pub(crate) fn is_only_worker() -> bool {
        Worker::with_current(|worker| worker.is_some_and(|worker| worker.registry().num_threads() == 1))
    }

    /// How many ticks ago the pending steal request was made to the calling worker; 0 if there is none.
    #[inline(always)]
    pub(crate) fn requested_for() -> u64 {
        #[cold]
        fn disturbed_for() -> u64 {
            let made_at = Worker::with_current(|worker| worker.and_then(|worker| worker.request().made_at()));
            made_at.map_or(0, |made_at| Ticks::now().since(made_at))
        }
        if Worker::with_unasked(|worker| worker.is_some()) { 0 } else { disturbed_for() }
    }

    /// When the pending steal request was made, if there is one.
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

    /// True if a worker other than the one that forked this part has taken it.
    #[inline]
    pub(crate) fn is_migrated(&self) -> bool {
        self.migrated
    }

    /// A loop begins that may take long: from here on the time counts as the worker's.
    pub(crate) fn works(&self) {
        self.worker.works();
    }

    /// The number of idle workers. A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        self.worker.registry().sleep().idle()
    }

    /// The number of threads in this pool.
    #[inline]
    pub(crate) fn threads(&self) -> usize {
        self.worker.registry().num_threads()
    }

    /// True if a steal request is pending. Cheap enough to be called often.
    #[inline(always)]
    pub(crate) fn is_asked(&self) -> bool {
        self.worker.is_requested()
    }

    /// Serves the pending steal request with this worker's private forks. Returns true if jobs are still owed.
    pub(crate) fn serve(&self) -> bool {
        self.worker.serve_request();
        self.worker.is_requested()
    }

    /// True if a running loop can rely on a steal request within about 2 ms: the caller is a worker, and another worker
    /// searches or the sentinel is active. For a loop of little work that begins without offering any of it. A pending
    /// request is served with the private forks there are: the request is for something larger.
    #[inline(always)]
    pub(crate) fn will_be_asked() -> bool {
        Worker::with_current(|worker| {
            let Some(worker) = worker else { return false };
            let will_be = worker.registry().sleep().expects_requests();
            // If none will ask, the requesting worker sleeps by now.
            if will_be && worker.request().is_new() {
                worker.serve_request();
            }
            will_be
        })
    }

    /// Sets the activity flag for the sentinel: there is work, though none of it is offered.
    pub(crate) fn note_activity() {
        Worker::with_current(|worker| {
            if let Some(worker) = worker {
                worker.registry().sleep().note_activity();
            }
        });
    }

    /// True if this worker has no public job.
    #[inline]
    pub(crate) fn has_nothing_public(&self) -> bool {
        !self.worker.shared().has_public_job()
    }

    /// Makes sure that a worker looks for this worker's public jobs; wakes one by a system call if none searches.
    pub(crate) fn urge(&self) {
        self.worker.urge();
    }

    /// Records what the part that has just run was worth. The next one is assumed to be worth the same, because a
    /// program runs the same loop again and again.
    #[inline]
    pub(crate) fn remember_worth(&self, worth: Worth) {
        self.worker.remember_worth(worth);
    }

    /// True if the part that ran last was worth a wake-up.
    #[inline]
    pub(crate) fn is_likely_worth_a_wake_up(&self) -> bool {
        self.worker.likely_worth() == Worth::WakeUp
    }

    /// Runs `left`, and `right` too, perhaps at the same time, on another worker. If `left` may be long (`is_long`),
    /// `right` is made public before `left` begins; otherwise it is offered to idle workers.
    #[inline]
    pub(crate) fn fork<A, B, RA, RB>(&self, is_long: bool, left: A, right: B) -> (RA, RB)
    where
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>) -> RB + Send,
        RB: Send,
    {
        let worker = self.worker;
        if let Some(mut branches) = Branches::begin() {
            let a = left(self);
            branches.next();
            return (a, right(self));
        }
        let carried = CarriedContext::capture();
        let left = |_| left(&LoopContext { worker, migrated: false });
        let right = |migrated| {
            let _entered = entered_by_thief(&carried, migrated);
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
        // What `help` spawns takes over the context in which it runs.
        let carried = CarriedContext::capture();
        let help = |migrated| {
            if migrated {
                let _entered = entered_by_thief(&carried, migrated);
                help();
            }
        };
        fork_and_run(self.worker, |_| op(), help, false, || self.worker.offer_for_held_up()).0
    }

    /// Runs `left`, with `rest` public meanwhile: a worker that takes it runs `taken` with it. If none does, the caller
    /// gets `rest` back.
    ///
    /// When `left` panics, a rest that is still here is dropped, and one that was taken is waited for.
    #[inline]
    pub(crate) fn lend<T, A, B, RA, RB>(&self, rest: T, left: A, taken: B) -> (RA, Rest<T, RB>)
    where
        T: Send,
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>, T) -> RB + Send,
        RB: Send,
    {
        let worker = self.worker;
        let carried = CarriedContext::capture();
        let fork = ForkJob::new(PublicRest { rest, taken, carried: &carried }, worker.newest_fork());
        // SAFETY: the header is that of a live fork, made just above. `RestGuard` keeps this frame, and the fork in it,
        // until the fork has left the worker's queues.
        unsafe { worker.push_fork(fork.header()) };
        let guard = RestGuard { worker, fork: &fork };
        worker.publish_all();
        let result = left(&LoopContext { worker, migrated: false });
        std::mem::forget(guard);
        // SAFETY: the first half has ended, and the fork is come back for once.
        (result, unsafe { finish_published(worker, &fork) })
    }
}

/// The outcome of a rest that was public.
#[derive(Debug)]
pub(crate) enum Rest<T, R> {
    /// No worker took it.
    Back(T),
    /// Another worker took it, with this result.
    Done(R),
}

/// The rest of a part, and the function that a worker which takes it calls with it.
struct PublicRest<'c, T, B> {
    rest: T,
    taken: B,
    carried: &'c Option<CarriedContext>,
}

impl<T, B, R> Forked<R> for PublicRest<'_, T, B>
where
    T: Send,
    B: FnOnce(&LoopContext<'_>, T) -> R + Send,
{
    fn run_migrated(self) -> R {
        let _entered = self.carried.as_ref().map(CarriedContext::enter);
        LoopContext::arrive(|context| (self.taken)(context, self.rest))
    }
}

/// Gets a rest back, or waits for its thief.
///
/// # Safety
///
/// The fork was pushed by this worker, its first half has ended, and it has not been taken back or retrieved.
unsafe fn finish_published<'c, T, B, R>(worker: &Worker, fork: &ForkJob<PublicRest<'c, T, B>, R>) -> Rest<T, R>
where
    PublicRest<'c, T, B>: Forked<R>,
    R: Send,
{
    if !worker.take_back(fork) {
        // SAFETY: `take_back` has just returned false.
        match unsafe { worker.retrieve(fork) } {
            Retrieved::Untaken => {}
            Retrieved::Done(Ok(result)) => return Rest::Done(result),
            Retrieved::Done(Err(payload)) => unwind::resume(payload),
        }
    }
    // SAFETY: the fork is private, or this worker took it back from the queue; its contents are taken once.
    Rest::Back(unsafe { fork.take() }.rest)
}

/// Finishes the fork when the first half unwinds: the frame must not be freed while a thief may point into it.
struct RestGuard<'a, 'c, T, B, R>
where
    PublicRest<'c, T, B>: Forked<R>,
    R: Send,
{
    worker: &'a Worker,
    fork: &'a ForkJob<PublicRest<'c, T, B>, R>,
}

impl<'c, T, B, R> Drop for RestGuard<'_, 'c, T, B, R>
where
    PublicRest<'c, T, B>: Forked<R>,
    R: Send,
{
    #[cold]
    fn drop(&mut self) {
        // SAFETY: the first half has ended, by a panic, and the guard is dropped once.
        let rest = unwind::halt(|| unsafe { finish_published(self.worker, self.fork) });
        // A drop here must not start a second panic while the first unwinds.
        unwind::dispose(rest);
    }
}

#[cfg(all(test, not(loom)))]
use {
    crate::pool::handlers::Handlers,
    crate::pool::registry::DequeOrder,
    crate::pool::registry::{Habits, Registry},
    crate::pool::sleep::{IdleThread, SearchPermit, Sleep},
};

/// For the tests of the modules that use this one.
#[cfg(all(test, not(loom)))]
impl LoopContext<'_> {
    /// Calls `f` on one of two workers of a pool; the other worker is always busy.
    pub(crate) fn beside_a_busy_worker(f: impl FnOnce(&LoopContext<'_>)) {
        Self::beside(Sleep::came, f);
    }

    /// Calls `f` on one of two workers of a pool; the other worker sleeps and has made a request before.
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
        let registry = Registry::new(2, 1, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        other(registry.sleep());
        registry.own_for_test(0, |stay| {
            Self::arrive(|context| {
                context.serve();
                f(context);
            });
            drop(stay);
        });
    }

    /// True if the other worker sleeps, with no sentinel.
    pub(crate) fn is_alone(&self) -> bool {
        !self.worker.registry().sleep().expects_requests()
    }

    /// Leaves the request pending, as if jobs were owed for it.
    pub(crate) fn keep_requested(&self) {
        self.worker.request().keep_on();
    }

    /// Makes a steal request to this worker.
    pub(crate) fn request(&self) {
        self.worker.request().make();
    }
}
