//! `build_global`: once, before the first use, and never again. A process for each order of events.

#[path = "support/child.rs"]
mod child;

use paceline::{ThreadPoolBuildError, ThreadPoolBuilder};
use std::error::Error;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

/// Runs `check` in a child process, of which the test called `test` is the only test.
#[track_caller]
fn alone(test: &str, check: impl FnOnce()) {
    match child::role() {
        Some(_) => check(),
        None => child::run_to_success(child::again(test, "alone")),
    }
}

#[track_caller]
fn assert_too_late(built: Result<(), ThreadPoolBuildError>, made: &str) {
    let error = built.unwrap_err();
    let text = error.to_string();
    assert_eq!(text, "The global thread pool has already been initialized.", "as rayon says it");
    assert!(error.source().is_none(), "as with rayon's");
    let long = format!("{error:#}");
    assert!(long.starts_with(&format!("{text} It was made {made}")), "{long}");
    let debug = format!("{error:?}");
    assert!(debug.contains(&format!("GlobalPoolAlreadyInitialized {{ made: {made}")), "{debug}");
}

/// What the error says of a global pool that was not built before it was used.
const ON_FIRST_USE: &str = "on first use, by a call that needed it before this one";

/// And of one that this file has built; a line and a column follow.
const BY_BUILD: &str = concat!("by build_global at ", file!(), ":");

fn with_threads(number: usize) -> ThreadPoolBuilder {
    ThreadPoolBuilder::new().num_threads(number)
}

#[test]
fn the_first_build_counts_and_the_second_fails() {
    alone("the_first_build_counts_and_the_second_fails", || {
        let named = with_threads(3).thread_name(|index| format!("global {index}"));
        let made = format!("{BY_BUILD}{}:", line!() + 1);
        named.build_global().unwrap();
        assert_eq!(paceline::current_num_threads(), 3);
        assert_too_late(with_threads(5).build_global(), &made);
        assert_too_late(with_threads(5).build_global(), &made);
        let names = paceline::broadcast(|_| thread::current().name().map(String::from));
        let expected = ["global 0", "global 1", "global 2"];
        assert_eq!(names, expected.map(|name| Some(name.to_owned())));
    });
}

#[test]
fn after_a_join_it_is_too_late() {
    alone("after_a_join_it_is_too_late", || {
        assert_eq!(paceline::join(|| 1, || 2), (1, 2));
        let before = paceline::current_num_threads();
        assert_too_late(with_threads(before + 1).build_global(), ON_FIRST_USE);
        assert_eq!(paceline::current_num_threads(), before);
    });
}

#[test]
fn after_the_number_was_asked_for_it_is_too_late() {
    alone("after_the_number_was_asked_for_it_is_too_late", || {
        let before = paceline::current_num_threads();
        assert_too_late(with_threads(before + 1).build_global(), ON_FIRST_USE);
        assert_eq!(paceline::current_num_threads(), before);
    });
}

/// Asking where one is starts nothing, so the global pool may still be built.
#[test]
fn a_question_about_the_current_thread_starts_no_pool() {
    alone("a_question_about_the_current_thread_starts_no_pool", || {
        assert_eq!(paceline::current_thread_index(), None);
        assert_eq!(paceline::yield_now(), None);
        assert!(paceline::max_num_threads() > 0);
        with_threads(3).build_global().unwrap();
        assert_eq!(paceline::current_num_threads(), 3);
    });
}

#[test]
fn other_pools_leave_the_global_one_to_be_built() {
    alone("other_pools_leave_the_global_one_to_be_built", || {
        let pool = with_threads(2).build().unwrap();
        let sum = pool.install(|| {
            let (a, b) = paceline::join(|| 1, || paceline::scope(|_| 2));
            a + b
        });
        assert_eq!(sum, 3);
        with_threads(3).build_global().unwrap();
        assert_eq!(pool.install(paceline::current_num_threads), 2);
        assert_eq!(paceline::current_num_threads(), 3);
    });
}

#[test]
fn its_handlers_are_used() {
    alone("its_handlers_are_used", || {
        let (to_start, started) = channel();
        let (to_handler, payloads) = channel();
        with_threads(2)
            .start_handler(move |index| to_start.send(index).unwrap())
            .panic_handler(move |payload| to_handler.send(*payload.downcast().unwrap()).unwrap())
            .build_global()
            .unwrap();
        paceline::spawn(|| std::panic::resume_unwind(Box::new("detached")));
        let wait = Duration::from_secs(60);
        assert_eq!(payloads.recv_timeout(wait), Ok("detached"));
        let mut indices = [started.recv_timeout(wait), started.recv_timeout(wait)];
        indices.sort_unstable_by_key(|index| index.unwrap());
        assert_eq!(indices, [Ok(0), Ok(1)]);
    });
}

#[test]
fn the_current_thread_may_be_its_first_worker() {
    alone("the_current_thread_may_be_its_first_worker", || {
        with_threads(2).use_current_thread().build_global().unwrap();
        let me = thread::current().id();
        assert_eq!(paceline::current_thread_index(), Some(0));
        assert_eq!(paceline::current_num_threads(), 2);
        let (first, _) = paceline::join(|| thread::current().id(), || ());
        assert_eq!(first, me);
        assert_eq!(paceline::scope(|_| thread::current().id()), me);
        assert_too_late(with_threads(1).build_global(), BY_BUILD);
    });
}

#[test]
fn threads_that_race_to_build_it_find_one_winner() {
    alone("threads_that_race_to_build_it_find_one_winner", || {
        let racers: Vec<_> =
            (1..=6).map(|number| thread::spawn(move || (number, with_threads(number).build_global()))).collect();
        let (mut winners, mut losers) = (Vec::new(), 0);
        for racer in racers {
            match racer.join().unwrap() {
                (number, Ok(())) => winners.push(number),
                (_, late) => {
                    assert_too_late(late, BY_BUILD);
                    losers += 1;
                }
            }
        }
        assert_eq!((winners.len(), losers), (1, 5));
        assert_eq!(paceline::current_num_threads(), winners[0]);
    });
}

#[test]
fn an_absurd_number_of_threads_is_refused_and_may_be_corrected() {
    alone("an_absurd_number_of_threads_is_refused_and_may_be_corrected", || {
        let error = with_threads(1_000_000).build_global().unwrap_err();
        assert!(error.to_string().starts_with("num_threads: 1000000 threads"), "{error}");
        with_threads(3).build_global().unwrap();
        assert_eq!(paceline::current_num_threads(), 3);
    });
}
