//! Layer 4: `sum` and `product`.

use std::iter;
use std::iter::{Product, Sum};
use std::marker::PhantomData;

use super::reduction::Reduction;

/// Adds up items, and sums of items, to an `S`.
pub(in crate::iter) struct Summing<S>(PhantomData<fn() -> S>);

/// Multiplies items, and products of items, to a `P`.
pub(in crate::iter) struct Multiplying<P>(PhantomData<fn() -> P>);

macro_rules! total {
    ($reduction:ident, $operation:ident, $method:ident) => {
        impl<S> $reduction<S> {
            pub(in crate::iter) fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<T, S: Send + $operation<T> + $operation<S>> Reduction<T> for $reduction<S> {
            type Output = S;

            #[inline]
            fn identity(&self) -> S {
                iter::empty::<T>().$method()
            }

            #[inline]
            fn fold<I: Iterator<Item = T>>(&self, so_far: S, iter: I) -> S {
                let more = iter.$method();
                Reduction::<T>::combine(self, so_far, more)
            }

            #[inline]
            fn combine(&self, left: S, right: S) -> S {
                [left, right].into_iter().$method()
            }
        }
    };
}

total! { Summing, Sum, sum }
total! { Multiplying, Product, product }
