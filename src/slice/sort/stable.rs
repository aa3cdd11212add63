//! Layer 5: the stable sort.

use std::cmp::Ordering;

use super::run::{Place, Run};
use super::{LEAST_LEAF, sorted_as_one_run};
use crate::fork::current_num_threads;

/// Sorts `items`, and keeps equal ones in order.
pub(in crate::slice) fn sort<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let levels = levels(items.len());
    if levels == 0 || size_of::<T>() == 0 {
        return items.sort_by(compare);
    }
    if sorted_as_one_run(items, compare) {
        return;
    }
    let mut scratch = Vec::with_capacity(items.len());
    let scratch = &mut scratch.spare_capacity_mut()[..items.len()];
    sort_run(&mut Run::new(items, scratch), levels, compare);
}

/// How many times to halve `len` items: a few leaves per thread, unless they would be too short.
///
/// Each level of merging moves the items to the other place, so an even number of levels brings them home.
fn levels(len: usize) -> u32 {
    if len < 4 * LEAST_LEAF {
        return 0;
    }
    let wanted = match current_num_threads() {
        1 => 0,
        threads => (2 * threads).next_power_of_two().ilog2(),
    };
    let possible = (len / LEAST_LEAF).ilog2();
    wanted.next_multiple_of(2).min(possible & !1)
}

fn sort_run<T, C>(run: &mut Run<'_, T>, levels: u32, compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    if levels == 0 {
        return run.items().sort_by(compare);
    }
    // If everything is merged at each level, the last merge ends at home.
    let place = if levels % 2 == 0 { Place::Scratch } else { Place::Home };
    run.sort_halves(place, |half| sort_run(half, levels - 1, compare));
    run.merge_halves(compare);
}
