//! Layer 5: the stable sort.

use std::cmp::Ordering;

use super::front::sort_front;
use super::halves::run_inside;
use super::leaf;
use super::run::Run;
use crate::fork::current_num_threads;

/// The fewest items that are worth a task.
const LEAST_LEAF: usize = 2 * 1024;

/// Sorts `items`, and keeps equal ones in order.
pub(in crate::slice) fn sort<T, C>(items: &mut [T], compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let levels = levels(items.len());
    if levels == 0 || size_of::<T>() == 0 {
        return leaf::sort(items, compare);
    }
    run_inside(|| sort_here(items, levels, compare));
}

fn sort_here<T, C>(items: &mut [T], levels: u32, compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let front = sort_front(items, compare);
    if front == items.len() {
        return;
    }
    let mut scratch = Vec::with_capacity(items.len());
    let scratch = &mut scratch.spare_capacity_mut()[..items.len()];
    sort_behind(&mut Run::new(items, scratch), front, levels, compare);
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
        return leaf::sort(run.items(), compare);
    }
    let front = sort_front(run.items(), compare);
    sort_behind(run, front, levels, compare);
}

/// Sorts a run whose first `front` items are sorted already.
fn sort_behind<T, C>(run: &mut Run<'_, T>, front: usize, levels: u32, compare: &C)
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let len = run.items().len();
    let sort_part = |part: &mut Run<'_, T>| sort_run(part, levels - 1, compare);
    if front == len {
        return;
    }
    if front < len / 2 {
        let middle = len / 2;
        run.each_part(middle, sort_part, sort_part);
        return run.merge_parts(middle, compare);
    }
    // The rest is short, or has all threads to itself.
    run.each_part(front, |_| (), sort_part);
    run.merge_parts(front, compare);
}
