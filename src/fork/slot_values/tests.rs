//! Spare values: when one is made, and that it is used again.

use super::SlotValues;
use crate::pool::builder::ThreadPoolBuilder;
use std::cell::Cell;

#[test]
fn a_use_within_a_use_gets_a_spare_value() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let (values, made) = (SlotValues::new(), Cell::new(0));
        let init = || made.replace(made.get() + 1);
        let seen = |inner: &dyn Fn()| {
            values.with_own_or_spare(init, |value| {
                inner();
                *value
            })
        };
        assert_eq!((seen(&|| ()), made.get()), (0, 1));
        assert_eq!(seen(&|| assert_eq!(seen(&|| ()), 1)), 0);
        assert_eq!(seen(&|| assert_eq!(seen(&|| ()), 1)), 0, "the spare one is used again");
        assert_eq!(seen(&|| _ = seen(&|| assert_eq!(seen(&|| ()), 2))), 0, "two are in use");
        assert_eq!(values.into_values(), [0, 2, 1], "the spare ones in the order in which they came back");
    });
}

#[test]
fn a_spare_value_comes_back_from_a_panic() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut values = pool.install(SlotValues::new);
    let lost = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        values.with_own_or_spare(|| 7, |_| panic!("while it is lent"));
    }));
    assert!(lost.is_err());
    assert_eq!(values.iter_mut().collect::<Vec<_>>(), [&7]);
}
