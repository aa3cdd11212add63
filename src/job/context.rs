//! Context that follows the work: what the program's hooks capture where work is forked or spawned, and enter where it runs.

mod captured;
mod coming;
#[cfg(feature = "tracing")]
mod spans;

pub(in crate::job) use self::coming::with_context;
pub(crate) use self::coming::{begin_job, end_job, leave_job};

use self::captured::{Both, Captured};
use crate::sync::once::ProcessOnceLock;
use crate::sync::unwind::AbortOnUnwind;
use std::any::Any;
use std::fmt;

/// Has a context, such as a thread-local setting, follow the work from now on: `capture` is called on the thread that forks
/// or spawns, and `enter` on the thread that runs the forked or spawned work, for as long as it runs.
///
/// `capture` reads the context of the calling thread. `enter` makes a captured context that of the calling thread, and
/// returns a guard. When the guard is dropped, on the same thread, it must restore the context that was there before. Guards
/// are dropped in reverse order.
///
/// This holds for the whole process, for all pools and for good. Several contexts can be carried: call it once for each. They
/// are entered in the order of the calls. For the spans of the crate `tracing` there is the feature `tracing` instead.
///
/// # What has the context
///
/// - The second half of a [`join`](crate::join()), and each part of a loop: that of the thread that forked it, as it was at
///   that moment, on whichever thread it runs.
/// - Jobs, tasks and broadcasts, of scopes and pools: that of the thread that spawned them, at that moment. A future is
///   polled in the context in which it was spawned, whichever thread wakes it.
/// - A call that is handed to a pool, as by [`ThreadPool::install`](crate::ThreadPool::install): that of the caller.
/// - The closures of a stream ([`par_map_ordered`](crate::ParallelMap::par_map_ordered) and so on) and its input: that of the
///   thread that made the stream. The input of an async stream is polled in the context of the poll.
/// - An item of a [worker pool](crate::workers): that of the thread that submitted it.
///
/// A thread that waits may run another part of the work on top of its wait. That part runs in its own context, and the
/// waiting thread has its context back afterwards.
///
/// # What it costs
///
/// Nothing before the first call, beyond one load for each job. From then on each fork calls `capture`, whether another
/// thread takes the fork or not, and allocates memory for the context; `enter` is called only where work begins on another
/// thread, or comes from a queue. So `capture` should be cheap: copy a number, or clone an [`Arc`](std::sync::Arc).
///
/// Call it before the work begins that is to carry the context. Jobs that run already may miss it.
///
/// # Panics
///
/// Never itself. A panic in `capture`, in `enter` or in the guard's destructor ends the process. The three must not call into
/// a pool.
///
/// # Examples
///
/// ```
/// use paceline::prelude::*;
/// use std::cell::Cell;
///
/// thread_local! {
///     static REQUEST: Cell<Option<u64>> = const { Cell::new(None) };
/// }
///
/// /// Sets the request until it is dropped.
/// struct Serving {
///     before: Option<u64>,
/// }
///
/// impl Serving {
///     fn begin(request: Option<u64>) -> Self {
///         Serving { before: REQUEST.replace(request) }
///     }
/// }
///
/// impl Drop for Serving {
///     fn drop(&mut self) {
///         REQUEST.set(self.before);
///     }
/// }
///
/// // Once, at the start of the program.
/// paceline::carry_context(|| REQUEST.get(), |request| Serving::begin(*request));
///
/// let _serving = Serving::begin(Some(17));
/// let lines: Vec<String> = (0..1000).into_par_iter().map(|n| format!("request {:?}: {n}", REQUEST.get())).collect();
/// assert!(lines.iter().all(|line| line.starts_with("request Some(17)")));
/// ```
pub fn carry_context<C, G>(
    capture: impl Fn() -> C + Send + Sync + 'static,
    enter: impl Fn(&C) -> G + Send + Sync + 'static,
) where
    C: Send + Sync + 'static,
    G: 'static,
{
    let mut link = Box::new(HookLink { hook: Box::new(ClosureHook { capture, enter }), next: ProcessOnceLock::new() });
    let mut place = &HOOKS;
    while let Err(back) = place.set(link) {
        link = back;
        place = &place.get().expect("a place that refuses a link has one").next;
    }
}

/// The hooks, in the order in which they were set. None is ever removed.
static HOOKS: ProcessOnceLock<Box<HookLink>> = ProcessOnceLock::new();

struct HookLink {
    hook: Box<dyn ContextHook>,
    next: ProcessOnceLock<Box<HookLink>>,
}

/// What captures one kind of context.
trait ContextHook: Send + Sync {
    fn capture(&'static self) -> Box<dyn Captured>;
}

/// The two closures that a program has given.
struct ClosureHook<F, E> {
    capture: F,
    enter: E,
}

struct ClosureContext<C, E: 'static> {
    context: C,
    enter: &'static E,
}

impl<C, G, F, E> ContextHook for ClosureHook<F, E>
where
    C: Send + Sync + 'static,
    G: 'static,
    F: Fn() -> C + Send + Sync,
    E: Fn(&C) -> G + Send + Sync,
{
    fn capture(&'static self) -> Box<dyn Captured> {
        Box::new(ClosureContext { context: (self.capture)(), enter: &self.enter })
    }
}

impl<C, G, E> Captured for ClosureContext<C, E>
where
    C: Send + Sync,
    G: 'static,
    E: Fn(&C) -> G + Send + Sync,
{
    fn enter(&self) -> Box<dyn Any> {
        Box::new((self.enter)(&self.context))
    }
}

/// Whether contexts are captured. It orders nothing: a thread that finds a hook also finds it initialised.
#[inline(always)]
pub(crate) fn is_carried() -> bool {
    #[cfg(feature = "tracing")]
    if spans::are_recorded() {
        return true;
    }
    HOOKS.get().is_some()
}

/// What was current on a thread at some moment.
pub(crate) struct CarriedContext(Box<dyn Captured>);

impl CarriedContext {
    /// The calling thread's, if contexts are captured.
    #[inline]
    pub(crate) fn capture() -> Option<Self> {
        if is_carried() { capture_all() } else { None }
    }

    /// As [`capture`](Self::capture), behind a thin pointer.
    #[inline]
    pub(crate) fn capture_boxed() -> Option<Box<Self>> {
        #[cold]
        fn capture_boxed() -> Option<Box<CarriedContext>> {
            capture_all().map(Box::new)
        }
        if is_carried() { capture_boxed() } else { None }
    }

    /// Makes the context that of the calling thread, while the returned value lives.
    #[cold]
    #[inline(never)]
    pub(crate) fn enter(&self) -> EnteredContext {
        let guard = AbortOnUnwind { because: "the `enter` of a carried context panicked" };
        let entered = self.0.enter();
        std::mem::forget(guard);
        EnteredContext(Some(entered))
    }
}

#[cold]
#[inline(never)]
fn capture_all() -> Option<CarriedContext> {
    let guard = AbortOnUnwind { because: "the `capture` of a carried context panicked" };
    let hooked = HOOKS.get().map(|link| capture_from(link));
    #[cfg(feature = "tracing")]
    let hooked = match (spans::capture(), hooked) {
        (Some(first), Some(second)) => Some(Box::new(Both { first, second }) as Box<dyn Captured>),
        (first, second) => first.or(second),
    };
    std::mem::forget(guard);
    hooked.map(CarriedContext)
}

/// The contexts of the hook and of those behind it.
fn capture_from(link: &'static HookLink) -> Box<dyn Captured> {
    let first = link.hook.capture();
    match link.next.get() {
        Some(next) => Box::new(Both { first, second: capture_from(next) }),
        None => first,
    }
}

impl fmt::Debug for CarriedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarriedContext").finish_non_exhaustive()
    }
}

/// The calling thread has a carried context while this lives.
pub(crate) struct EnteredContext(Option<Box<dyn Any>>);

impl Drop for EnteredContext {
    fn drop(&mut self) {
        let guard = AbortOnUnwind { because: "the guard of a carried context panicked in its drop" };
        drop(self.0.take());
        std::mem::forget(guard);
    }
}

impl fmt::Debug for EnteredContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnteredContext").finish_non_exhaustive()
    }
}
