//! Layer 4: the first pass of a scan, which scans each stretch of a slice by itself.
//!
//! A part of the loop that ends puts its last item on a board, with the position after it. A part that begins at that
//! position takes the item, and continues from it: both are one stretch. A part that finds no item begins a stretch of
//! its own. The board has a lock; each part looks at it once.

use crate::iter::plumbing::{Consumer, Folder, Reducer};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator};
use crate::sync::lock::Mutex;

/// Scans the items stretch by stretch, each of at least `piece` items, and returns the beginnings of all stretches but
/// the first.
pub(super) fn scan_stretches<T, F>(items: &mut [T], piece: usize, op: &F) -> Vec<usize>
where
    T: Send,
    F: Fn(&T, &T) -> T + Sync,
{
    let board = Board(Mutex::new(Vec::new()));
    items.into_par_iter().with_min_len(piece).drive(StretchConsumer { board: &board, op, start: 0 })
}

/// The last items of parts that have ended, with the positions after them.
struct Board<'a, T>(Mutex<Vec<(usize, &'a mut T)>>);

impl<'a, T> Board<'a, T> {
    fn pin(&self, end: usize, last: &'a mut T) {
        self.0.lock().push((end, last));
    }

    fn take_down(&self, end: usize) -> Option<&'a mut T> {
        let mut pinned = self.0.lock();
        let place = pinned.iter().position(|(at, _)| *at == end)?;
        Some(pinned.swap_remove(place).1)
    }
}

/// Scans a part that begins at the position `start`.
struct StretchConsumer<'b, 'a, T, F> {
    board: &'b Board<'a, T>,
    op: &'b F,
    start: usize,
}

impl<'b, 'a, T, F> Consumer<&'a mut T> for StretchConsumer<'b, 'a, T, F>
where
    T: Send,
    F: Fn(&T, &T) -> T + Sync,
{
    type Folder = StretchFolder<'b, 'a, T, F>;
    type Reducer = AppendStarts;
    type Result = Vec<usize>;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, AppendStarts) {
        let right = Self { start: self.start + index, ..self };
        (self, right, AppendStarts)
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        Self { ..*self }
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        let Self { board, op, start } = self;
        let last = board.take_down(start);
        let begins_at = (start > 0 && last.is_none()).then_some(start);
        StretchFolder { board, op, begins_at, end: start, last }
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

struct StretchFolder<'b, 'a, T, F> {
    board: &'b Board<'a, T>,
    op: &'b F,
    /// The beginning of the part, if it begins a stretch that is not the first.
    begins_at: Option<usize>,
    /// The position after the last item.
    end: usize,
    /// The item before `end`, of this part or of the one before it.
    last: Option<&'a mut T>,
}

impl<'a, T, F> Folder<&'a mut T> for StretchFolder<'_, 'a, T, F>
where
    F: Fn(&T, &T) -> T,
{
    type Result = Vec<usize>;

    #[inline]
    fn consume(self, item: &'a mut T) -> Self {
        self.consume_iter([item])
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = &'a mut T>>(mut self, iter: I) -> Self {
        let mut iter = iter.into_iter();
        if self.last.is_none() {
            self.last = iter.next();
            self.end += usize::from(self.last.is_some());
        }
        let Some(last) = self.last.take() else {
            return self;
        };
        let (op, mut end) = (self.op, self.end);
        let last = iter.fold(last, |last, item| {
            *item = op(last, item);
            end += 1;
            item
        });
        Self { end, last: Some(last), ..self }
    }

    #[inline]
    fn complete(self) -> Vec<usize> {
        let Self { board, begins_at, end, last, .. } = self;
        match last {
            Some(last) => board.pin(end, last),
            None => return Vec::new(),
        }
        begins_at.into_iter().collect()
    }

    #[inline]
    fn full(&self) -> bool {
        false
    }
}

/// Appends the beginnings of the later part to those of the earlier one.
struct AppendStarts;

impl Reducer<Vec<usize>> for AppendStarts {
    #[inline]
    fn reduce(self, mut left: Vec<usize>, mut right: Vec<usize>) -> Vec<usize> {
        left.append(&mut right);
        left
    }
}
