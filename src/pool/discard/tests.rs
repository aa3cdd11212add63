//! Tests of the list of futures that a pool discards when it is shut down at once.

use crate::job::slab::Slab;
use crate::job::{Header, JobRef, Region};
use crate::pool::discard::Discard;
use std::ptr::NonNull;

unsafe fn never(_: NonNull<Header>, _: &Slab) {
    unreachable!("the jobs of these tests are not run")
}

/// Calls `f` with three jobs.
fn with_jobs(f: impl FnOnce([JobRef; 3])) {
    let headers = [(); 3].map(|()| Header::new(never, Region::NONE));
    // SAFETY: the header is in place, and the job is never executed.
    f([&headers[0], &headers[1], &headers[2]].map(|header| unsafe { JobRef::new(NonNull::from(header)) }));
}

#[test]
fn a_place_is_empty_when_it_is_dropped_and_is_used_again() {
    with_jobs(|[a, b, c]| {
        let discard = Discard::new();
        let (first, _second) = (discard.list(a), discard.list(b));
        for _ in 0..10 {
            drop(discard.list(c));
        }
        assert_eq!(discard.listed.lock().places.len(), 3);
        drop(first);
        let _third = discard.list(c);
        assert_eq!(discard.listed.lock().places.len(), 3);
        let mut found = Vec::new();
        discard.begin(|job| found.push(job));
        found.sort_unstable_by_key(|&job| if job == b { 0 } else { 1 });
        assert_eq!(found, [b, c]);
    });
}

#[test]
fn nothing_is_listed_any_more_when_the_pool_discards() {
    with_jobs(|[a, b, _]| {
        let discard = Discard::new();
        let place = discard.list(a);
        assert!(place.is_some() && !discard.is_on());
        discard.begin(|_| ());
        assert!(discard.is_on() && discard.list(b).is_none());
    });
}
