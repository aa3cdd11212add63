//! Searches.

use crate::erased::Unindexed;
use crate::expect::{Place, Share, Verdict};
use crate::finish::{Check, End::*};
use crate::item::{Item, mix};
use paceline::prelude::*;

pub(crate) fn finish(iter: Unindexed<'_>, check: Check<'_>) -> Verdict {
    let expect = check.expect;
    let holds = |value: u64| check.holds(value);
    // The item's value goes with what is made of it, so that it can be checked.
    let found = |item: Item| check.call(&item).then(|| (item.value, mix(item.value, 3)));
    let value = |item: Option<Item>| item.map(|item| item.value);
    let made = |pair: Option<(u64, u64)>| pair.filter(|(value, made)| mix(*value, 3) == *made).map(|pair| pair.0);
    match check.finish.end {
        FindFirst => expect.check_found(value(iter.find_first(|item| check.call(item))), Place::First, holds),
        FindLast => expect.check_found(value(iter.find_last(|item| check.call(item))), Place::Last, holds),
        FindAny => expect.check_found(value(iter.find_any(|item| check.call(item))), Place::Any, holds),
        FindMapFirst => expect.check_found(made(iter.find_map_first(found)), Place::First, holds),
        FindMapLast => expect.check_found(made(iter.find_map_last(found)), Place::Last, holds),
        FindMapAny => expect.check_found(made(iter.find_map_any(found)), Place::Any, holds),
        Any => is(iter.any(|item| check.call(&item)), Quantifier::Exists, check),
        _ => is(iter.all(|item| check.call(&item)), Quantifier::ForAll, check),
    }
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    Exists,
    ForAll,
}

fn is(got: bool, quantifier: Quantifier, check: Check<'_>) -> Verdict {
    let mut values = check.expect.values.iter();
    let expected = match quantifier {
        Quantifier::Exists => values.any(|value| check.holds(*value)),
        Quantifier::ForAll => values.all(|value| check.holds(*value)),
    };
    // Of a part of the items less is known.
    let by_part = check.expect.share != Share::All && got == (quantifier == Quantifier::ForAll);
    match got == expected || by_part {
        true => Ok(()),
        false => Err(format!("{quantifier:?} is {got} in {:?}", check.expect.values)),
    }
}
