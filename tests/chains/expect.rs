//! What is expected of a chain: the sequential interpreter's side.

use std::collections::BTreeMap;

/// What comes of a check: an error says how the result differs.
pub(crate) type Verdict = Result<(), String>;

/// Whether the items have an order that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Known,
    Lost,
}

/// How many of the expected items come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    All,
    /// So many of them, any ones.
    Some(usize),
    /// Any ones.
    Any,
}

/// The items that a chain may give.
#[derive(Clone, Debug)]
pub(crate) struct Expect {
    pub(crate) values: Vec<u64>,
    pub(crate) order: Order,
    pub(crate) share: Share,
    /// Whether the chain has positions.
    pub(crate) has_positions: bool,
}

impl Expect {
    /// All of `values`, in order.
    pub(crate) fn all(values: Vec<u64>) -> Self {
        Expect { values, order: Order::Known, share: Share::All, has_positions: false }
    }

    pub(crate) fn is_exact(&self) -> bool {
        self.order == Order::Known && self.share == Share::All
    }

    /// How many items come, if that is known.
    pub(crate) fn len(&self) -> Option<usize> {
        match self.share {
            Share::All => Some(self.values.len()),
            Share::Some(len) => Some(len),
            Share::Any => None,
        }
    }

    /// The same with other values, one for one.
    pub(crate) fn map(mut self, f: impl Fn(u64) -> u64) -> Self {
        self.values.iter_mut().for_each(|value| *value = f(*value));
        self
    }

    /// The same with any number of values for each.
    pub(crate) fn flat_map<V: IntoIterator<Item = u64>>(self, f: impl Fn(u64) -> V) -> Self {
        let share = if self.share == Share::All { Share::All } else { Share::Any };
        let values = self.values.into_iter().flat_map(f).collect();
        Expect { values, share, has_positions: false, ..self }
    }

    pub(crate) fn filter(self, f: impl Fn(u64) -> bool) -> Self {
        self.flat_map(|value| f(value).then_some(value))
    }

    /// Any of those for which `f` is true, or all items if it is true for each.
    pub(crate) fn any_while(self, f: impl Fn(u64) -> bool) -> Self {
        if self.values.iter().all(|value| f(*value)) {
            return Expect { has_positions: false, ..self };
        }
        Expect { share: Share::Any, ..self.filter(f) }
    }

    /// Checks items that came in the order of the chain.
    pub(crate) fn check(&self, got: &[u64]) -> Verdict {
        if self.is_exact() {
            return same("the items", got, &self.values[..]);
        }
        if let Some(len) = self.len() {
            same("the number of items", &got.len(), &len)?;
        }
        match self.order {
            Order::Known => self.check_subsequence(got),
            Order::Lost => self.check_unordered(got),
        }
    }

    fn check_subsequence(&self, got: &[u64]) -> Verdict {
        let mut left = self.values.iter();
        match got.iter().find(|value| !left.any(|expected| expected == *value)) {
            None => Ok(()),
            Some(value) => Err(format!("{value} is too many, or not in order, in {got:?}, out of {:?}", self.values)),
        }
    }

    /// Checks items that came in any order.
    pub(crate) fn check_unordered(&self, got: &[u64]) -> Verdict {
        if let Some(len) = self.len() {
            same("the number of items", &got.len(), &len)?;
        }
        let mut left = BTreeMap::<u64, usize>::new();
        self.values.iter().for_each(|value| *left.entry(*value).or_default() += 1);
        for value in got {
            match left.get_mut(value) {
                Some(count) if *count > 0 => *count -= 1,
                _ => return Err(format!("{value} is too many in {got:?}, out of {:?}", self.values)),
            }
        }
        Ok(())
    }

    /// Checks what a search found among those for which `f` is true, given which of them it must be.
    pub(crate) fn check_found(&self, got: Option<u64>, place: Place, f: impl Fn(u64) -> bool) -> Verdict {
        let mut matches = self.values.iter().copied().filter(|value| f(*value));
        let right = match (got, place) {
            (None, _) => self.share != Share::All || matches.next().is_none(),
            (Some(got), Place::First) if self.is_exact() => matches.next() == Some(got),
            (Some(got), Place::Last) if self.is_exact() => matches.last() == Some(got),
            (Some(got), _) => matches.any(|value| value == got),
        };
        right.then_some(()).ok_or_else(|| format!("{got:?} was found as the {place:?} in {:?}", self.values))
    }
}

/// Which of several matches a search is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    First,
    Last,
    Any,
}

/// Checks that two values are the same.
pub(crate) fn same<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, got: &T, expected: &T) -> Verdict {
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what}: {got:?} in place of {expected:?}")),
    }
}
