//! Layer 4: the trait implementations of all adaptors that have producers of their own.

/// Implements the traits of parallel iterators for an adaptor that has a producer and runs through the bridge.
macro_rules! bridged {
    (
        impl[$($param:tt)*] $adaptor:ty
        where [$($bounds:tt)*]
        item: $item:ty,
        len: |$len_self:ident| $len:expr,
        producer: |$self:ident, $callback:ident| $producer:expr,
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
                $crate::iter::plumbing::bridge(self, consumer)
            }

            const __KNOWS_LEN: $crate::iter::KnowsLen = $crate::iter::KnowsLen::Always;

            fn opt_len(&self) -> Option<usize> {
                Some($crate::iter::IndexedParallelIterator::len(self))
            }
        }

        impl<$($param)*> $crate::iter::IndexedParallelIterator for $adaptor
        where
            $($bounds)*
        {
            fn len(&self) -> usize {
                let $len_self = self;
                $len
            }

            #[inline]
            fn drive<C>(self, consumer: C) -> C::Result
            where
                C: $crate::iter::plumbing::Consumer<Self::Item>,
            {
                $crate::iter::plumbing::bridge(self, consumer)
            }

            #[inline]
            fn with_producer<CB>(self, $callback: CB) -> CB::Output
            where
                CB: $crate::iter::plumbing::ProducerCallback<Self::Item>,
            {
                let $self = self;
                $producer
            }
        }
    };
}

// The layers above have producers of their own, too.
pub(crate) use bridged;
