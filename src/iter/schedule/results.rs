//! Layer 4: the results of neighbouring parts. Some results may still be to come.
//!
//! Each part but the first was split off another one. Its link has the reducer, and the place at which the results of
//! that other part begin. So the results are combined as the parts were split, though they are in a list: of `(a b) (c
//! d)` first `a` with `b` and `c` with `d`, then both.

use crate::iter::plumbing::Reducer;

/// Results in order. A result that is still to come is made from an `F` in the end.
pub(super) struct PartResults<R, F, Q>(Vec<ResultEntry<R, F, Q>>);

struct ResultEntry<R, F, Q> {
    value: PartValue<R, F>,
    link: Option<ResultLink<Q>>,
}

enum PartValue<R, F> {
    Known(R),
    ToCome(F),
}

/// How a result is combined with the results before it.
pub(super) struct ResultLink<Q> {
    /// The place of the first result of the part that this one was split off.
    pub(super) left: usize,
    /// The reducer for that part and this one.
    pub(super) reducer: Q,
}

impl<R, F, Q: Reducer<R>> PartResults<R, F, Q> {
    pub(super) fn new() -> Self {
        PartResults(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a result. Only the first has no link.
    pub(super) fn push(&mut self, result: R, link: Option<ResultLink<Q>>) {
        self.0.push(ResultEntry { value: PartValue::Known(result), link });
    }

    /// Adds a result that is still to come.
    pub(super) fn expect(&mut self, future: F, link: ResultLink<Q>) {
        self.0.push(ResultEntry { value: PartValue::ToCome(future), link: Some(link) });
    }

    /// Combines all results. `come` gives the ones that were still to come.
    pub(super) fn combine(self, come: impl Fn(F) -> R) -> R {
        // Results that are not combined yet, each with the place at which it begins.
        let mut begun: Vec<(usize, R, Option<ResultLink<Q>>)> = Vec::new();
        for (place, ResultEntry { value, link }) in self.0.into_iter().enumerate() {
            let result = match value {
                PartValue::Known(result) => result,
                PartValue::ToCome(future) => come(future),
            };
            if let Some(ResultLink { left, .. }) = link {
                combine_from(left, &mut begun);
            }
            begun.push((place, result, link));
        }
        combine_from(0, &mut begun);
        begun.pop().expect("there is a first result").1
    }
}

/// Combines each result that begins after `place` with the one before it, the last first.
fn combine_from<R, Q: Reducer<R>>(place: usize, begun: &mut Vec<(usize, R, Option<ResultLink<Q>>)>) {
    while begun.last().is_some_and(|(begins, ..)| *begins > place) {
        let (Some((_, right, Some(ResultLink { reducer, .. }))), Some((begins, left, link))) =
            (begun.pop(), begun.pop())
        else {
            unreachable!("only the first result has no link");
        };
        begun.push((begins, reducer.reduce(left, right), link));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{PartResults, ResultLink};
    use crate::iter::plumbing::Reducer;

    /// Writes down which two results it has combined.
    struct Pair(char);

    impl Reducer<String> for Pair {
        fn reduce(self, left: String, right: String) -> String {
            format!("({left}{}{right})", self.0)
        }
    }

    /// Adds results from `a` on, by their links. Those in capitals are added as still to come.
    fn combined(links: &[(usize, char)]) -> String {
        let mut results: PartResults<String, char, Pair> = PartResults::new();
        results.push("a".to_owned(), None);
        for (letter, &(left, reducer)) in ('b'..).zip(links) {
            let link = ResultLink { left, reducer: Pair(reducer) };
            match reducer.is_ascii_digit() {
                true => results.expect(letter, link),
                false => results.push(letter.to_string(), Some(link)),
            }
        }
        assert_eq!(results.len(), links.len() + 1);
        results.combine(|letter| letter.to_ascii_uppercase().to_string())
    }

    #[test]
    fn results_are_combined_as_they_were_split() {
        assert_eq!(combined(&[]), "a");
        assert_eq!(combined(&[(0, '1')]), "(a1B)");
        assert_eq!(combined(&[(0, '1'), (0, '2'), (0, '3')]), "(((a1B)2C)3D)");
        assert_eq!(combined(&[(0, '1'), (0, '+'), (2, '2')]), "((a1B)+(c2D))");
        assert_eq!(
            combined(&[(0, '1'), (0, '+'), (2, '2'), (2, '-'), (4, '3'), (0, '4')]),
            "(((a1B)+((c2D)-(e3F)))4G)"
        );
    }
}
