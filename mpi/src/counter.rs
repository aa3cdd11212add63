//! A counter at rank 0 that every rank draws numbers from, by one-sided atomic additions.

use std::ffi::c_void;
use std::ptr;

use mpi::collective::CommunicatorCollectives;
use mpi::ffi;
use mpi::point_to_point::Source;
use mpi::raw::AsRaw;
use mpi::topology::Communicator;

use crate::link::Link;

/// The rank that has the counter in its memory.
const HOME: i32 = 0;

/// A number in the memory of rank 0, in a window of MPI.
///
/// Invariants:
///
/// 1. `window` was made by all ranks of the communicator together, and is freed once, when the counter is dropped.
/// 2. From `new` to the drop this rank has a shared lock on all ranks' parts of the window (an access epoch).
/// 3. The part of rank 0 is one `u64`, displacement 0. Within the epoch it changes by atomic additions alone, but for the zero
///    that rank 0 writes before the barrier in `new`.
/// 4. A counter never leaves the thread that has made it, the one that may call MPI.
pub(crate) struct Counter<'l> {
    window: ffi::MPI_Win,
    /// A window must be freed before MPI ends, which the communicator's owner sees to.
    link: &'l Link,
}

impl<'l> Counter<'l> {
    /// Makes a counter at zero. Collective.
    pub(crate) fn new(link: &'l Link) -> Self {
        let is_home = link.rank() == HOME as usize;
        let size = if is_home { size_of::<u64>() } else { 0 };
        let mut memory: *mut u64 = ptr::null_mut();
        // SAFETY: a null handle, which the library defines as a constant, is read.
        let info = unsafe { ffi::RSMPI_INFO_NULL };
        let mut window = std::mem::MaybeUninit::uninit();
        // SAFETY: every rank calls this on the same communicator, which lives as long as `link`. MPI writes the address of the
        // memory it allocates to the pointer `memory`, which it takes as `void *`, and the handle to `window`.
        unsafe {
            ffi::MPI_Win_allocate(
                size as ffi::MPI_Aint,
                size_of::<u64>() as i32,
                info,
                link.communicator().as_raw(),
                (&raw mut memory).cast::<c_void>(),
                window.as_mut_ptr(),
            )
        };
        // SAFETY: MPI has written the handle; it aborts the program rather than to return an error.
        let window: ffi::MPI_Win = unsafe { window.assume_init() };
        // SAFETY: the window is new, so that this rank has no epoch on it.
        unsafe { ffi::MPI_Win_lock_all(0, window) };
        if is_home {
            // SAFETY: MPI has allocated a `u64` here, aligned for any type, and no rank touches it before the barrier below.
            unsafe { memory.write(0) };
        }
        // SAFETY: the window is valid. After it and the barrier the zero is visible to what other ranks do with the window.
        unsafe { ffi::MPI_Win_sync(window) };
        link.communicator().barrier();
        Self { window, link }
    }

    /// True if this rank has the counter in its memory.
    pub(crate) fn is_here(&self) -> bool {
        self.link.rank() == HOME as usize
    }

    /// Gives MPI the time to serve other ranks' additions, where no hardware does. Any call does so; a probe changes nothing.
    pub(crate) fn serve(&self) {
        _ = self.link.communicator().any_process().immediate_probe();
    }

    /// Adds `number`, and returns the sum of what all ranks had added before.
    pub(crate) fn draw(&self, number: u64) -> u64 {
        let mut before = 0_u64;
        // SAFETY: a handle is read, which the library defines as a constant.
        let datatype = unsafe { ffi::RSMPI_UINT64_T };
        // SAFETY: as above.
        let sum = unsafe { ffi::RSMPI_SUM };
        // SAFETY: the epoch is open (invariant 2), and the target is a `u64` at displacement 0 (invariant 3). `number` and
        // `before` live until the flush below, which completes the operation; neither is touched in between.
        unsafe {
            ffi::MPI_Fetch_and_op(
                (&raw const number).cast::<c_void>(),
                (&raw mut before).cast::<c_void>(),
                datatype,
                HOME,
                0,
                sum,
                self.window,
            )
        };
        // SAFETY: the epoch is open (invariant 2).
        unsafe { ffi::MPI_Win_flush(HOME, self.window) };
        before
    }
}

impl Drop for Counter<'_> {
    /// Collective: waits for all ranks. Not if the thread panics, for the program is aborted then.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        // SAFETY: the epoch is open (invariant 2), and no operation is under way: each draw ends with a flush.
        unsafe { ffi::MPI_Win_unlock_all(self.window) };
        // SAFETY: the window is freed here alone (invariant 1), without an epoch since the line above.
        unsafe { ffi::MPI_Win_free(&raw mut self.window) };
    }
}
