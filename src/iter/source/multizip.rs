//! Layer 4: `MultiZip`, which turns a tuple of parallel iterators into a parallel iterator over tuples.

use crate::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator,
    ParallelIterator,
};

/// A parallel iterator over tuples, made of a tuple of parallel iterators; it ends with the shortest.
///
/// ```
/// use paceline::prelude::*;
///
/// let (a, b) = ([1, 2, 3], [10, 20, 30]);
/// let mut c = [0; 3];
/// (&a, &b, &mut c).into_par_iter().for_each(|(a, b, c)| *c = a + b);
/// assert_eq!(c, [11, 22, 33]);
/// ```
#[derive(Clone, Debug)]
pub struct MultiZip<T> {
    tuple: T,
}

/// Pairs iterators up from the left: `((a, b), c)`.
macro_rules! nest {
    (@zip $first:ident) => { $first };
    (@zip $first:ident, $($rest:ident),+) => { nest!(@zip_on $first; $($rest),+) };
    (@zip_on $so_far:expr; $next:ident) => { $so_far.zip($next) };
    (@zip_on $so_far:expr; $next:ident, $($rest:ident),+) => { nest!(@zip_on $so_far.zip($next); $($rest),+) };
    (@pattern $first:ident) => { $first };
    (@pattern $first:ident, $($rest:ident),+) => { nest!(@pattern_on [$first] $($rest),+) };
    (@pattern_on [$so_far:pat] $next:ident) => { ($so_far, $next) };
    (@pattern_on [$so_far:pat] $next:ident, $($rest:ident),+) => { nest!(@pattern_on [($so_far, $next)] $($rest),+) };
}

macro_rules! multizip {
    ($($iter:ident $item:ident),+) => {
        impl<$($iter),+> IntoParallelIterator for ($($iter,)+)
        where
            $($iter: IntoParallelIterator<Iter: IndexedParallelIterator>,)+
        {
            type Item = ($($iter::Item,)+);
            type Iter = MultiZip<($($iter::Iter,)+)>;

            fn into_par_iter(self) -> Self::Iter {
                let ($($item,)+) = self;
                MultiZip { tuple: ($($item.into_par_iter(),)+) }
            }
        }

        impl<'a, $($iter),+> IntoParallelIterator for &'a ($($iter,)+)
        where
            $($iter: IntoParallelRefIterator<'a, Iter: IndexedParallelIterator>,)+
        {
            type Item = ($($iter::Item,)+);
            type Iter = MultiZip<($($iter::Iter,)+)>;

            fn into_par_iter(self) -> Self::Iter {
                let ($($item,)+) = self;
                MultiZip { tuple: ($($item.par_iter(),)+) }
            }
        }

        impl<'a, $($iter),+> IntoParallelIterator for &'a mut ($($iter,)+)
        where
            $($iter: IntoParallelRefMutIterator<'a, Iter: IndexedParallelIterator>,)+
        {
            type Item = ($($iter::Item,)+);
            type Iter = MultiZip<($($iter::Iter,)+)>;

            fn into_par_iter(self) -> Self::Iter {
                let ($($item,)+) = self;
                MultiZip { tuple: ($($item.par_iter_mut(),)+) }
            }
        }

        bridged! {
            impl[$($iter),+] MultiZip<($($iter,)+)>
            where [$($iter: IndexedParallelIterator,)+]
            item: ($($iter::Item,)+),
            len: |this| {
                let ($($item,)+) = &this.tuple;
                [$($item.len()),+].into_iter().fold(usize::MAX, usize::min)
            },
            producer: |this, callback| {
                let ($($item,)+) = this.tuple;
                nest!(@zip $($item),+)
                    .map(|nest!(@pattern $($item),+)| ($($item,)+))
                    .with_producer(callback)
            },
        }
    };
}

multizip! { A a }
multizip! { A a, B b }
multizip! { A a, B b, D d }
multizip! { A a, B b, D d, E e }
multizip! { A a, B b, D d, E e, F f }
multizip! { A a, B b, D d, E e, F f, G g }
multizip! { A a, B b, D d, E e, F f, G g, H h }
multizip! { A a, B b, D d, E e, F f, G g, H h, I i }
multizip! { A a, B b, D d, E e, F f, G g, H h, I i, J j }
multizip! { A a, B b, D d, E e, F f, G g, H h, I i, J j, K k }
multizip! { A a, B b, D d, E e, F f, G g, H h, I i, J j, K k, L l }
multizip! { A a, B b, D d, E e, F f, G g, H h, I i, J j, K k, L l, M m }
