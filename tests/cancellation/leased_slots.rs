//! Values of a worker whose slot is leased: the external caller has the worker's value, and its own thread cannot have
//! it meanwhile.

use crate::slots::{SIZES, as_external_caller, at_sizes};
use paceline::WorkerLocal;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Asks every thread of the pool by a broadcast, from where the caller is, whether it gets its value. On the worker
/// whose slot the caller has, its own thread answers, while the caller waits. Returns who did not get it.
fn refused<T: Send>(values: &WorkerLocal<T>, ask: impl Fn(&WorkerLocal<T>) + Sync) -> Vec<usize> {
    let answers = paceline::broadcast(|context| {
        let answer = catch_unwind(AssertUnwindSafe(|| ask(values)));
        (context.index(), answer.is_err())
    });
    answers.into_iter().filter_map(|(index, is_refused)| is_refused.then_some(index)).collect()
}

#[test]
fn while_an_external_caller_waits_within_a_call_its_worker_is_refused_the_value() {
    at_sizes(
        &SIZES,
        "leased_slots::while_an_external_caller_waits_within_a_call_its_worker_is_refused_the_value",
        |_| {
            let values = WorkerLocal::<Cell<u32>>::default();
            as_external_caller(|| {
                let slot = paceline::current_thread_index().unwrap();
                values.with_mut(|value| {
                    *value.get_mut() += 1;
                    assert_eq!(refused(&values, |values| values.with_mut(|_| ())), [slot]);
                    assert_eq!(refused(&values, |values| values.with(|_| ())), [slot]);
                    assert_eq!(value.get(), 1);
                });
                values.with(|value| {
                    assert_eq!(refused(&values, |values| values.with_mut(|_| ())), [slot]);
                    assert_eq!(refused(&values, |values| values.with(|_| ())), [slot], "the value need not be `Sync`");
                    values.with(|again| assert!(std::ptr::eq(value, again)));
                });
                assert_eq!(refused(&values, |values| values.with_mut(|_| ())), [0; 0]);
            });
        },
    );
}

#[test]
fn an_external_caller_has_the_value_of_the_worker_whose_slot_it_has() {
    at_sizes(&SIZES, "leased_slots::an_external_caller_has_the_value_of_the_worker_whose_slot_it_has", |threads| {
        let values = WorkerLocal::<Vec<usize>>::default();
        paceline::broadcast(|context| values.with_mut(|value| value.push(context.index())));
        as_external_caller(|| {
            let slot = paceline::current_thread_index().unwrap();
            values.with_mut(|value| {
                assert_eq!(*value, [slot]);
                value.push(slot);
            });
        });
        let mut lengths: Vec<_> = values.into_iter().map(|value| value.len()).collect();
        lengths.sort();
        let mut expected = vec![1; threads];
        expected[threads - 1] = 2;
        assert_eq!(lengths, expected, "no value was made for the caller");
    });
}
