//! `ThreadPoolBuilder`: the size of a pool, the names of its threads, and how they are started.

use crate::pool::error::{ErrorKind, ThreadPoolBuildError};
use crate::pool::handlers::Handlers;
use crate::pool::registry::{DequeOrder, Habits, Registry, Worker};
use crate::pool::size::{self, Ceiling};
use crate::pool::standby::Make;
use crate::pool::thread_builder::{CustomSpawn, DefaultSpawn, ThreadBuilder, ThreadSpawn};
use crate::pool::thread_pool::ThreadPool;
use crate::sync::thread;
use crate::sync::unwind::{self, Payload};
use std::fmt;
use std::io;
use std::sync::Arc;

mod number;

/// The default of `max_blocking_threads`: more than a program usually has jobs that wait at a time for files,
/// connections, locks or other jobs, and few enough for the limits that systems and containers set to the number of
/// threads.
const DEFAULT_MAX_BLOCKING_THREADS: usize = 128;

/// Makes a [`ThreadPool`], or configures the global one.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// let pool = paceline::ThreadPoolBuilder::new()
///     .num_threads(3)
///     .thread_name(|index| format!("scorer-{index}"))
///     .build()?;
/// assert_eq!(pool.install(paceline::current_num_threads), 3);
/// # Ok(())
/// # }
/// ```
pub struct ThreadPoolBuilder<S = DefaultSpawn> {
    num_threads: usize,
    ceiling: Ceiling,
    use_current_thread: bool,
    name: Option<String>,
    thread_name: Option<Box<dyn FnMut(usize) -> String>>,
    stack_size: Option<usize>,
    order: DequeOrder,
    handlers: Handlers,
    max_blocking_threads: usize,
    spawn_handler: S,
}

/// The bytes of a thread's name that Linux keeps.
const SHOWN_OF_NAME: usize = 15;

/// The names of a pool's threads: the pool's own, cut if need be, and the index.
fn numbered(pool: Option<&str>) -> Box<dyn FnMut(usize) -> String> {
    let pool = pool.unwrap_or("paceline").to_owned();
    Box::new(move |index| {
        let number = format!("-{index}");
        let room = SHOWN_OF_NAME.saturating_sub(number.len());
        let end = pool.char_indices().map(|(at, char)| at + char.len_utf8()).take_while(|&end| end <= room).last();
        format!("{}{number}", &pool[..end.unwrap_or(0)])
    })
}

impl Default for ThreadPoolBuilder {
    fn default() -> Self {
        ThreadPoolBuilder {
            num_threads: 0,
            ceiling: Ceiling::Available,
            use_current_thread: false,
            name: None,
            thread_name: None,
            stack_size: None,
            order: DequeOrder::YoungestFirst,
            handlers: Handlers::default(),
            max_blocking_threads: DEFAULT_MAX_BLOCKING_THREADS,
            spawn_handler: DefaultSpawn::default(),
        }
    }
}

impl ThreadPoolBuilder {
    /// A builder that leaves everything at its default.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().build()?;
    /// assert!(pool.current_num_threads() >= 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Builds a pool for threads that may borrow from the caller's frame, calls `with_pool` with it, and waits for the
    /// threads to end.
    ///
    /// Each thread calls `wrapper` with its [`ThreadBuilder`] and must call [`ThreadBuilder::run`] in there. Code
    /// around that call may set up and take down the thread's own state.
    ///
    /// # Errors
    ///
    /// As for [`build`](ThreadPoolBuilder::build).
    ///
    /// # Panics
    ///
    /// With the panic of `with_pool`, or of a `wrapper`, once all threads have ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let names = vec!["ada", "grace"];
    /// let longest = paceline::ThreadPoolBuilder::new().num_threads(2).build_scoped(
    ///     |thread| thread.run(),
    ///     |pool| pool.install(|| names.iter().map(|name| name.len()).max()),
    /// )?;
    /// assert_eq!(longest, Some(5));
    /// # Ok(())
    /// # }
    /// ```
    pub fn build_scoped<W, F, R>(self, wrapper: W, with_pool: F) -> Result<R, ThreadPoolBuildError>
    where
        W: Fn(ThreadBuilder) + Sync,
        F: FnOnce(&ThreadPool) -> R,
    {
        let wrapper = &wrapper;
        thread::scope(|threads| {
            let pool =
                self.spawn_handler(|thread| threads.spawn(thread.std_builder(), move || wrapper(thread))).build()?;
            // The pool is dropped before the scope ends, also by unwinding: so its threads end, and the scope can. A
            // child that was forked off in between must not return: the scope would wait for threads that the child
            // does not have.
            Ok(unwind::halt_job(|| with_pool(&pool)).unwrap_or_else(|payload| unwind::resume(payload)))
        })
    }
}

#[allow(private_bounds, reason = "which spawners there are is not for users to extend")]
impl<S: ThreadSpawn> ThreadPoolBuilder<S> {
    /// Builds a pool. Does not wait for its threads to start.
    ///
    /// # Errors
    ///
    /// When [`num_threads`](Self::num_threads) is above 65,535. When the system, or the [`spawn_handler`](Self::spawn_handler), does not start one of the threads, with its
    /// reason; threads that had been started are told to end. When
    /// [`use_current_thread`](Self::use_current_thread) was asked for on a thread of a pool.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let small = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let large = paceline::ThreadPoolBuilder::new().num_threads(4).build()?;
    /// let threads = small.install(|| (paceline::current_num_threads(), large.install(paceline::current_num_threads)));
    /// assert_eq!(threads, (1, 4));
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(self) -> Result<ThreadPool, ThreadPoolBuildError> {
        let (registry, threads) = self.build_registry()?;
        Ok(ThreadPool::from_parts(registry, threads))
    }

    /// Starts the threads; ends the pool again if the system refuses one.
    fn build_registry(self) -> Result<(Arc<Registry>, Vec<thread::JoinHandle<()>>), ThreadPoolBuildError> {
        if self.use_current_thread && Worker::with_current(|worker| worker.is_some()) {
            return Err(ThreadPoolBuildError::new(ErrorKind::CurrentThreadAlreadyInPool));
        }
        let starting = self.start(false)?;
        let registry = starting.registry;
        if let Some((index, cause)) = starting.refused {
            // The handle that would have ended the pool was never made: end it here.
            registry.end_detached();
            let of = registry.num_workers();
            return Err(ThreadPoolBuildError::new(ErrorKind::Thread { index, of, cause }));
        }
        if starting.adopts {
            Registry::adopt_current_thread(&registry);
        }
        Ok((registry, starting.threads))
    }

    /// As [`build_registry`](Self::build_registry), for a pool that runs with as many threads as the system starts.
    pub(super) fn build_global_registry(self) -> Result<Arc<Registry>, ThreadPoolBuildError> {
        if !S::STD || self.use_current_thread {
            return Ok(self.build_registry()?.0);
        }
        // A thread with a stack size or a start handler of its own cannot be replaced by an external caller.
        let lease_slots = self.stack_size.is_none() && self.handlers.start.is_none();
        let Starting { registry, refused, .. } = self.start(lease_slots)?;
        if let Some((got, _)) = refused {
            registry.shrink(got);
        }
        Ok(registry)
    }

    /// Starts threads until there are enough or the system refuses one. Fails before it starts any.
    fn start(mut self, lease_slots: bool) -> Result<Starting, ThreadPoolBuildError> {
        let (workers, rule) = size::resolve(self.num_threads, self.ceiling)?;
        let adopted = usize::from(self.use_current_thread);
        let habits = Habits { lease_slots, keep_sentinel: workers > 1 };
        let registry = Registry::new(workers, adopted, self.order, self.handlers, habits);
        registry.origin.set_rule(rule);
        let mut refused = None;
        let mut names = vec![None; workers];
        let mut name_of = self.thread_name.take().unwrap_or_else(|| numbered(self.name.take().as_deref()));
        let abandoned = EndOnUnwind(&registry);
        for (index, kept_name) in names.iter_mut().enumerate().skip(adopted) {
            let name = name_of(index);
            *kept_name = Some(name.clone());
            let thread = ThreadBuilder::new(Arc::clone(&registry), index, Some(name), self.stack_size);
            if let Err(cause) = self.spawn_handler.spawn(thread) {
                refused = Some((index, cause));
                break;
            }
        }
        // The drop of the user's closure may panic.
        drop(name_of);
        let threads = self.spawn_handler.into_threads();
        std::mem::forget(abandoned);
        if S::STD {
            registry.standby_threads().open(Make {
                names,
                stack_size: self.stack_size,
                most: self.max_blocking_threads,
            });
        }
        Ok(Starting { registry, threads, adopts: self.use_current_thread, refused })
    }
}

/// Ends a pool that a panic in a user's closure left unfinished: its threads would wait for ever.
struct EndOnUnwind<'a>(&'a Registry);

impl Drop for EndOnUnwind<'_> {
    fn drop(&mut self) {
        self.0.end_detached();
    }
}

/// A pool that has started its threads, or as many as the system allowed.
struct Starting {
    registry: Arc<Registry>,
    threads: Vec<thread::JoinHandle<()>>,
    /// True if the calling thread is to be worker 0.
    adopts: bool,
    /// The first thread that the system refused, and why.
    refused: Option<(usize, io::Error)>,
}

impl<S> ThreadPoolBuilder<S> {
    /// Makes the calling thread the pool's worker 0, so that one thread fewer is started.
    ///
    /// The thread stays a worker of the pool until it ends, even when the pool's handle is gone. It runs the pool's
    /// jobs only while it waits in `install`, `join`, `scope` and the like, or calls [`yield_now`](crate::yield_now).
    /// Jobs for all threads, such as broadcasts, wait until it does. The start and exit handlers are not called for it,
    /// nor is it given a name.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).use_current_thread().build()?;
    /// assert_eq!(pool.current_thread_index(), Some(0));
    /// // The closure runs on this thread, as all parallel calls do from now on.
    /// let here = std::thread::current().id();
    /// assert_eq!(pool.install(|| std::thread::current().id()), here);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn use_current_thread(mut self) -> Self {
        self.use_current_thread = true;
        self
    }

    /// Names the pool. Its threads are called by this name, a hyphen and their index, as in `render-3`; without a name,
    /// `paceline-3`. Panics, debuggers and `top` show these names. Linux shows 15 bytes of a thread's name; so a longer
    /// name of a pool is cut where the index would not fit.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).name("thumbnail-maker").build()?;
    /// let name = pool.install(|| std::thread::current().name().map(str::to_owned));
    /// assert_eq!(name.as_deref(), Some("thumbnail-mak-0"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Names the threads: `name` is called with each thread's index, and takes the place of the names that
    /// [`name`](Self::name) describes.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).thread_name(|index| format!("render-{index}")).build()?;
    /// let names = pool.broadcast(|_| std::thread::current().name().map(str::to_owned));
    /// assert_eq!(names, [Some("render-0".to_owned()), Some("render-1".to_owned())]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn thread_name<F>(mut self, name: F) -> Self
    where
        F: FnMut(usize) -> String + 'static,
    {
        self.thread_name = Some(Box::new(name));
        self
    }

    /// Sets the size of the threads' stacks, in bytes; std's default unless this is set.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// /// Goes down the rungs of a ladder, one call deeper for each.
    /// fn count(rungs: u32) -> u32 {
    ///     if rungs == 0 { 0 } else { 1 + count(rungs - 1) }
    /// }
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).stack_size(64 << 20).build()?;
    /// assert_eq!(pool.install(|| count(50_000)), 50_000);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn stack_size(mut self, stack_size: usize) -> Self {
        self.stack_size = Some(stack_size);
        self
    }

    /// Sets the handler that is called with the payload when detached code panics: a [`spawn`](crate::spawn), a start
    /// handler, an exit handler. Without a handler such a panic aborts the process. So does a panic of the handler,
    /// also in the drop of a payload that it does not keep.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new()
    ///     .num_threads(1)
    ///     .panic_handler(move |payload| tell.send(payload).unwrap())
    ///     .build()?;
    /// pool.spawn(|| panic!("detached"));
    /// assert_eq!(told.recv().unwrap().downcast_ref(), Some(&"detached"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn panic_handler<H>(mut self, panic_handler: H) -> Self
    where
        H: Fn(Payload) + Send + Sync + 'static,
    {
        self.handlers.panic = Some(Box::new(panic_handler));
        self
    }

    /// Sets the handler that each thread that the pool starts calls, with its index, before its first job. A panic in
    /// it goes to the [`panic_handler`](Self::panic_handler).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new()
    ///     .num_threads(3)
    ///     .start_handler(move |index| tell.send(index).unwrap())
    ///     .build()?;
    /// assert_eq!(told.iter().take(3).sum::<usize>(), 0 + 1 + 2);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn start_handler<H>(mut self, start_handler: H) -> Self
    where
        H: Fn(usize) + Send + Sync + 'static,
    {
        self.handlers.start = Some(Box::new(start_handler));
        self
    }

    /// Sets the handler that each thread that the pool starts calls, with its index, after its last job. A panic in it
    /// goes to the [`panic_handler`](Self::panic_handler).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new()
    ///     .num_threads(3)
    ///     .exit_handler(move |index| tell.send(index).unwrap())
    ///     .build()?;
    /// // Waits for the threads to end.
    /// pool.shutdown();
    /// assert_eq!(told.try_iter().count(), 3);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn exit_handler<H>(mut self, exit_handler: H) -> Self
    where
        H: Fn(usize) + Send + Sync + 'static,
    {
        self.handlers.exit = Some(Box::new(exit_handler));
        self
    }

    /// Sets the handler that a thread of the pool calls, with its index, when it has found nothing to do and is about to
    /// sleep. A panic in it goes to the [`panic_handler`](Self::panic_handler).
    ///
    /// The thread calls it when it has searched in vain, with no job or while it waits in one. Before it falls asleep it
    /// looks for work once more. So it may go on at once, and calls the [`wake_handler`](Self::wake_handler) in any case
    /// before it does anything else: the two calls alternate on each thread. A thread whose pool ends calls the exit handler
    /// after the wake handler.
    ///
    /// The handler must be short: while it runs, work that comes for the thread waits. It may count, log, and set or clear
    /// what belongs to its thread; it must not wait for anything.
    ///
    /// It is not called by threads outside the pool that help in a call of their own, by threads that sleep in
    /// [`blocking`](crate::blocking()), or by those that have given their place to another thread.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new()
    ///     .num_threads(2)
    ///     .sleep_handler(move |index| _ = tell.send(index))
    ///     .build()?;
    /// // With nothing to do, both threads sleep before long.
    /// let mut asleep = [told.recv().unwrap(), told.recv().unwrap()];
    /// asleep.sort();
    /// assert_eq!(asleep, [0, 1]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn sleep_handler<H>(mut self, sleep_handler: H) -> Self
    where
        H: Fn(usize) + Send + Sync + 'static,
    {
        self.handlers.sleep = Some(Box::new(sleep_handler));
        self
    }

    /// Sets the handler that a thread of the pool calls, with its index, when it goes on after a call of the
    /// [`sleep_handler`](Self::sleep_handler), which says more. A panic in it goes to the
    /// [`panic_handler`](Self::panic_handler).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let also_tell = tell.clone();
    /// let pool = paceline::ThreadPoolBuilder::new()
    ///     .num_threads(1)
    ///     .sleep_handler(move |_| _ = tell.send("sleeps"))
    ///     .wake_handler(move |_| _ = also_tell.send("goes on"))
    ///     .build()?;
    /// assert_eq!(told.recv(), Ok("sleeps"));
    /// pool.spawn(|| ());
    /// assert_eq!(told.recv(), Ok("goes on"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn wake_handler<H>(mut self, wake_handler: H) -> Self
    where
        H: Fn(usize) + Send + Sync + 'static,
    {
        self.handlers.wake = Some(Box::new(wake_handler));
        self
    }

    /// Sets how many standby threads the pool may have. A standby thread works in the place of one that is in a call of
    /// [`blocking`](crate::blocking()), or that waits in a job while there are other jobs to run. The default is 128.
    ///
    /// Standby threads are started when they are needed. They end when they have not been needed for some seconds, or
    /// with the pool. They have the stack size of the pool's threads. Each has the name of the thread whose place it
    /// first takes, and calls the start and exit handlers with that thread's index, the exit handler only when it ends.
    ///
    /// A call of `blocking` that would need one more than the limit blocks its thread like any other code. A job that
    /// waits then runs other jobs on top of its wait, which hangs if one of them waits for that job. With 0 all do.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use std::sync::mpsc::channel;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).max_blocking_threads(2).build()?;
    /// let (ask, asked) = channel();
    /// let (tell, told) = channel();
    /// pool.spawn(move || tell.send(paceline::blocking(|| asked.recv().unwrap())).unwrap());
    /// // This job runs in the place of the first one, which blocks its thread.
    /// pool.spawn(move || ask.send("the answer").unwrap());
    /// assert_eq!(told.recv().unwrap(), "the answer");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn max_blocking_threads(mut self, max_blocking_threads: usize) -> Self {
        self.max_blocking_threads = max_blocking_threads;
        self
    }

    /// Starts the threads by `spawn`, which is called once for each and must arrange that [`ThreadBuilder::run`] is
    /// called on a thread of its own. It should honour [`ThreadBuilder::name`] and [`ThreadBuilder::stack_size`].
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new()
    ///     .num_threads(2)
    ///     .spawn_handler(|thread| {
    ///         std::thread::Builder::new().name("mine".into()).spawn(|| thread.run())?;
    ///         Ok(())
    ///     })
    ///     .build()?;
    /// let name = pool.install(|| std::thread::current().name().map(str::to_owned));
    /// assert_eq!(name.as_deref(), Some("mine"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_handler<F>(self, spawn: F) -> ThreadPoolBuilder<CustomSpawn<F>>
    where
        F: FnMut(ThreadBuilder) -> io::Result<()>,
    {
        ThreadPoolBuilder {
            num_threads: self.num_threads,
            ceiling: self.ceiling,
            use_current_thread: self.use_current_thread,
            name: self.name,
            thread_name: self.thread_name,
            stack_size: self.stack_size,
            order: self.order,
            handlers: self.handlers,
            max_blocking_threads: self.max_blocking_threads,
            spawn_handler: CustomSpawn::new(spawn),
        }
    }

    /// Makes each worker take its own jobs in the order in which they were made, not the youngest first.
    #[deprecated(note = "use `scope_fifo` and `spawn_fifo`, which ask for that order where it is wanted")]
    #[must_use]
    pub fn breadth_first(mut self) -> Self {
        self.order = DequeOrder::OldestFirst;
        self
    }
}

impl<S> fmt::Debug for ThreadPoolBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPoolBuilder")
            .field("num_threads", &self.num_threads)
            .field("ceiling", &self.ceiling)
            .field("use_current_thread", &self.use_current_thread)
            .field("name", &self.name)
            .field("thread_name", &self.thread_name.is_some())
            .field("stack_size", &self.stack_size)
            .field("order", &self.order)
            .field("handlers", &self.handlers)
            .field("max_blocking_threads", &self.max_blocking_threads)
            .finish_non_exhaustive()
    }
}
