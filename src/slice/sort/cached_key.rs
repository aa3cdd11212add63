//! Layer 5: the stable sort by keys that are made once.

use super::permute::permute;
use super::unstable;
use crate::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

/// Sorts `items` by their keys, and keeps items of equal keys in order.
pub(in crate::slice) fn sort<T, K, F>(items: &mut [T], key: &F)
where
    T: Send,
    K: Ord + Send,
    F: Fn(&T) -> K + Sync,
{
    if items.len() < 2 {
        return;
    }
    // The items need not be `Sync`, so each task has its own to itself.
    let keys = items.par_iter_mut().enumerate().map(|(index, item)| (key(item), index));
    let mut keys: Vec<(K, usize)> = keys.collect();
    // No two pairs are equal, so their order decides everything.
    unstable::sort(&mut keys, &Ord::cmp);
    // SAFETY: each index was given out once, and sorting only moves the pairs.
    unsafe { permute(items, &mut keys) };
}
