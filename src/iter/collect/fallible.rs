//! Layer 4: collecting into an `Option` or a `Result` of a collection.

use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelIterator};
use crate::sync::lock::Mutex;

/// Collects the values of the `Some`s; if an item is `None`, all parts end, and the result is `None`.
impl<C, T> FromParallelIterator<Option<T>> for Option<C>
where
    C: FromParallelIterator<T>,
    T: Send,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = Option<T>>,
    {
        let results = par_iter.into_par_iter().map(|item| item.ok_or(()));
        results.collect::<Result<C, ()>>().ok()
    }
}

/// Collects the values of the `Ok`s; if an item is an `Err`, all parts end, and one of the errors is returned.
impl<C, T, E> FromParallelIterator<Result<T, E>> for Result<C, E>
where
    C: FromParallelIterator<T>,
    T: Send,
    E: Send,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = Result<T, E>>,
    {
        let first_error = Mutex::new(None);
        let successes = par_iter.into_par_iter().map(|item| match item {
            Ok(item) => Some(item),
            Err(error) => {
                note(&first_error, error);
                None
            }
        });
        let collection = successes.while_some().collect();
        let first_error = first_error.lock().take();
        first_error.map_or(Ok(collection), Err)
    }
}

/// Stores the error if it is the first.
#[cold]
#[inline(never)]
fn note<E>(first_error: &Mutex<Option<E>>, error: E) {
    let mut first_error = first_error.lock();
    // A surplus error must not be dropped under the lock.
    let _surplus = match *first_error {
        None => first_error.replace(error),
        Some(_) => Some(error),
    };
    drop(first_error);
}
