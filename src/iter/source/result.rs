//! Layer 4: parallel iterators over the item of a `Result`, if it is `Ok`.

option_iter! {
    /// A parallel iterator over the item of a `Result`, by value.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!(Ok::<i32, ()>(4).into_par_iter().count(), 1);
    /// assert_eq!(Err::<i32, ()>(()).into_par_iter().count(), 0);
    /// ```
    #[derive(Clone)]
    IntoIter<T> of T where Send
}

option_iter! {
    /// A parallel iterator over the item of a `Result`, by shared reference.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!(Ok::<u32, String>(3).par_iter().chain(&[4, 5]).sum::<u32>(), 12);
    /// assert_eq!(Err::<u32, &str>("none").par_iter().max(), None);
    /// ```
    Iter<'a, T> of &'a T where Sync
}

option_iter! {
    /// A parallel iterator over the item of a `Result`, by unique reference.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut number: Result<u32, String> = Ok(3);
    /// number.par_iter_mut().for_each(|n| *n += 1);
    /// assert_eq!(number, Ok(4));
    /// ```
    IterMut<'a, T> of &'a mut T where Send
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        let inner = self.inner.clone();
        Self { inner }
    }
}

option_iter_from! { [T, E] Result<T, E> => IntoIter<T> of T where Send, |this| this.ok() }
option_iter_from! { ['a, T, E] &'a Result<T, E> => Iter<'a, T> of &'a T where Sync, |this| this.as_ref().ok() }
option_iter_from! { ['a, T, E] &'a mut Result<T, E> => IterMut<'a, T> of &'a mut T where Send, |this| this.as_mut().ok() }
