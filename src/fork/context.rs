//! `FnContext`: tells a forked closure whether another thread took it.

use std::fmt;
use std::marker::PhantomData;

/// Tells a closure of [`join_context`](crate::join_context) whether it was taken to another thread.
///
/// # Examples
///
/// ```
/// /// Adds up numbers in a few parts, and in more where threads are idle.
/// fn sum(numbers: &[u64], splits: u32) -> u64 {
///     if splits == 0 || numbers.len() < 2 {
///         return numbers.iter().sum();
///     }
///     let (left, right) = numbers.split_at(numbers.len() / 2);
///     let (left, right) = paceline::join_context(
///         |_| sum(left, splits - 1),
///         |context| sum(right, if context.migrated() { 4 } else { splits - 1 }),
///     );
///     left + right
/// }
/// assert_eq!(sum(&[1; 1000], 4), 1000);
/// ```
pub struct FnContext {
    migrated: bool,
    /// The context describes the calling thread, so it must not leave that thread.
    not_send: PhantomData<*mut ()>,
}

impl FnContext {
    #[inline(always)]
    pub(crate) fn new(migrated: bool) -> Self {
        FnContext { migrated, not_send: PhantomData }
    }

    /// True if the closure runs on another thread than the one that called `join_context`; also if that call came from
    /// outside all pools, even where the calling thread itself runs the closure.
    ///
    /// If so, a thread was idle, and other threads may be: it is a good moment to split further.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let migrated = pool.install(|| paceline::join_context(|a| a.migrated(), |b| b.migrated()));
    /// assert_eq!(migrated, (false, false));
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn migrated(&self) -> bool {
        self.migrated
    }
}

impl fmt::Debug for FnContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnContext").field("migrated", &self.migrated).finish()
    }
}
