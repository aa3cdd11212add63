//! Layer 4: `reduce` and `reduce_with`.

use super::reduction::Reduction;

/// Combines all items, from an identity.
pub(in crate::iter) struct Reduce<ID, OP> {
    pub(in crate::iter) identity: ID,
    pub(in crate::iter) op: OP,
}

impl<T, ID, OP> Reduction<T> for Reduce<ID, OP>
where
    T: Send,
    ID: Fn() -> T + Sync,
    OP: Fn(T, T) -> T + Sync,
{
    type Output = T;

    #[inline]
    fn identity(&self) -> T {
        (self.identity)()
    }

    #[inline]
    fn fold<I: Iterator<Item = T>>(&self, so_far: T, iter: I) -> T {
        iter.fold(so_far, &self.op)
    }

    #[inline]
    fn combine(&self, left: T, right: T) -> T {
        (self.op)(left, right)
    }
}

/// Combines all items, if there are any.
pub(in crate::iter) struct ReduceWith<OP>(pub(in crate::iter) OP);

impl<T, OP> Reduction<T> for ReduceWith<OP>
where
    T: Send,
    OP: Fn(T, T) -> T + Sync,
{
    type Output = Option<T>;

    #[inline]
    fn identity(&self) -> Option<T> {
        None
    }

    #[inline]
    fn fold<I: Iterator<Item = T>>(&self, so_far: Option<T>, mut iter: I) -> Option<T> {
        let first = so_far.or_else(|| iter.next())?;
        Some(iter.fold(first, &self.0))
    }

    #[inline]
    fn combine(&self, left: Option<T>, right: Option<T>) -> Option<T> {
        match (left, right) {
            (Some(left), Some(right)) => Some((self.0)(left, right)),
            (one, None) | (None, one) => one,
        }
    }
}
