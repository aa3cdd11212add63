//! A loom model of a stack job and its caller.
//!
//! If `execute` sets the latch twice the model reports a concurrent load and mutation: the second time the caller's
//! frame may be gone.

use super::StackJob;
use crate::job::Region;
use crate::job::latch::Wait;
use crate::job::slab::Slab;
use crate::sync::parker::Parker;
use loom::thread;
use std::cell::UnsafeCell;
use std::sync::Arc;

/// A job in memory that is kept until the model ends, so that loom reports a late touch as an error and nothing worse
/// happens.
struct Frame<F, R>(UnsafeCell<StackJob<F, R>>);

// SAFETY: the worker reaches the job as workers do; the model checks that it may.
unsafe impl<F, R> Send for Frame<F, R> {}
// SAFETY: as above.
unsafe impl<F, R> Sync for Frame<F, R> {}

#[test]
fn nobody_touches_a_stack_job_whose_caller_has_gone_on() {
    loom::model(|| {
        let parker = Arc::new(Parker::new());
        let job = StackJob::new(Region::NONE, Arc::clone(&parker), || ());
        let frame = Arc::new(Frame(UnsafeCell::new(job)));
        let worker = {
            let frame = Arc::clone(&frame);
            thread::spawn(move || {
                // SAFETY: the memory is kept.
                let job = unsafe { &*frame.0.get() };
                // SAFETY: called once; the latch stays in place.
                let job = unsafe { job.job_ref() };
                // SAFETY: a job is executed once.
                unsafe { job.execute(&Slab::new()) };
            })
        };
        // SAFETY: the memory is kept; the worker has no unique reference.
        let latch = unsafe { &(*frame.0.get()).latch };
        while latch.fall_asleep() {
            parker.park();
            latch.wake_up();
        }
        // SAFETY: the latch is open, so only the caller uses the job; loom reports a later touch.
        unsafe { &mut (*frame.0.get()).latch }.expire(|_| ());
        worker.join().unwrap();
    });
}
