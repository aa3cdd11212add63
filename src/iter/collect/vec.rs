//! Layer 4: collecting into `Vec`.

use super::{gather, in_place};
use crate::iter::{FromParallelIterator, IntoParallelIterator, KnowsLen, ParallelExtend, ParallelIterator};

impl<T: Send> FromParallelIterator<T> for Vec<T> {
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = T>,
    {
        let mut vec = Self::new();
        vec.par_extend(par_iter);
        vec
    }
}

/// Appends the items in order. If a closure panics, the vector is as it was before.
impl<T: Send> ParallelExtend<T> for Vec<T> {
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>,
    {
        let par_iter = par_iter.into_par_iter();
        // If the type decides between the two cases, only one of them is compiled.
        if const { matches!(I::Iter::__KNOWS_LEN, KnowsLen::Never) } {
            return gather::append(self, par_iter);
        }
        if let Some(len) = par_iter.opt_len() {
            return in_place::append(self, len, |stretch| par_iter.drive_unindexed(stretch));
        }
        if const { matches!(I::Iter::__KNOWS_LEN, KnowsLen::Always) } {
            panic!("a parallel iterator that always knows its length did not know it");
        }
        gather::append(self, par_iter);
    }
}

/// Appends copies of the items in order. If a closure panics, the vector is as it was before.
impl<'a, T> ParallelExtend<&'a T> for Vec<T>
where
    T: Copy + Send + Sync + 'a,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = &'a T>,
    {
        self.par_extend(par_iter.into_par_iter().map(|&item| item));
    }
}
