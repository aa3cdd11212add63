//! Layer 4: collecting into an `Option` or a `Result` of a collection.

use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelIterator};
use crate::sync::lock::Mutex;

/// Collects what is `Some`, unless anything is `None`; all parts end when it is.
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

/// Collects what is `Ok`, unless anything is an `Err`; all parts end when it is, and one of the errors is
/// returned.
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

/// Keeps the error if it is the first.
#[cold]
#[inline(never)]
fn note<E>(first_error: &Mutex<Option<E>>, error: E) {
    let mut first_error = first_error.lock();
    // The error dropped, if any, must not be dropped under the lock.
    let _surplus = match *first_error {
        None => first_error.replace(error),
        Some(_) => Some(error),
    };
    drop(first_error);
}
