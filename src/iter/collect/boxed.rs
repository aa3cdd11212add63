//! Layer 4: collecting into owned slices and strings, into `Cow`, and into `()`.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

macro_rules! by_way_of_vec {
    ($($owner:ty),*) => { $(
        impl<T: Send> FromParallelIterator<T> for $owner {
            fn from_par_iter<I>(par_iter: I) -> Self
            where
                I: IntoParallelIterator<Item = T>,
            {
                Vec::from_par_iter(par_iter).into()
            }
        }
    )* };
}

by_way_of_vec! { Box<[T]>, Rc<[T]>, Arc<[T]> }

/// Collects into `Cow::Owned`, never `Cow::Borrowed`.
impl<'a, C, T> FromParallelIterator<T> for Cow<'a, C>
where
    C: ToOwned<Owned: FromParallelIterator<T>> + ?Sized,
    T: Send,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = T>,
    {
        Cow::Owned(C::Owned::from_par_iter(par_iter))
    }
}

/// Runs an iterator for the side effects of its closures, and collects nothing.
impl FromParallelIterator<()> for () {
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = ()>,
    {
        par_iter.into_par_iter().for_each(|()| ());
    }
}

/// Runs an iterator for the side effects of its closures, and collects nothing.
impl ParallelExtend<()> for () {
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = ()>,
    {
        par_iter.into_par_iter().for_each(|()| ());
    }
}
