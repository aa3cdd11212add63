//! A sum over a range where a library has `join` and no iterators.

use std::ops::Range;

/// The sum of what `each` makes of the indices, at least one, by halving their range.
pub(crate) fn sum(
    scope: &mut chili::Scope<'_>,
    range: Range<usize>,
    each: &(impl Fn(&mut chili::Scope<'_>, usize) -> u64 + Sync),
) -> u64 {
    if range.len() == 1 {
        return each(scope, range.start);
    }
    let middle = range.start + range.len() / 2;
    let (left, right) = scope.join(|s| sum(s, range.start..middle, each), |s| sum(s, middle..range.end, each));
    left + right
}
