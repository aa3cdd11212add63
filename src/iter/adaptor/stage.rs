//! Layer 4: stages, that is, item-wise adaptors, and the plumbing that all of them share.
//!
//! An adaptor such as `map` or `filter` is a [`Stage`]: it turns the sequential iterator over a part into another.
//! Splitting, folding, fullness and length are the same for all stages, and are implemented here, once. A stage wraps a
//! whole iterator. So the stages of a chain of adaptors build a chain of std's own adaptors around the source's
//! iterator, which compiles to equally good code.

use crate::iter::plumbing::{Consumer, Folder, Producer, ProducerCallback, UnindexedConsumer};

/// The work of an adaptor on the items of one leaf.
pub(crate) trait Stage<T> {
    /// The type of the items that come out.
    type Item;

    /// Wraps a sequential iterator over a run of the leaf's items in the adaptor.
    ///
    /// The runs of a leaf come in order. State that must outlive a run is kept in `self`.
    fn over<I>(&mut self, iter: I) -> impl Iterator<Item = Self::Item>
    where
        I: Iterator<Item = T>;

    /// Passes a run of the leaf's items through the adaptor to a folder.
    #[inline]
    fn feed<I, F>(&mut self, iter: I, folder: F) -> F
    where
        I: Iterator<Item = T>,
        F: Folder<Self::Item>,
    {
        folder.consume_iter(self.over(iter))
    }

    /// True if no further item can come out.
    #[inline]
    fn is_full(&self) -> bool {
        false
    }
}

/// A stage that makes exactly one item of each, and so can be run from both ends and knows its length.
pub(crate) trait ExactStage<T>: Stage<T> {
    /// The adaptor's type for a leaf's own iterator.
    type Exact<I>: DoubleEndedIterator<Item = Self::Item> + ExactSizeIterator
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;

    /// Wraps the sequential iterator over a whole leaf in the adaptor.
    fn exact<I>(self, iter: I) -> Self::Exact<I>
    where
        I: DoubleEndedIterator<Item = T> + ExactSizeIterator;
}

/// A value that is cloned for each part, and becomes the stage of a part that is run as a leaf.
pub(crate) trait Seed<T>: Clone + Send {
    /// The type of the stage.
    type Stage: Stage<T>;

    /// True if a stage has a state of its own, so that a leaf should have one stage and not one for each run.
    const HAS_STATE: bool = false;

    /// Makes the stage of a leaf.
    fn into_stage(self) -> Self::Stage;

    /// True if no further item can come out of any leaf.
    #[inline]
    fn is_full(&self) -> bool {
        false
    }
}

/// The seed of a stage without a state: all leaves get a clone of it.
#[derive(Clone)]
pub(crate) struct Same<S>(pub(crate) S);

impl<T, S: Stage<T> + Clone + Send> Seed<T> for Same<S> {
    type Stage = S;

    #[inline]
    fn into_stage(self) -> S {
        self.0
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.is_full()
    }
}

/// The items that come out of a seed's stages.
pub(crate) type Output<S, T> = <<S as Seed<T>>::Stage as Stage<T>>::Item;

/// Passes the items of a part through a stage to another consumer.
pub(crate) struct StageConsumer<C, S> {
    base: C,
    seed: S,
}

impl<C, S> StageConsumer<C, S> {
    pub(crate) fn new(base: C, seed: S) -> Self {
        Self { base, seed }
    }
}

impl<T, C, S> Consumer<T> for StageConsumer<C, S>
where
    S: Seed<T>,
    C: Consumer<Output<S, T>>,
{
    type Folder = StageFolder<C::Folder, S::Stage>;
    type Reducer = C::Reducer;
    type Result = C::Result;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, C::Reducer) {
        let (left, right, reducer) = self.base.split_at(index);
        let left = Self::new(left, self.seed.clone());
        (left, Self::new(right, self.seed), reducer)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        self.base.can_split_running()
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        Self::new(self.base.split_off_front(), self.seed.clone())
    }

    #[inline]
    fn split_running(self, folder: Self::Folder, index: usize) -> (Self::Folder, Self, Self, C::Reducer) {
        let StageFolder { base, stage } = folder;
        let (base, tail, right, reducer) = self.base.split_running(base, index);
        let tail = Self::new(tail, self.seed.clone());
        (StageFolder { base, stage }, tail, Self::new(right, self.seed), reducer)
    }

    #[inline]
    fn rejoin(self, folder: Self::Folder) -> (Self::Folder, Self) {
        let StageFolder { base, stage } = folder;
        let (base, tail) = self.base.rejoin(base);
        (StageFolder { base, stage }, Self::new(tail, self.seed))
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        StageFolder { base: self.base.into_folder(), stage: self.seed.into_stage() }
    }

    #[inline]
    fn full(&self) -> bool {
        self.seed.is_full() || self.base.full()
    }
}

impl<T, C, S> UnindexedConsumer<T> for StageConsumer<C, S>
where
    S: Seed<T>,
    C: UnindexedConsumer<Output<S, T>>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self::new(self.base.split_off_left(), self.seed.clone())
    }

    #[inline]
    fn to_reducer(&self) -> C::Reducer {
        self.base.to_reducer()
    }
}

/// Passes the items of a leaf through a stage to another folder.
pub(crate) struct StageFolder<F, S> {
    base: F,
    stage: S,
}

impl<T, F, S> Folder<T> for StageFolder<F, S>
where
    S: Stage<T>,
    F: Folder<S::Item>,
{
    type Result = F::Result;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.consume_iter(std::iter::once(item))
    }

    #[inline]
    fn consume_iter<I>(self, iter: I) -> Self
    where
        I: IntoIterator<Item = T>,
    {
        let Self { base, mut stage } = self;
        let base = stage.feed(iter.into_iter(), base);
        Self { base, stage }
    }

    #[inline]
    fn complete(self) -> F::Result {
        self.base.complete()
    }

    #[inline]
    fn full(&self) -> bool {
        self.stage.is_full() || self.base.full()
    }
}

/// Wraps the producer that it gets in a stage, and calls another callback with the result.
pub(crate) struct StageCallback<CB, S> {
    base: CB,
    seed: S,
}

impl<CB, S> StageCallback<CB, S> {
    pub(crate) fn new(base: CB, seed: S) -> Self {
        Self { base, seed }
    }
}

impl<T, CB, S> ProducerCallback<T> for StageCallback<CB, S>
where
    S: Seed<T, Stage: ExactStage<T>>,
    CB: ProducerCallback<Output<S, T>>,
{
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, producer: P) -> CB::Output {
        self.base.callback(StageProducer { base: producer, seed: self.seed })
    }
}

/// Passes the items of another producer through a stage.
struct StageProducer<P, S> {
    base: P,
    seed: S,
}

impl<P, S> Producer for StageProducer<P, S>
where
    P: Producer,
    S: Seed<P::Item, Stage: ExactStage<P::Item>>,
{
    type Item = Output<S, P::Item>;
    type IntoIter = <S::Stage as ExactStage<P::Item>>::Exact<P::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.seed.into_stage().exact(self.base.into_iter())
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        let left = Self { base: left, seed: self.seed.clone() };
        let right = Self { base: right, seed: self.seed };
        (left, right)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        !S::HAS_STATE && self.base.can_run_in_blocks()
    }

    #[inline]
    fn fold_with<F: Folder<Self::Item>>(self, folder: F) -> F {
        let folder = StageFolder { base: folder, stage: self.seed.into_stage() };
        self.base.fold_with(folder).base
    }
}

/// Implements the traits of parallel iterators for an adaptor that passes its first field through a stage.
///
/// `length: kept` is for seeds of exact stages, and makes the adaptor indexed where its base is; `length: lost` is for
/// all others. In the expression for the seed the fields are local variables.
macro_rules! staged {
    (
        impl[$($param:tt)*] $adaptor:ty { $base:ident $(, $field:ident)* }
        where [$($bounds:tt)*]
        item: $item:ty,
        length: $length:ident,
        seed: $seed:expr,
    ) => {
        impl<$($param)*> $crate::iter::ParallelIterator for $adaptor
        where
            $($bounds)*
        {
            type Item = $item;

            #[inline]
            fn drive_unindexed<C>(self, consumer: C) -> C::Result
            where
                C: $crate::iter::plumbing::UnindexedConsumer<Self::Item>,
            {
                let Self { $base $(, $field)* } = self;
                $base.drive_unindexed($crate::iter::adaptor::stage::StageConsumer::new(consumer, $seed))
            }

            staged! { @opt_len $length $base }
        }

        staged! {
            @indexed $length
            impl[$($param)*] $adaptor { $base $(, $field)* }
            where [$($bounds)*]
            seed: $seed,
        }
    };

    (@opt_len lost $base:ident) => {
        const __KNOWS_LEN: $crate::iter::KnowsLen = $crate::iter::KnowsLen::Never;
    };

    (@opt_len at_most $base:ident) => {
        const __KNOWS_LEN: $crate::iter::KnowsLen = $crate::iter::KnowsLen::Never;

        fn __len_upper_bound(&self) -> Option<usize> {
            self.$base.__len_upper_bound()
        }
    };

    (@opt_len kept $base:ident) => {
        const __KNOWS_LEN: $crate::iter::KnowsLen = I::__KNOWS_LEN;

        fn opt_len(&self) -> Option<usize> {
            self.$base.opt_len()
        }

        fn __len_upper_bound(&self) -> Option<usize> {
            self.$base.__len_upper_bound()
        }
    };

    (@indexed lost $($rest:tt)*) => {};

    (@indexed at_most $($rest:tt)*) => {};

    (
        @indexed kept
        impl[$($param:tt)*] $adaptor:ty { $base:ident $(, $field:ident)* }
        where [$($bounds:tt)*]
        seed: $seed:expr,
    ) => {
        impl<$($param)*> $crate::iter::IndexedParallelIterator for $adaptor
        where
            I: $crate::iter::IndexedParallelIterator,
            $($bounds)*
        {
            fn len(&self) -> usize {
                self.$base.len()
            }

            #[inline]
            fn drive<C>(self, consumer: C) -> C::Result
            where
                C: $crate::iter::plumbing::Consumer<Self::Item>,
            {
                let Self { $base $(, $field)* } = self;
                $base.drive($crate::iter::adaptor::stage::StageConsumer::new(consumer, $seed))
            }

            #[inline]
            fn with_producer<CB>(self, callback: CB) -> CB::Output
            where
                CB: $crate::iter::plumbing::ProducerCallback<Self::Item>,
            {
                let Self { $base $(, $field)* } = self;
                $base.with_producer($crate::iter::adaptor::stage::StageCallback::new(callback, $seed))
            }
        }
    };
}

/// Implements `Debug` for an adaptor that holds closures, which cannot be shown, from its first field.
macro_rules! debug_base {
    ($adaptor:ident { $base:ident } <I $(, $param:ident)*>) => {
        impl<I: std::fmt::Debug $(, $param)*> std::fmt::Debug for $adaptor<I $(, $param)*> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($adaptor))
                    .field(stringify!($base), &self.$base)
                    .finish_non_exhaustive()
            }
        }
    };
}
