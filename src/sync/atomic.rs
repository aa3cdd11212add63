//! Atomic types, fences and the spin hint: std's, or loom's under the model checker, or the simulated machine's.

#[cfg(not(any(loom, sim)))]
pub(crate) use std::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicIsize, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence},
};

#[cfg(loom)]
pub(crate) use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicBool, AtomicIsize, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence},
};

#[cfg(sim)]
pub(crate) use crate::sync::sim::{
    atomic::{AtomicBool, AtomicIsize, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence, spin_loop},
    statics::{StaticAtomicPtr, StaticAtomicUsize},
};

/// For statics, which the model checker does not follow. On the simulated machine each run has its own.
#[cfg(not(sim))]
pub(crate) use std::sync::atomic::{AtomicPtr as StaticAtomicPtr, AtomicUsize as StaticAtomicUsize};

/// A fence for the compiler alone; `asymmetric` says which fence of the processor must go with it.
pub(crate) use std::sync::atomic::compiler_fence;
