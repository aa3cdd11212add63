//! Layer 5: the stable sort by keys that are computed once.

use super::permute::permute;
use super::unstable;
use crate::iter::{IndexedParallelIterator, IntoParallelRefMutIterator, ParallelIterator};

/// Sorts `items` by their keys, and keeps the order of items with equal keys.
pub(in crate::slice) fn sort<T, K, F>(items: &mut [T], key: &F)
where
    T: Send,
    K: Ord + Send,
    F: Fn(&T) -> K + Sync,
{
    if items.len() < 2 {
        return;
    }
    // By unique reference, because the items need not be `Sync`.
    let keys = items.par_iter_mut().enumerate().map(|(index, item)| (key(item), index));
    let mut keys: Vec<(K, usize)> = keys.collect();
    // No two pairs are equal, so an unstable sort suffices.
    unstable::sort(&mut keys, &Ord::cmp);
    // SAFETY: `enumerate` gave each index once, and sorting only moves the pairs.
    unsafe { permute(items, &mut keys) };
}
