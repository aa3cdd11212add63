//! The adaptors that chains are made of, and what each does to a sequence.

use crate::expect::{Expect, Order, Share};
use crate::item::{holds, join, mix};

listed! {
    /// An adaptor.
    Op:
    /// Those that any chain can have.
    ANYWHERE =
        Map, MapWith, MapInit, MapWorkerInit, Inspect, Update, PanicFuse, Chain, Intersperse, Filter, FilterMap,
        FlatMap, Flatten, FlattenOption, FlatMapIter, FlattenIter, Fold, FoldWith, TryFold, TryFoldWith, SkipAny,
        TakeAny, SkipAnyWhile, TakeAnyWhile, WhileSome, WithCancel, CancelWithin, WithProgress, Either;
    /// Those that need positions, and keep them.
    BY_POSITION =
        Enumerate, Rev, Zip, ZipWithMore, ZipWithFewer, ZipEq, MultiZip, Interleave, InterleaveShortest, StepBy, Skip,
        Take, Chunks, FoldChunks, FoldChunksWith, MinLen, MaxLen;
    /// Those that need positions, and do away with them.
    WITHOUT_POSITIONS = UniformBlocks, ExponentialBlocks, Positions, Deterministic;
}

/// No adaptor that makes more of its items is put upon more than these.
const MOST_ITEMS: usize = 3_000;

/// An adaptor with its numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) op: Op,
    /// A length, a position or a number of items.
    pub(crate) n: usize,
    /// On what its closure's values depend.
    pub(crate) salt: u64,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}({}, {})", self.op, self.n, self.salt)
    }
}

impl Step {
    pub(crate) fn keeps(self, value: u64) -> bool {
        holds(value, self.salt, 3)
    }

    pub(crate) fn keeps_most(self, value: u64) -> bool {
        holds(value, self.salt, 200)
    }

    /// The values of the other items that some adaptors add.
    pub(crate) fn others(self, len: usize) -> impl Iterator<Item = u64> {
        (0..len as u64).map(move |i| mix(i, self.salt))
    }

    /// What `flat_map` and its kin make of an item.
    pub(crate) fn several(self, value: u64) -> impl Iterator<Item = u64> + Clone {
        (0..value % 3).map(move |i| mix(value, self.salt + i))
    }

    /// What is expected after this adaptor, if a chain can have it there.
    pub(crate) fn after(self, before: &Expect) -> Option<Expect> {
        if BY_POSITION.contains(&self.op) || WITHOUT_POSITIONS.contains(&self.op) {
            let after = (before.has_positions && before.is_exact()).then(|| self.after_positions(before));
            return after;
        }
        let exact = before.is_exact();
        let small = before.values.len() <= MOST_ITEMS;
        let salt = self.salt;
        let expect = before.clone();
        Some(match self.op {
            Op::Map | Op::MapWith | Op::MapInit | Op::MapWorkerInit | Op::Update => {
                expect.map(|value| mix(value, salt))
            }
            Op::Inspect | Op::PanicFuse | Op::WithProgress | Op::Either => expect,
            Op::Chain if small => self.after_chain(expect),
            Op::Intersperse if exact && small => {
                let values = intersperse(&expect.values, mix(0, salt));
                Expect { values, ..expect }
            }
            Op::Filter | Op::FilterMap | Op::FlattenOption => expect.filter(|value| self.keeps(value)),
            Op::FlatMap | Op::Flatten | Op::FlatMapIter | Op::FlattenIter if small => {
                expect.flat_map(|value| self.several(value))
            }
            Op::Fold | Op::FoldWith => Expect { has_positions: false, ..expect },
            Op::TryFold | Op::TryFoldWith | Op::WhileSome | Op::CancelWithin | Op::TakeAnyWhile => {
                expect.any_while(|value| self.keeps_most(value))
            }
            Op::SkipAnyWhile => match expect.values.iter().any(|value| self.keeps_most(*value)) {
                true => Expect { share: Share::Any, has_positions: false, ..expect },
                false => Expect { has_positions: false, ..expect },
            },
            Op::WithCancel => Expect { has_positions: false, ..expect },
            Op::SkipAny => self.after_any(expect, |len| len.saturating_sub(self.n)),
            Op::TakeAny => self.after_any(expect, |len| len.min(self.n)),
            _ => return None,
        })
    }

    fn after_chain(self, mut expect: Expect) -> Expect {
        expect.values.extend(self.others(self.n));
        if let Share::Some(len) = &mut expect.share {
            *len += self.n;
        }
        expect
    }

    fn after_any(self, expect: Expect, len: impl Fn(usize) -> usize) -> Expect {
        let all = expect.len();
        let share = match all.map(len) {
            Some(len) if expect.share == Share::All && Some(len) == all => Share::All,
            Some(len) => Share::Some(len),
            None => Share::Any,
        };
        Expect { share, has_positions: false, ..expect }
    }

    fn after_positions(self, before: &Expect) -> Expect {
        let old = &before.values;
        let len = old.len();
        let step = self.n.max(1);
        let values: Vec<u64> = match self.op {
            Op::Enumerate => old.iter().enumerate().map(|(i, value)| mix(*value, i as u64)).collect(),
            Op::Rev => old.iter().rev().copied().collect(),
            Op::Zip | Op::ZipWithMore | Op::ZipWithFewer | Op::ZipEq | Op::MultiZip => {
                let others = self.others(self.zipped_len(len));
                old.iter().zip(others).map(|(a, b)| mix(*a, b)).collect()
            }
            Op::Interleave => interleave(old, &self.others(self.n).collect::<Vec<_>>(), usize::MAX),
            Op::InterleaveShortest => {
                let pairs = len.min(self.n);
                let most = if len > self.n { 2 * pairs + 1 } else { 2 * pairs };
                interleave(old, &self.others(self.n).collect::<Vec<_>>(), most)
            }
            Op::StepBy => old.iter().step_by(step).copied().collect(),
            Op::Skip => old.iter().skip(self.n).copied().collect(),
            Op::Take => old.iter().take(self.n).copied().collect(),
            Op::Chunks | Op::FoldChunks | Op::FoldChunksWith => {
                old.chunks(step).map(|chunk| chunk.iter().fold(self.salt, |sum, value| mix(sum, *value))).collect()
            }
            Op::Positions => (0..len as u64).filter(|i| self.keeps(old[*i as usize])).collect(),
            _ => old.clone(),
        };
        Expect { values, order: Order::Known, share: Share::All, has_positions: BY_POSITION.contains(&self.op) }
    }

    /// How many items the other side of a `zip` has.
    pub(crate) fn zipped_len(self, len: usize) -> usize {
        match self.op {
            Op::ZipWithMore => len + self.n,
            Op::ZipWithFewer => len.saturating_sub(self.n),
            Op::Zip => self.n,
            _ => len,
        }
    }
}

fn intersperse(values: &[u64], between: u64) -> Vec<u64> {
    let mut all: Vec<u64> = values.iter().flat_map(|value| [between, *value]).collect();
    all.drain(..all.len().min(1));
    all
}

/// The items of both in turn, as long as there are any, but no more than `most`.
fn interleave(first: &[u64], second: &[u64], most: usize) -> Vec<u64> {
    let longer = first.len().max(second.len());
    let pairs = (0..longer).flat_map(|i| [first.get(i), second.get(i)]);
    pairs.flatten().copied().take(most).collect()
}

/// One value of several by [`join`].
pub(crate) fn join_all(values: impl IntoIterator<Item = u64>, first: u64) -> u64 {
    values.into_iter().fold(first, join)
}
