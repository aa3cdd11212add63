//! Layer 4: adaptors that fold the items of each leaf into one.
//!
//! A [`FoldStart`] gives the initial value of each leaf, and a [`FoldStep`] the operation and the final result. All
//! these adaptors share the consumer and the folder in this file.

pub(in crate::iter) mod plain;
pub(in crate::iter) mod tried;

use std::marker::PhantomData;
use std::ops::ControlFlow;

use crate::iter::plumbing::{Consumer, Folder, UnindexedConsumer};

/// Makes the initial value of a leaf; cloned for each part.
trait FoldStart: Clone + Send {
    /// The type of the initial value.
    type Initial;

    /// Makes the initial value.
    fn start(self) -> Self::Initial;
}

/// Each leaf begins from the result of a closure.
#[derive(Clone)]
struct FromIdentity<ID>(ID);

impl<T, ID: Fn() -> T + Clone + Send> FoldStart for FromIdentity<ID> {
    type Initial = T;

    fn start(self) -> T {
        (self.0)()
    }
}

/// Each leaf begins from a clone of a value.
#[derive(Clone)]
struct FromClone<T>(T);

impl<T: Clone + Send> FoldStart for FromClone<T> {
    type Initial = T;

    fn start(self) -> T {
        self.0
    }
}

/// Folds items of type `T` into an initial `U`.
trait FoldStep<U, T>: Clone + Send {
    /// The type of the accumulator.
    type Accumulator;

    /// The result of a leaf.
    type Output;

    fn begin(&self, value: U) -> Self::Accumulator;

    fn step(&self, state: Self::Accumulator, item: T) -> Self::Accumulator;

    fn end(&self, state: Self::Accumulator) -> Self::Output;

    /// True if further items would not change the result.
    fn is_done(_state: &Self::Accumulator) -> bool {
        false
    }
}

/// Folds each leaf, and passes the result to another consumer.
struct FoldConsumer<C, S, P> {
    base: C,
    start: S,
    step: P,
}

impl<T, C, S, P> Consumer<T> for FoldConsumer<C, S, P>
where
    S: FoldStart,
    P: FoldStep<S::Initial, T>,
    C: Consumer<P::Output>,
{
    type Folder = FoldFolder<C::Folder, P, S::Initial, P::Accumulator>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let (left, right, reducer) = self.base.split_at(index);
        let left = Self { base: left, start: self.start.clone(), step: self.step.clone() };
        let right = Self { base: right, ..self };
        (left, right, reducer)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        self.base.can_split_running()
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        Self { base: self.base.split_off_front(), start: self.start.clone(), step: self.step.clone() }
    }

    #[inline]
    fn split_running(self, folder: Self::Folder, index: usize) -> (Self::Folder, Self, Self, C::Reducer) {
        let (base, tail, right, reducer) = self.base.split_running(folder.base, index);
        let tail = Self { base: tail, start: self.start.clone(), step: self.step.clone() };
        (FoldFolder { base, ..folder }, tail, Self { base: right, ..self }, reducer)
    }

    #[inline]
    fn rejoin(self, folder: Self::Folder) -> (Self::Folder, Self) {
        let (base, tail) = self.base.rejoin(folder.base);
        (FoldFolder { base, ..folder }, Self { base: tail, ..self })
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        FoldFolder {
            base: self.base.into_folder(),
            state: self.step.begin(self.start.start()),
            step: self.step,
            value: PhantomData,
        }
    }

    #[inline]
    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, C, S, P> UnindexedConsumer<T> for FoldConsumer<C, S, P>
where
    S: FoldStart,
    P: FoldStep<S::Initial, T>,
    C: UnindexedConsumer<P::Output>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self { base: self.base.split_off_left(), start: self.start.clone(), step: self.step.clone() }
    }

    #[inline]
    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}

struct FoldFolder<F, P, U, A> {
    base: F,
    step: P,
    state: A,
    value: PhantomData<U>,
}

impl<T, U, F, P> Folder<T> for FoldFolder<F, P, U, P::Accumulator>
where
    P: FoldStep<U, T>,
    F: Folder<P::Output>,
{
    type Result = F::Result;

    #[inline]
    fn consume(self, item: T) -> Self {
        Self { state: self.step.step(self.state, item), ..self }
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let Self { base, step, state, .. } = self;
        let folded = iter.into_iter().try_fold(state, |state, item| {
            let state = step.step(state, item);
            if base.full() || P::is_done(&state) { ControlFlow::Break(state) } else { ControlFlow::Continue(state) }
        });
        let (ControlFlow::Break(state) | ControlFlow::Continue(state)) = folded;
        Self { base, step, state, value: PhantomData }
    }

    #[inline]
    fn complete(self) -> F::Result {
        self.base.consume(self.step.end(self.state)).complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.base.full() || P::is_done(&self.state)
    }
}
