//! Laws of producers: wherever a producer is split, and from whichever end its parts are taken, the items are
//! those of the sequential iterator.

use std::fmt::Debug;
use std::sync::Arc;

use paceline::iter::plumbing::{Folder, Producer, ProducerCallback};
use paceline::prelude::*;

/// How the items of a part are taken.
#[derive(Clone, Copy, Debug)]
enum Way {
    Forward,
    Backward,
    BothEnds,
    Folded,
    Counted,
}

const WAYS: [Way; 5] = [Way::Forward, Way::Backward, Way::BothEnds, Way::Folded, Way::Counted];

/// Keeps the items that it is given.
struct Keep<T>(Vec<T>);

impl<T> Folder<T> for Keep<T> {
    type Result = Vec<T>;

    fn consume(mut self, item: T) -> Self {
        self.0.push(item);
        self
    }

    fn complete(self) -> Vec<T> {
        self.0
    }

    fn full(&self) -> bool {
        false
    }
}

/// Takes the items of a part that should have `len`, and puts them in order.
fn take<P: Producer>(part: P, len: usize, way: Way) -> Vec<P::Item> {
    if let Way::Folded = way {
        return part.fold_with(Keep(Vec::new())).complete();
    }
    let mut iter = part.into_iter();
    assert_eq!(iter.len(), len);
    let mut front = Vec::new();
    let mut back = Vec::new();
    match way {
        Way::Forward | Way::Folded => front.extend(iter),
        Way::Backward => back.extend(iter.rev()),
        Way::BothEnds => {
            while let Some(item) = iter.next() {
                front.push(item);
                back.extend(iter.next_back());
                assert_eq!(iter.size_hint(), (iter.len(), Some(iter.len())));
                assert_eq!(iter.len(), len - front.len() - back.len());
            }
            assert!(iter.next_back().is_none());
        }
        Way::Counted => {
            while iter.len() > 0 {
                front.extend(iter.next());
            }
            assert!(iter.next().is_none());
        }
    }
    front.extend(back.into_iter().rev());
    front
}

/// Splits a producer of `len` items twice, so that the middle part is `from .. to`.
struct Triple {
    from: usize,
    to: usize,
    len: usize,
    way: Way,
}

impl<T> ProducerCallback<T> for Triple {
    type Output = Vec<T>;

    fn callback<P: Producer<Item = T>>(self, producer: P) -> Vec<T> {
        let Self { from, to, len, way } = self;
        let (left, right) = producer.split_at(to);
        let (left, middle) = left.split_at(from);
        // The last part is taken first, as another thread might.
        let right = take(right, len - to, way);
        let mut items = take(left, from, way);
        items.extend(take(middle, to - from, way));
        items.extend(right);
        items
    }
}

/// Checks the iterators that `source` makes against the items expected.
pub(crate) fn check<I, E>(mut source: impl FnMut() -> I, expected: impl IntoIterator<Item = E>)
where
    I: IndexedParallelIterator<Item: PartialEq<E> + Debug>,
    E: Debug,
{
    let expected: Vec<E> = expected.into_iter().collect();
    let len = expected.len();
    assert_eq!(source().len(), len);
    assert_eq!(source().opt_len(), Some(len));
    for to in 0..=len {
        for from in 0..=to {
            for way in WAYS {
                let triple = Triple { from, to, len, way };
                let items = source().with_producer(triple);
                assert_eq!(items, expected, "{way:?}, middle {from}..{to}");
            }
        }
    }
    assert_eq!(source().collect::<Vec<_>>(), expected);
    let mut target = Vec::new();
    source().collect_into_vec(&mut target);
    assert_eq!(target, expected);
}

/// Checks what `make` makes of ranges of several lengths, none included.
pub(crate) fn check_lengths<I, E, J>(make: impl Fn(usize) -> I, expected: impl Fn(usize) -> J)
where
    I: IndexedParallelIterator<Item: PartialEq<E> + Debug>,
    J: Iterator<Item = E>,
    E: Debug,
{
    for len in [0, 1, 2, 5, 10] {
        check(|| make(len), expected(len));
    }
}

#[test]
fn slices() {
    let items: Vec<String> = (0..9).map(|n| n.to_string()).collect();
    for len in [0, 1, 9] {
        check(|| items[..len].par_iter(), &items[..len]);
    }
    let boxed = items.clone().into_boxed_slice();
    check(|| boxed.par_iter(), &items);
}

#[test]
fn mutable_slices() {
    let mut copies = (0..1000).flat_map(|_| 0..6).collect::<Vec<_>>();
    let mut copies = copies.chunks_exact_mut(6);
    check(|| copies.next().unwrap().par_iter_mut(), &[0, 1, 2, 3, 4, 5]);
}

#[test]
fn vectors_by_value() {
    let item = |n: usize| Arc::new(n);
    check_lengths(|len| (0..len).map(item).collect::<Vec<_>>().into_par_iter(), |len| (0..len).map(item));
    check_lengths(|len| vec![(); len].into_boxed_slice().into_par_iter(), |len| (0..len).map(|_| ()));
}

#[test]
fn ranges() {
    check_lengths(|len| (0..len).into_par_iter(), |len| 0..len);
    check(|| (-3..4_i32).into_par_iter(), -3..4);
    check(|| (250..255_u8).into_par_iter(), 250..255);
    check(|| (-128..-120_i8).into_par_iter(), -128..-120);
    let (start, end) = (7, 3_u16);
    check(|| (start..end).into_par_iter(), start..end);
    check(|| (isize::MAX - 4..isize::MAX).into_par_iter(), isize::MAX - 4..isize::MAX);
}

#[test]
fn map() {
    check_lengths(|len| (0..len).into_par_iter().map(|n| n.to_string()), |len| (0..len).map(|n| n.to_string()));
}

#[test]
fn enumerate() {
    check_lengths(|len| (10..10 + len).into_par_iter().enumerate(), |len| (10..10 + len).enumerate());
}

#[test]
fn zip() {
    for (a, b) in [(0, 3), (3, 0), (4, 7), (7, 4), (5, 5)] {
        check(|| (0..a).into_par_iter().zip(vec!['x'; b]), (0..a).zip(vec!['x'; b]));
    }
}

#[test]
fn chunks() {
    for size in [1, 2, 3, 5, 100, usize::MAX] {
        check_lengths(
            |len| (0..len).into_par_iter().chunks(size),
            |len| {
                let items: Vec<usize> = (0..len).collect();
                let chunks: Vec<_> = items.chunks(size).map(<[_]>::to_vec).collect();
                chunks.into_iter()
            },
        );
    }
}

#[test]
fn bounds_of_length() {
    check_lengths(|len| (0..len).into_par_iter().with_min_len(3).with_max_len(2), |len| 0..len);
}

#[test]
fn a_chain_of_adaptors() {
    check_lengths(
        |len| {
            let numbers: Vec<usize> = (0..len).collect();
            let pairs = numbers.into_par_iter().enumerate().map(|(i, n)| i + n);
            pairs.zip((0..len).into_par_iter().map(|n| n * n)).chunks(2)
        },
        |len| {
            let pairs: Vec<_> = (0..len).map(|n| (2 * n, n * n)).collect();
            let chunks: Vec<_> = pairs.chunks(2).map(<[_]>::to_vec).collect();
            chunks.into_iter()
        },
    );
}
