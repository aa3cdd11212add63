//! What only iterators with positions have, the laws of lengths, and those of producers.

use crate::dice::Dice;
use crate::erased::{Indexed, Unindexed};
use crate::expect::{Place, Verdict, same};
use crate::finish::{Check, End::*, values};
use crate::item::{Item, mix};
use paceline::iter::plumbing::{Folder, Producer, ProducerCallback};
use paceline::prelude::*;
use std::cmp::Ordering;

/// The number of items that an iterator with positions promises.
pub(crate) fn check_len(iter: &Indexed<'_>, check: Check<'_>) -> Verdict {
    same("whether there should be positions", &check.expect.len(), &Some(iter.len()))?;
    same("`opt_len`", &iter.opt_len(), &Some(iter.len()))
}

/// The number of items that an iterator may promise.
pub(crate) fn check_opt_len(iter: &Unindexed<'_>, check: Check<'_>) -> Verdict {
    let len = check.expect.len();
    if let Some(promised) = iter.opt_len() {
        same("`opt_len`", &Some(promised), &len)?;
    }
    match iter.__len_upper_bound() {
        Some(most) if most < len.unwrap_or(0) => Err(format!("{most} items at most, in place of {len:?}")),
        _ => Ok(()),
    }
}

pub(crate) fn finish(iter: Indexed<'_>, check: Check<'_>) -> Verdict {
    let (expect, world) = (check.expect, check.world);
    match check.finish.end {
        CollectIntoVec => {
            let mut items: Vec<Item> = (0..check.finish.n as u64).map(|value| world.item(value)).collect();
            iter.collect_into_vec(&mut items);
            expect.check(&values(&items))
        }
        UnzipIntoVecs => {
            let (mut first, mut second) = (Vec::new(), vec![world.item(1)]);
            let twins = iter.map(move |item| {
                world.call();
                let twin = world.item(mix(item.value, 1));
                (item, twin)
            });
            twins.unzip_into_vecs(&mut first, &mut second);
            let expected: Vec<u64> = values(&first).into_iter().map(|value| mix(value, 1)).collect();
            same("the second of each pair", &values(&second), &expected)?;
            expect.check(&values(&first))
        }
        Splits => {
            let dice = Dice::of(check.finish.salt);
            let len = iter.len();
            expect.check(&values(&iter.with_producer(AtRandom { len, cuts: 30, dice })))
        }
        Compare | Equal | Less => compare(iter, check),
        _ => position(iter, check),
    }
}

/// Compares with the same items, of which one may be another or the last ones may be missing.
fn compare(iter: Indexed<'_>, check: Check<'_>) -> Verdict {
    let mut others = if check.expect.is_exact() { check.expect.values.clone() } else { vec![] };
    let at = check.finish.n;
    match check.finish.salt % 4 {
        0 if at < others.len() => others.truncate(at),
        1 if at < others.len() => others[at] += 1,
        2 if at < others.len() => others[at] = 0,
        _ => {}
    }
    let other: Vec<Item> = others.iter().map(|value| check.world.item(*value)).collect();
    let expected = check.expect.values.cmp(&others);
    // Nothing is known of the order.
    let any = !check.expect.is_exact();
    match check.finish.end {
        Compare => match check.finish.salt % 2 {
            _ if any => Ok(()),
            0 => same("`cmp`", &iter.cmp(other), &expected),
            _ => same("`partial_cmp`", &iter.partial_cmp(other), &Some(expected)),
        },
        Equal => match check.finish.salt % 3 {
            _ if any => Ok(()),
            0 => same("`eq`", &iter.eq(other), &expected.is_eq()),
            _ => same("`ne`", &iter.ne(other), &expected.is_ne()),
        },
        _ => match check.finish.salt % 7 {
            _ if any => Ok(()),
            0 => same("`lt`", &iter.lt(other), &(expected == Ordering::Less)),
            1 => same("`le`", &iter.le(other), &(expected != Ordering::Greater)),
            2 => same("`gt`", &iter.gt(other), &(expected == Ordering::Greater)),
            _ => same("`ge`", &iter.ge(other), &(expected != Ordering::Less)),
        },
    }
}

fn position(iter: Indexed<'_>, check: Check<'_>) -> Verdict {
    let holds = |item: Item| check.call(&item);
    let (got, place) = match check.finish.end {
        PositionFirst => (iter.position_first(holds), Place::First),
        PositionLast => (iter.position_last(holds), Place::Last),
        _ => (iter.position_any(holds), Place::Any),
    };
    if !check.expect.is_exact() {
        return Ok(());
    }
    let mut matches = (0..check.expect.values.len()).filter(|i| check.holds(check.expect.values[*i]));
    let right = match (got, place) {
        (None, _) => matches.next().is_none(),
        (Some(_), Place::First) => matches.next() == got,
        (Some(_), Place::Last) => matches.next_back() == got,
        (Some(got), Place::Any) => matches.any(|i| i == got),
    };
    right.then_some(()).ok_or_else(|| format!("{got:?} is not the {place:?} position in {:?}", check.expect.values))
}

/// Cuts a producer at random positions, and takes the items of each part in a random way.
struct AtRandom {
    len: usize,
    /// How often it may still cut.
    cuts: usize,
    dice: Dice,
}

impl ProducerCallback<Item> for AtRandom {
    type Output = Vec<Item>;

    fn callback<P: Producer<Item = Item>>(mut self, producer: P) -> Vec<Item> {
        let mut items = Vec::new();
        let mut parts = vec![(self.len, producer)];
        while let Some((len, part)) = parts.pop() {
            match self.dice.below(4) {
                0 => items.extend(take(len, part, &mut self.dice)),
                _ if self.cuts == 0 => items.extend(take(len, part, &mut self.dice)),
                _ => {
                    self.cuts -= 1;
                    let at = self.dice.below(len + 1);
                    let (left, right) = part.split_at(at);
                    parts.push((len - at, right));
                    parts.push((at, left));
                }
            }
        }
        items
    }
}

struct Keep(Vec<Item>);

impl Folder<Item> for Keep {
    type Result = Vec<Item>;

    fn consume(mut self, item: Item) -> Self {
        self.0.push(item);
        self
    }

    fn complete(self) -> Vec<Item> {
        self.0
    }

    fn full(&self) -> bool {
        false
    }
}

/// Takes the items of a part of `len`, and puts them in order.
fn take<P: Producer<Item = Item>>(len: usize, part: P, dice: &mut Dice) -> Vec<Item> {
    let way = dice.below(3);
    if way == 0 {
        return part.fold_with(Keep(Vec::new())).complete();
    }
    let mut iter = part.into_iter();
    let (mut front, mut back) = (Vec::new(), Vec::new());
    loop {
        assert_eq!(iter.len(), len - front.len() - back.len(), "what an iterator of a part says is left");
        let next = match dice.below(way + 1) {
            0 => iter.next().map(|item| front.push(item)),
            _ => iter.next_back().map(|item| back.push(item)),
        };
        if next.is_none() {
            break;
        }
    }
    assert!(iter.next().is_none() && iter.next_back().is_none(), "an iterator of a part goes on after its end");
    front.extend(back.into_iter().rev());
    front
}
