//! What goes on as a sequential iterator.

use crate::erased::Unindexed;
use crate::expect::{Expect, Share, Verdict};
use crate::finish::{Check, End, values};
use crate::item::Item;
use paceline::extra::prelude::*;
use paceline::prelude::*;

pub(crate) fn finish(iter: Unindexed<'static>, check: Check<'_>) -> Verdict {
    let window = check.finish.n.max(1);
    // Dropped with the iterator, when the last of the threads that run its closures is through.
    let held = check.world.item(0);
    let mut items = iter.inspect(move |_| _ = &held).into_seq_iter(window);
    if check.finish.end == End::SeqIter {
        return check.expect.check(&values(&items.collect::<Vec<_>>()));
    }
    let some: Vec<Item> = items.by_ref().take(window / 2).collect();
    drop(items);
    let expect = check.expect;
    match expect.is_exact() {
        true => Expect::all(expect.values.iter().take(window / 2).copied().collect()).check(&values(&some)),
        false => Expect { share: Share::Any, ..expect.clone() }.check(&values(&some)),
    }
}
