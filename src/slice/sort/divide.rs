//! Layer 5: divides a slice into a part of smaller and a part of greater items, by several threads at once.
//!
//! Items need not be [`Sync`], so no two threads may compare with the same pivot. Each thread has a pivot of its own.
//! The pivots are neighbours in a sorted sample, so that few items lie between the least and the greatest of them. Only
//! those items may end up on the wrong side.

use super::kernels::{Dividing, Front};
use super::parallel_partition::{exchange, partition_by};

/// The number of sampled items for each pivot.
const SAMPLE: usize = 128;

/// Where a slice was divided: the smaller items are before `lower`, the greater ones from `upper` on, and the items
/// between need no sorting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Division {
    pub(super) lower: usize,
    pub(super) upper: usize,
    /// True if the greatest items before `lower` and the least from `upper` on may overlap.
    pub(super) overlaps: bool,
}

/// Divides `items` somewhere near the middle, in `ways` stretches at a time.
///
/// There must be at least four times as many items as in the sample, which has [`SAMPLE`] items for each of the ways.
pub(super) fn divide<T: Send>(items: &mut [T], ways: usize, kernels: &dyn Dividing<T>) -> Division {
    let sample = sort_sample(items, ways * SAMPLE, kernels);
    let middle = sample.len() / 2;
    let equal = equals(sample, middle, kernels);
    let are_many = equal.len() >= ways.max(sample.len() / 8);
    let first_pivot = if are_many { equal.start } else { middle - ways / 2 };
    let (sampled, equal_sampled) = (sample.len(), equal.len());
    let (pivots, others) = bring_to_front(items, first_pivot, ways);
    let likely = others.len() / sampled * first_pivot;
    let smaller = partition_by(others, pivots, likely, Front::Less, kernels);
    let equal = match are_many {
        true => {
            let rest = &mut others[smaller..];
            let likely = rest.len() / (sampled - first_pivot) * equal_sampled;
            partition_by(rest, pivots, likely, Front::NotGreater, kernels)
        }
        false => 0,
    };
    exchange(&mut items[..ways + smaller], ways);
    match (are_many, ways) {
        (true, _) => Division { lower: smaller, upper: smaller + ways + equal, overlaps: false },
        (false, 1) => Division { lower: smaller, upper: smaller + 1, overlaps: false },
        (false, _) => Division { lower: smaller, upper: smaller, overlaps: true },
    }
}

/// Moves a sample of `len` items from all over the slice to its front, and sorts it.
pub(super) fn sort_sample<'a, T>(items: &'a mut [T], len: usize, kernels: &dyn Dividing<T>) -> &'a mut [T] {
    let stretch = items.len() / len;
    assert!(stretch > 1, "{len} is not a sample of {}", items.len());
    for number in 0..len {
        // A place in the stretch that no pattern of the input is likely to hit each time.
        let within = number.wrapping_mul(0x9E37_79B1).rotate_right(7) % stretch;
        items.swap(number, number * stretch + within);
    }
    let sample = &mut items[..len];
    kernels.sort(sample);
    sample
}

/// The range of items of a sorted sample that are equal to the one at `index`.
pub(super) fn equals<T>(sample: &[T], index: usize, kernels: &dyn Dividing<T>) -> std::ops::Range<usize> {
    let item = &sample[index];
    let start = kernels.bound(&sample[..index], item, Front::Less);
    start..index + kernels.bound(&sample[index..], item, Front::NotGreater)
}

/// Moves `len` items from `start` on to the front, in order, and splits them off.
pub(super) fn bring_to_front<T>(items: &mut [T], start: usize, len: usize) -> (&mut [T], &mut [T]) {
    for place in 0..len {
        items.swap(place, start + place);
    }
    items.split_at_mut(len)
}
