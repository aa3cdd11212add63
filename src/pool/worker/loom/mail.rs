//! A loom model of two broadcasts at the same time.
//!
//! Without the lock in `Registry::post_to_all` the model fails its assertion.

use super::check;
use crate::job::stack::StackJob;
use crate::job::{JobRef, Region};
use crate::pool::handlers::Handlers;
use crate::pool::registry::DequeOrder;
use crate::pool::registry::{Habits, Registry};
use crate::sync::parker::Parker;
use loom::thread;
use std::sync::Arc;

#[test]
fn of_two_broadcasts_the_same_one_comes_first_in_all_mailboxes() {
    check(3, || {
        let registry = Registry::new(2, 0, DequeOrder::YoungestFirst, Handlers::default(), Habits::PLAIN);
        let parker = Arc::new(Parker::new());
        let jobs = [0; 4].map(|_| StackJob::new(Region::NONE, Arc::clone(&parker), || ()));
        // SAFETY: called once for each; the jobs are never run, and stay here.
        let jobs: Vec<JobRef> = jobs.iter().map(|job| unsafe { job.job_ref() }).collect();
        let (first, second) = ([jobs[0], jobs[1]], [jobs[2], jobs[3]]);
        let other = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.post_to_all(&second))
        };
        registry.post_to_all(&first);
        other.join().unwrap();
        let orders = [0, 1].map(|index| {
            let mail = || registry.shared(index).mailbox.take_first().expect("both have posted");
            let order = [mail(), mail()];
            assert!(order.contains(&first[index]) && order.contains(&second[index]), "mail of another worker's");
            order[0] == first[index]
        });
        assert_eq!(orders[0], orders[1], "the workers do not get the broadcasts in the same order");
    });
}
