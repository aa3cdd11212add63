//! Values of a worker whose seat is lent: the guest has the worker's value, and its own thread cannot have it meanwhile.

use crate::seats::{SIZES, as_guest, at_sizes};
use paceline::WorkerLocal;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Asks every thread of the pool by a broadcast, from where the caller is, whether it gets its value. On the worker whose
/// guest the caller is, its own thread answers, while the guest waits. Returns who did not get it.
fn refused<T: Send>(values: &WorkerLocal<T>, ask: impl Fn(&WorkerLocal<T>) + Sync) -> Vec<usize> {
    let answers = paceline::broadcast(|context| {
        let answer = catch_unwind(AssertUnwindSafe(|| ask(values)));
        (context.index(), answer.is_err())
    });
    answers.into_iter().filter_map(|(index, is_refused)| is_refused.then_some(index)).collect()
}

#[test]
fn while_a_guest_waits_within_a_call_its_worker_is_refused_the_value() {
    at_sizes(&SIZES, "visits::while_a_guest_waits_within_a_call_its_worker_is_refused_the_value", |_| {
        let values = WorkerLocal::<Cell<u32>>::default();
        as_guest(|| {
            let seat = paceline::current_thread_index().unwrap();
            values.with_mut(|value| {
                *value.get_mut() += 1;
                assert_eq!(refused(&values, |values| values.with_mut(|_| ())), [seat]);
                assert_eq!(refused(&values, |values| values.with(|_| ())), [seat]);
                assert_eq!(value.get(), 1);
            });
            values.with(|value| {
                assert_eq!(refused(&values, |values| values.with_mut(|_| ())), [seat]);
                assert_eq!(refused(&values, |values| values.with(|_| ())), [seat], "the value need not be `Sync`");
                values.with(|again| assert!(std::ptr::eq(value, again)));
            });
            assert_eq!(refused(&values, |values| values.with_mut(|_| ())), [0; 0]);
        });
    });
}

#[test]
fn a_guest_has_the_value_of_the_worker_whose_seat_it_has() {
    at_sizes(&SIZES, "visits::a_guest_has_the_value_of_the_worker_whose_seat_it_has", |threads| {
        let values = WorkerLocal::<Vec<usize>>::default();
        paceline::broadcast(|context| values.with_mut(|value| value.push(context.index())));
        as_guest(|| {
            let seat = paceline::current_thread_index().unwrap();
            values.with_mut(|value| {
                assert_eq!(*value, [seat]);
                value.push(seat);
            });
        });
        let mut lengths: Vec<_> = values.into_iter().map(|value| value.len()).collect();
        lengths.sort();
        let mut expected = vec![1; threads];
        expected[threads - 1] = 2;
        assert_eq!(lengths, expected, "no value was made for the guest");
    });
}
