//! The global pool: made on first use, or by `build_global`, and there until the process ends.

use crate::pool::builder;
use crate::pool::error::{ErrorKind, ThreadPoolBuildError};
use crate::pool::registry::Registry;
use crate::pool::worker::Worker;
use crate::sync::lock::Mutex;
use std::sync::{Arc, OnceLock};

static GLOBAL: OnceLock<Arc<Registry>> = OnceLock::new();

/// Held while the global pool is being made, so that it is made once.
static MAKING: OnceLock<Mutex<()>> = OnceLock::new();

/// The global pool, made now if it was not yet.
pub(crate) fn registry() -> &'static Arc<Registry> {
    GLOBAL.get().unwrap_or_else(|| make_default())
}

#[cold]
fn make_default() -> &'static Arc<Registry> {
    let _making = MAKING.get_or_init(Mutex::default).lock();
    GLOBAL.get_or_init(builder::default_global)
}

/// Makes the global pool by `make`.
pub(crate) fn install(
    make: impl FnOnce() -> Result<Arc<Registry>, ThreadPoolBuildError>,
) -> Result<(), ThreadPoolBuildError> {
    let _making = MAKING.get_or_init(Mutex::default).lock();
    if GLOBAL.get().is_some() {
        return Err(ThreadPoolBuildError::new(ErrorKind::GlobalPoolAlreadyInitialized));
    }
    let registry = make()?;
    let fresh = GLOBAL.set(registry).is_ok();
    debug_assert!(fresh, "only the holder of the lock sets it");
    Ok(())
}

/// Calls `f` with the pool that the calling thread works in, else the global one.
pub(crate) fn with_current_registry<R>(f: impl FnOnce(&Registry) -> R) -> R {
    Worker::with_current(|worker| match worker {
        Some(worker) => f(worker.registry()),
        None => f(registry()),
    })
}
