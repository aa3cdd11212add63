//! `ThreadBuilder`: one thread of a pool before it runs, and the two ways to start it.

use crate::pool::registry::Registry;
use crate::sync::{environment, thread};
use std::fmt;
use std::io;
use std::sync::Arc;

/// The default size of std's thread stacks, in bytes.
const STD_STACK_SIZE: usize = 2 << 20;

/// A thread of a pool that is about to be started; a spawn handler gets one for each.
///
/// See [`ThreadPoolBuilder::spawn_handler`](crate::ThreadPoolBuilder::spawn_handler) and
/// [`build_scoped`](crate::ThreadPoolBuilder::build_scoped).
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// use paceline::ThreadBuilder;
///
/// /// Starts a thread as it would be started without a spawn handler.
/// fn start(thread: ThreadBuilder) -> std::io::Result<()> {
///     let mut builder = std::thread::Builder::new();
///     if let Some(name) = thread.name() {
///         builder = builder.name(name.to_owned());
///     }
///     if let Some(size) = thread.stack_size() {
///         builder = builder.stack_size(size);
///     }
///     builder.spawn(|| thread.run())?;
///     Ok(())
/// }
///
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).spawn_handler(start).build()?;
/// assert_eq!(pool.join(|| "a", || "b"), ("a", "b"));
/// # Ok(())
/// # }
/// ```
pub struct ThreadBuilder {
    registry: Arc<Registry>,
    index: usize,
    name: Option<String>,
    stack_size: Option<usize>,
}

impl ThreadBuilder {
    pub(crate) fn new(registry: Arc<Registry>, index: usize, name: Option<String>, stack_size: Option<usize>) -> Self {
        ThreadBuilder { registry, index, name, stack_size }
    }

    /// The thread's index in its pool, from 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let mut indices = Vec::new();
    /// let builder = paceline::ThreadPoolBuilder::new().num_threads(3).spawn_handler(|thread| {
    ///     indices.push(thread.index());
    ///     std::thread::spawn(|| thread.run());
    ///     Ok(())
    /// });
    /// builder.build()?;
    /// assert_eq!(indices, [0, 1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn index(&self) -> usize {
        self.index
    }

    /// The name that the thread should have: see [`ThreadPoolBuilder::name`](crate::ThreadPoolBuilder::name) and
    /// [`thread_name`](crate::ThreadPoolBuilder::thread_name).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let builder = paceline::ThreadPoolBuilder::new().num_threads(1).thread_name(|index| format!("loader-{index}"));
    /// let builder = builder.spawn_handler(|thread| {
    ///     assert_eq!(thread.name(), Some("loader-0"));
    ///     std::thread::spawn(|| thread.run());
    ///     Ok(())
    /// });
    /// builder.build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The size that the thread's stack should have, in bytes, if the builder was given
    /// [`stack_size`](crate::ThreadPoolBuilder::stack_size).
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let builder = paceline::ThreadPoolBuilder::new().num_threads(1).stack_size(1 << 20);
    /// let builder = builder.spawn_handler(|thread| {
    ///     assert_eq!(thread.stack_size(), Some(1 << 20));
    ///     std::thread::Builder::new().stack_size(1 << 20).spawn(|| thread.run())?;
    ///     Ok(())
    /// });
    /// builder.build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stack_size(&self) -> Option<usize> {
        self.stack_size
    }

    /// Makes the calling thread a thread of the pool, and works until the pool has ended.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let ended = AtomicUsize::new(0);
    /// paceline::ThreadPoolBuilder::new().num_threads(2).build_scoped(
    ///     |thread| {
    ///         thread.run();
    ///         ended.fetch_add(1, Ordering::Relaxed);
    ///     },
    ///     |pool| pool.install(|| println!("at work")),
    /// )?;
    /// assert_eq!(ended.into_inner(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(self) {
        let stack_size = self.stack_size.unwrap_or_else(default_stack_size);
        self.registry.run_worker(self.index, stack_size);
    }

    /// A std builder with the name and the stack size that the pool's builder was given.
    pub(crate) fn std_builder(&self) -> thread::Builder {
        std_builder(self.name.clone(), self.stack_size)
    }
}

fn std_builder(name: Option<String>, stack_size: Option<usize>) -> thread::Builder {
    let mut builder = thread::Builder::new();
    if let Some(name) = name {
        builder = builder.name(name);
    }
    if let Some(size) = stack_size {
        builder = builder.stack_size(size);
    }
    builder
}

/// Starts a thread of a pool. The closure is boxed, so that std's code to start a thread is compiled once.
pub(crate) fn start(
    name: Option<String>,
    stack_size: Option<usize>,
    body: Box<dyn FnOnce() + Send>,
) -> io::Result<thread::JoinHandle<()>> {
    std_builder(name, stack_size).spawn(body)
}

/// The stack size of a thread for which none was set.
pub(crate) fn default_stack_size() -> usize {
    environment::variable("RUST_MIN_STACK").and_then(|size| size.to_str()?.parse().ok()).unwrap_or(STD_STACK_SIZE)
}

impl fmt::Debug for ThreadBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadBuilder")
            .field("index", &self.index)
            .field("name", &self.name)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}

/// Starts the threads of a pool.
pub(crate) trait ThreadSpawn {
    /// True if std starts them.
    const STD: bool;

    /// Starts one thread, which calls [`ThreadBuilder::run`].
    fn spawn(&mut self, thread: ThreadBuilder) -> io::Result<()>;

    /// The threads that the pool may join when it is shut down.
    fn into_threads(self) -> Vec<thread::JoinHandle<()>>;
}

/// Starts threads by [`std::thread::Builder`].
#[derive(Debug, Default)]
pub struct DefaultSpawn {
    threads: Vec<thread::JoinHandle<()>>,
}

impl ThreadSpawn for DefaultSpawn {
    const STD: bool = true;

    fn spawn(&mut self, thread: ThreadBuilder) -> io::Result<()> {
        let handle = start(thread.name.clone(), thread.stack_size, Box::new(|| thread.run()))?;
        self.threads.push(handle);
        Ok(())
    }

    fn into_threads(self) -> Vec<thread::JoinHandle<()>> {
        self.threads
    }
}

/// Starts threads by a user's closure.
pub struct CustomSpawn<F>(F);

impl<F> CustomSpawn<F> {
    pub(crate) fn new(spawn: F) -> Self {
        CustomSpawn(spawn)
    }
}

impl<F: FnMut(ThreadBuilder) -> io::Result<()>> ThreadSpawn for CustomSpawn<F> {
    const STD: bool = false;

    fn spawn(&mut self, thread: ThreadBuilder) -> io::Result<()> {
        (self.0)(thread)
    }

    fn into_threads(self) -> Vec<thread::JoinHandle<()>> {
        Vec::new()
    }
}

impl<F> fmt::Debug for CustomSpawn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomSpawn").finish_non_exhaustive()
    }
}
