//! The global pool: made on first use, or by `build_global`; lives until the process ends.

use crate::pool::builder::ThreadPoolBuilder;
use crate::pool::error::{ErrorKind, GlobalOrigin, ThreadPoolBuildError};
use crate::pool::registry::{Registry, Worker};
use crate::pool::thread_builder::ThreadSpawn;
use crate::sync::atomic::{Ordering, StaticAtomicPtr};
use crate::sync::lock::Mutex;
use crate::sync::process::PerProcess;
use std::panic::Location;
use std::ptr;
use std::sync::Arc;

/// The global pool, and what has made it.
struct GlobalPool {
    registry: Arc<Registry>,
    made: GlobalOrigin,
}

/// The global pool, leaked, or null. It changes when the first one is made, and once more in a forked child: threads do
/// not survive a fork, so the child makes a pool of its own when it first needs one.
static GLOBAL: StaticAtomicPtr<GlobalPool> = StaticAtomicPtr::new(ptr::null_mut());

/// Held while the global pool is being made, so that it is made once in each process. A child has a lock of its own: a
/// thread of its parent may have been making the parent's pool when the child was forked off.
static MAKING: PerProcess<Mutex<()>> = PerProcess::new();

/// The global pool; makes it if there is none.
pub(crate) fn registry() -> &'static Arc<Registry> {
    current().map_or_else(make_default, |global| &global.registry)
}

/// The global pool of this process, if there is one yet.
fn current() -> Option<&'static GlobalPool> {
    // Acquire pairs with the release in `publish`.
    let global = GLOBAL.load(Ordering::Acquire);
    // SAFETY: the pointer is null or was leaked by `publish`.
    unsafe { global.as_ref() }.filter(|global| global.registry.belongs_to_this_process())
}

#[cold]
fn make_default() -> &'static Arc<Registry> {
    let _making = MAKING.get().lock();
    let global = current().unwrap_or_else(|| {
        let registry = ThreadPoolBuilder::new().build_global_registry().expect("it makes do with what it gets");
        publish(GlobalPool { registry, made: GlobalOrigin::FirstUse })
    });
    &global.registry
}

#[allow(private_bounds, reason = "which spawners there are is not for users to extend")]
impl<S: ThreadSpawn> ThreadPoolBuilder<S> {
    /// Makes the global pool from this builder. Parallel calls outside all pools use it.
    ///
    /// Without this call the global pool is made on first use with the default settings. A program that wants others
    /// should call this early, in `main`; a library should leave the choice to the program.
    ///
    /// If the system refuses to start some of the threads, the global pool works with those that it got. With none,
    /// each caller does its work itself. [`current_num_threads`](crate::current_num_threads) tells their number.
    ///
    /// # Errors
    ///
    /// If there is a global pool already; the error's `Debug` form, which `unwrap` prints, and `{:#}` say what has made
    /// it: a call that needed it, or `build_global`, and where that was called. If [`num_threads`](Self::num_threads) is refused. With
    /// a [`spawn_handler`](Self::spawn_handler) or
    /// [`use_current_thread`](Self::use_current_thread), as for [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// paceline::ThreadPoolBuilder::new().num_threads(2).build_global()?;
    /// assert_eq!(paceline::current_num_threads(), 2);
    /// // It stays until the process ends.
    /// assert!(paceline::ThreadPoolBuilder::new().num_threads(4).build_global().is_err());
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn build_global(self) -> Result<(), ThreadPoolBuildError> {
        let _making = MAKING.get().lock();
        if let Some(&GlobalPool { made, .. }) = current() {
            return Err(ThreadPoolBuildError::new(ErrorKind::GlobalPoolAlreadyInitialized { made }));
        }
        let made = GlobalOrigin::BuildGlobal(Location::caller());
        publish(GlobalPool { registry: self.build_global_registry()?, made });
        Ok(())
    }
}

fn publish(global: GlobalPool) -> &'static GlobalPool {
    let leaked: &'static mut GlobalPool = Box::leak(Box::new(global));
    GLOBAL.store(leaked, Ordering::Release);
    #[cfg(sim)]
    end_with_run(leaked);
    leaked
}

/// On the simulated machine the pool ends with the run, and is freed when all threads of the run have ended.
#[cfg(sim)]
fn end_with_run(global: &'static GlobalPool) {
    crate::sync::sim::at_end_of_run(move || {
        global.registry.end_detached();
        global.registry.wait_for_exits(None);
        // SAFETY: `publish` has leaked it, and nothing uses it when no thread of the run is left.
        crate::sync::sim::after_run(move || drop(unsafe { Box::from_raw(ptr::from_ref(global).cast_mut()) }));
    });
}

/// Calls `f` with the pool that the calling thread works in, or else with the global one.
pub(crate) fn with_current_registry<R>(f: impl FnOnce(&Registry) -> R) -> R {
    Worker::with_current(|worker| match worker {
        Some(worker) => f(worker.registry()),
        None => f(registry()),
    })
}
