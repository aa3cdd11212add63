//! Parts on a thread that unwinds for another reason.

use super::{OrderedSink, SharedSegments};
use crate::iter::plumbing::{Consumer, Folder};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Makes an item of a part when it is dropped.
struct MakesWhenDropped(Option<OrderedSink<u32>>);

impl Drop for MakesWhenDropped {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|part| part.into_folder().consume(1).complete());
    }
}

#[test]
fn a_panic_beneath_a_part_is_not_the_parts() {
    let (shared, whole) = SharedSegments::new(4);
    let (left, right, _) = whole.split_at(1);
    let makes = MakesWhenDropped(Some(left));
    let unwind = move || {
        let _makes = makes;
        panic!("beneath");
    };
    catch_unwind(AssertUnwindSafe(unwind)).unwrap_err();
    right.into_folder().consume(2).complete();
    shared.finish(Ok(()));
    let items = std::iter::from_fn(|| shared.next().unwrap_or_else(|_| panic!("no part has panicked")));
    assert_eq!(items.collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_panic_of_a_parts_own_ends_the_items_behind_it() {
    let (shared, whole) = SharedSegments::new(4);
    let (left, right, _) = whole.split_at(1);
    let unwind = move || {
        let _folder = left.into_folder().consume(1);
        panic!("its own");
    };
    let payload = catch_unwind(AssertUnwindSafe(unwind)).unwrap_err();
    assert!(right.full());
    drop(right);
    shared.finish(Err(payload));
    assert!(matches!(shared.next(), Ok(Some(1))));
    assert!(shared.next().is_err());
}
