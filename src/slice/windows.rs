//! Layer 5: the iterators over all overlapping windows of a given length.

use super::ParallelSlice;
use crate::iter::ParallelIterator;
use crate::iter::adaptor::bridged::bridged;
use crate::iter::plumbing::Producer;

/// A parallel iterator over the overlapping windows of a slice; made by [`par_windows`](ParallelSlice::par_windows).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::Windows;
///
/// let windows: Windows<'_, u32> = [1, 4, 2, 8].par_windows(2);
/// assert_eq!(windows.filter(|pair| pair[0] < pair[1]).count(), 2);
/// ```
#[derive(Debug)]
pub struct Windows<'data, T> {
    slice: &'data [T],
    /// At least 1.
    window_size: usize,
}

impl<'data, T> Windows<'data, T> {
    #[track_caller]
    pub(super) fn new(slice: &'data [T], window_size: usize) -> Self {
        assert!(window_size > 0, "window_size must be at least 1, but is 0");
        Self { slice, window_size }
    }
}

impl<T> Clone for Windows<'_, T> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

bridged! {
    impl['data, T: Sync] Windows<'data, T>
    where []
    item: &'data [T],
    len: |this| this.slice.len().saturating_sub(this.window_size - 1),
    producer: |this, callback| callback.callback(WindowsProducer { windows: this }),
}

struct WindowsProducer<'data, T> {
    windows: Windows<'data, T>,
}

impl<'data, T: Sync> Producer for WindowsProducer<'data, T> {
    type Item = &'data [T];
    type IntoIter = std::slice::Windows<'data, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        let Windows { slice, window_size } = self.windows;
        slice.windows(window_size)
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let Windows { slice, window_size } = self.windows;
        // The last window of the left part reaches into the right one.
        let end = slice.len().min(index + (window_size - 1));
        let part = |slice| Self { windows: Windows { slice, window_size } };
        (part(&slice[..end]), part(&slice[index..]))
    }
}

/// A parallel iterator over the overlapping windows of a slice, as arrays; made by
/// [`par_array_windows`](ParallelSlice::par_array_windows).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::ArrayWindows;
///
/// let windows: ArrayWindows<'_, u32, 2> = [1, 4, 2, 8].par_array_windows();
/// assert_eq!(windows.filter(|[a, b]| a < b).count(), 2);
/// ```
#[derive(Debug)]
pub struct ArrayWindows<'data, T, const N: usize> {
    slice: &'data [T],
}

impl<'data, T, const N: usize> ArrayWindows<'data, T, N> {
    #[track_caller]
    pub(super) fn new(slice: &'data [T]) -> Self {
        assert!(N > 0, "N, the length of a window, must be at least 1, but is 0");
        Self { slice }
    }
}

impl<T, const N: usize> Clone for ArrayWindows<'_, T, N> {
    fn clone(&self) -> Self {
        Self { slice: self.slice }
    }
}

bridged! {
    impl['data, T: Sync, const N: usize] ArrayWindows<'data, T, N>
    where []
    item: &'data [T; N],
    len: |this| this.slice.par_windows(N).len(),
    producer: |this, callback| {
        let array = |window: &'data [T]| window.first_chunk::<N>().expect("a window has N items");
        this.slice.par_windows(N).map(array).with_producer(callback)
    },
}
