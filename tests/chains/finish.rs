//! The terminal methods, and what each must come to.

use crate::erased::{Chain, Unindexed};
use crate::expect::{Expect, Verdict};
use crate::item::{Item, World};
use crate::step::Step;
use crate::{collecting, folding, ordering, positions, searching, streaming};

listed! {
    /// A terminal method.
    End:
    /// Collections.
    COLLECTING =
        CollectVec, CollectDeque, CollectList, CollectBox, CollectArc, CollectHeap, CollectTreeSet, CollectHashedSet,
        CollectTreeMap, CollectHashedMap, CollectOption, CollectResult, CollectUnits, CollectText, CollectVecList,
        CollectUnordered, CollectPair, ExtendVec, ExtendDeque, ExtendHashedSet, Unzip, Partition, PartitionMap;
    /// What makes one value of all items, or does something with each.
    FOLDING =
        Reduce, ReduceWith, TryReduce, TryReduceWith, FoldReduce, Sum, Product, Min, Max, MinBy, MaxBy, MinByKey,
        MaxByKey, Count, ForEach, ForEachWith, ForEachInit, TryForEach, TryForEachWith, TryForEachInit;
    /// Searches.
    SEARCHING = FindFirst, FindLast, FindAny, FindMapFirst, FindMapLast, FindMapAny, Any, All;
    /// What is done with a collected vector.
    ORDERING =
        InclusiveScan, ExclusiveScan, Sort, SortByKey, SortByCachedKey, SortUnstable, SortUnstableByKey, SelectNth,
        IsSorted, Dedup, DedupByKey, ScanInPlace, ExclusiveScanInPlace;
    /// What needs positions.
    BY_POSITION =
        CollectIntoVec, UnzipIntoVecs, Compare, Equal, Less, PositionFirst, PositionLast, PositionAny, Splits;
    /// What needs to own its source.
    OF_OWNED = SeqIter, SeqIterDropped;
}

use End::*;

/// A terminal method with its numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finish {
    pub(crate) end: End,
    pub(crate) n: usize,
    pub(crate) salt: u64,
}

impl std::fmt::Debug for Finish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({}, {})", self.end, self.n, self.salt)
    }
}

/// What a check needs to know.
#[derive(Clone, Copy)]
pub(crate) struct Check<'e> {
    pub(crate) finish: Finish,
    pub(crate) expect: &'e Expect,
    pub(crate) world: &'static World,
}

impl Check<'_> {
    /// Whether a predicate is true for a value: for few, or for all but few.
    pub(crate) fn holds(self, value: u64) -> bool {
        let step = Step { op: crate::step::Op::Filter, n: self.finish.n, salt: self.finish.salt };
        if self.finish.n % 2 == 0 { step.keeps_most(value) } else { !step.keeps_most(value) }
    }

    /// The same as a closure of the chain.
    pub(crate) fn call(self, item: &Item) -> bool {
        self.world.call();
        self.holds(item.value)
    }

    /// The expected values for which the predicate is what `held` says.
    pub(crate) fn only(self, held: Held) -> Expect {
        self.expect.clone().filter(|value| self.holds(value) == (held == Held::True))
    }
}

/// Which of the items a predicate leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    True,
    False,
}

/// The values of items.
pub(crate) fn values<'i>(items: impl IntoIterator<Item = &'i Item>) -> Vec<u64> {
    items.into_iter().map(|item| item.value).collect()
}

/// Carries a chain out, and checks what it comes to.
pub(crate) fn finish(chain: Chain<'_>, check: Check<'_>) -> Verdict {
    match chain {
        Chain::Indexed(iter) => {
            positions::check_len(&iter, check)?;
            match BY_POSITION.contains(&check.finish.end) {
                true => positions::finish(iter, check),
                false => anywhere(iter.into(), check),
            }
        }
        Chain::Unindexed(iter) => anywhere(iter, check),
    }
}

/// Carries out a chain that owns its source.
pub(crate) fn finish_owned(chain: Chain<'static>, check: Check<'_>) -> Verdict {
    match (check.finish.end, chain) {
        (SeqIter | SeqIterDropped, Chain::Indexed(iter)) => streaming::finish(iter.into(), check),
        (SeqIter | SeqIterDropped, Chain::Unindexed(iter)) => streaming::finish(iter, check),
        (_, chain) => finish(chain, check),
    }
}

/// The terminal methods of all iterators.
fn anywhere(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    positions::check_opt_len(&iter, check)?;
    let end = &check.finish.end;
    match () {
        () if COLLECTING.contains(end) => collecting::finish(iter, check),
        () if FOLDING.contains(end) => folding::finish(iter, check),
        () if SEARCHING.contains(end) => searching::finish(iter, check),
        () => ordering::finish(iter, check),
    }
}
