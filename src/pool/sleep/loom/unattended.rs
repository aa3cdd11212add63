//! A loom model of a slot that an external caller takes from a thread that rests in a job, and leaves behind it, with the
//! stand-ins of `simulated_pool`.
//!
//! Weakened to see the model fail: a caller that leaves such a slot free, without a standby thread. The job is run by no
//! thread, and the thread in the job waits for it: a deadlock.

use super::check;
use super::simulated_pool::{Event, SimulatedPool, Tenure};
use crate::job::Region;
use crate::pool::sleep::{GaveUp, IdleThread, Returner};
use crate::sync::parker::Parker;
use std::sync::Arc;

#[test]
fn a_job_is_run_that_comes_to_a_slot_whose_thread_waits_for_it_and_has_lost_the_slot() {
    check(2, || {
        let pool = SimulatedPool::new(1, 0);
        let event = Event::at(pool.sleep.parker(0));
        let caller = {
            let (parker, event) = (Arc::new(Parker::new()), Arc::clone(&event));
            pool.start(move |pool| {
                // It comes back from a wait of its own, and ends its call.
                pool.return_to(0, &parker, Returner::External);
                if pool.sleep.release(0) == GaveUp::Unattended {
                    // From here on this is the standby thread that is sent to the slot.
                    pool.stand_in(0, &parker, &mut |_| {
                        event.happen();
                        Tenure::Held
                    });
                }
                pool.end();
            })
        };
        let publisher = pool.start(|pool| {
            pool.publish(1, Region::NONE);
            // Stands for the wake-up of a thread that waits in a job.
            pool.sleep.parker(0).notify();
        });
        while !event.has_happened() {
            pool.use_slot(0);
            pool.sleep.rest(0);
            event.parker.park();
            if pool.sleep.stop_resting(0) {
                pool.use_slot(0);
                // Here a thread in a job hands its slot over. This one takes the job itself.
                if pool.take_job().is_some() {
                    event.happen();
                }
            } else {
                event.wait();
                pool.return_to(0, &event.parker, Returner::InJob);
            }
        }
        assert!(pool.end_job(0, IdleThread::Own, Tenure::Held));
        if let Some(found) = pool.next(0, IdleThread::Own) {
            pool.work(0, IdleThread::Own, Some(found), &mut |_| Tenure::Held);
        }
        publisher.join().unwrap();
        caller.join().unwrap();
        pool.assert_nothing_is_left();
    });
}
