//! Layer 4: `try_reduce` and `try_reduce_with`, which end at the first failure that any leaf meets.

use std::ops::ControlFlow;

use super::reduction::Reduction;
use crate::iter::fallible::Try;
use crate::iter::signal::Halt;

/// Combines successes by a closure that may fail, until the first failure.
struct TryOp<OP> {
    op: OP,
    failed: Halt,
}

impl<OP> TryOp<OP> {
    fn new(op: OP) -> Self {
        let failed = Halt::new();
        Self { op, failed }
    }

    /// Branches on a result, and records a failure.
    fn branch<R: Try>(&self, result: R) -> ControlFlow<R::Residual, R::Output> {
        let branch = result.branch();
        if branch.is_break() {
            self.failed.halt();
        }
        branch
    }

    /// Combines two results.
    fn combine<R>(&self, left: R, right: R) -> R
    where
        R: Try,
        OP: Fn(R::Output, R::Output) -> R,
    {
        match (left.branch(), right.branch()) {
            (ControlFlow::Continue(left), ControlFlow::Continue(right)) => {
                self.finish(self.branch((self.op)(left, right)))
            }
            (ControlFlow::Break(residual), _) | (_, ControlFlow::Break(residual)) => R::from_residual(residual),
        }
    }

    /// Combines a result with items, until a failure here or elsewhere.
    fn fold<R>(&self, so_far: R, mut iter: impl Iterator<Item = R>) -> R
    where
        R: Try,
        OP: Fn(R::Output, R::Output) -> R,
    {
        let mut state = self.branch(so_far);
        while let ControlFlow::Continue(value) = state {
            // After a failure elsewhere, the result of this leaf does not matter.
            let item = if self.failed.is_halted() { None } else { iter.next() };
            let Some(item) = item else {
                return R::from_output(value);
            };
            state = match self.branch(item) {
                ControlFlow::Continue(item) => self.branch((self.op)(value, item)),
                failure => failure,
            };
        }
        self.finish(state)
    }

    fn finish<R: Try>(&self, state: ControlFlow<R::Residual, R::Output>) -> R {
        match state {
            ControlFlow::Continue(value) => R::from_output(value),
            ControlFlow::Break(residual) => R::from_residual(residual),
        }
    }
}

/// Combines all items, from an identity, until the first failure.
pub(in crate::iter) struct TryReduce<ID, OP> {
    identity: ID,
    op: TryOp<OP>,
}

impl<ID, OP> TryReduce<ID, OP> {
    pub(in crate::iter) fn new(identity: ID, op: OP) -> Self {
        let op = TryOp::new(op);
        Self { identity, op }
    }
}

impl<R, ID, OP> Reduction<R> for TryReduce<ID, OP>
where
    R: Try + Send,
    ID: Fn() -> R::Output + Sync,
    OP: Fn(R::Output, R::Output) -> R + Sync,
{
    type Output = R;

    #[inline]
    fn identity(&self) -> R {
        R::from_output((self.identity)())
    }

    #[inline]
    fn fold<I: Iterator<Item = R>>(&self, so_far: R, iter: I) -> R {
        self.op.fold(so_far, iter)
    }

    #[inline]
    fn combine(&self, left: R, right: R) -> R {
        self.op.combine(left, right)
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.op.failed.is_halted()
    }
}

/// Combines all items, if there are any, until the first failure.
pub(in crate::iter) struct TryReduceWith<OP>(TryOp<OP>);

impl<OP> TryReduceWith<OP> {
    pub(in crate::iter) fn new(op: OP) -> Self {
        Self(TryOp::new(op))
    }
}

impl<R, OP> Reduction<R> for TryReduceWith<OP>
where
    R: Try + Send,
    OP: Fn(R::Output, R::Output) -> R + Sync,
{
    type Output = Option<R>;

    #[inline]
    fn identity(&self) -> Option<R> {
        None
    }

    #[inline]
    fn fold<I: Iterator<Item = R>>(&self, so_far: Option<R>, mut iter: I) -> Option<R> {
        let first = so_far.or_else(|| iter.next())?;
        Some(self.0.fold(first, iter))
    }

    #[inline]
    fn combine(&self, left: Option<R>, right: Option<R>) -> Option<R> {
        match (left, right) {
            (Some(left), Some(right)) => Some(self.0.combine(left, right)),
            (one, None) | (None, one) => one,
        }
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.failed.is_halted()
    }
}
