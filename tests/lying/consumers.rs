//! Implementations that misuse the consumers, folders, producers and results that they are given.

use crate::tally::{Tally, Token};
use crate::{in_pools, let_it_panic, message};
use paceline::iter::plumbing::{Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer};
use paceline::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a token is made by.
type Make<'m> = &'m dyn Fn() -> Token;

/// An iterator of [`LEN`] tokens that does with its consumer what `misuse` says.
struct Misuse<'t, M> {
    tally: &'t Tally,
    misuse: M,
}

const LEN: usize = 10;

/// Does something with a consumer for [`LEN`] items.
trait Misuses: Send {
    fn misuse<C: Consumer<Token>>(self, consumer: C, make: Make<'_>) -> C::Result;
}

impl<M: Misuses> ParallelIterator for Misuse<'_, M> {
    type Item = Token;

    fn drive_unindexed<C: UnindexedConsumer<Token>>(self, consumer: C) -> C::Result {
        self.drive(consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(LEN)
    }
}

impl<M: Misuses> IndexedParallelIterator for Misuse<'_, M> {
    fn len(&self) -> usize {
        LEN
    }

    fn drive<C: Consumer<Token>>(self, consumer: C) -> C::Result {
        self.misuse.misuse(consumer, &|| self.tally.token())
    }

    fn with_producer<CB: ProducerCallback<Token>>(self, _: CB) -> CB::Output {
        unreachable!("it is driven");
    }
}

fn fill<F: Folder<Token>>(folder: F, items: usize, make: Make<'_>) -> F {
    folder.consume_iter((0..items).map(|_| make()))
}

/// A part that runs: its first `done` items of those before `index` are taken when it is split there. Then the folder
/// takes `left` more, and the right half `right`.
#[derive(Clone, Copy, Debug)]
struct SplitRunning {
    done: usize,
    index: usize,
    left: usize,
    right: usize,
    then: Then,
}

/// What comes after the split.
#[derive(Clone, Copy, Debug)]
enum Then {
    Reduce,
    /// The results are combined in the wrong order.
    Cross,
    /// The folder takes the right half's items.
    Rejoin,
    /// The right half is split, and the folder takes the items behind that.
    RejoinBehind,
    /// The folder takes over its own tail.
    RejoinTail,
    /// The tail is made a folder too, and its result stands for the right half.
    RunTail,
    /// The right half, as a tail, splits the folder.
    SplitByRight,
    /// It is split, joined, and split again, at this index.
    Again(usize),
}

impl Misuses for SplitRunning {
    fn misuse<C: Consumer<Token>>(self, tail: C, make: Make<'_>) -> C::Result {
        let SplitRunning { done, index, left, right, then } = self;
        let folder = fill(tail.split_off_front().into_folder(), done, make);
        let (folder, tail, other, reducer) = tail.split_running(folder, index);
        let folder = fill(folder, left, make);
        match then {
            Then::Reduce => reducer.reduce(folder.complete(), fill(other.into_folder(), right, make).complete()),
            Then::Cross => reducer.reduce(fill(other.into_folder(), right, make).complete(), folder.complete()),
            Then::Rejoin => fill(other.rejoin(folder).0, right, make).complete(),
            Then::RejoinBehind => {
                let (_, behind, _) = other.split_at(1);
                fill(behind.rejoin(folder).0, right, make).complete()
            }
            Then::RejoinTail => fill(tail.rejoin(folder).0, right, make).complete(),
            Then::RunTail => reducer.reduce(folder.complete(), fill(tail.into_folder(), right, make).complete()),
            Then::SplitByRight => {
                let (folder, _, other, reducer) = other.split_running(folder, index);
                reducer.reduce(folder.complete(), fill(other.into_folder(), right, make).complete())
            }
            Then::Again(index) => {
                let (folder, tail) = other.rejoin(folder);
                let (folder, _, other, reducer) = tail.split_running(folder, index);
                reducer.reduce(folder.complete(), fill(other.into_folder(), right, make).complete())
            }
        }
    }
}

const THENS: [Then; 11] = [
    Then::Reduce,
    Then::Cross,
    Then::Rejoin,
    Then::RejoinBehind,
    Then::RejoinTail,
    Then::RunTail,
    Then::SplitByRight,
    Then::Again(0),
    Then::Again(1),
    Then::Again(6),
    Then::Again(usize::MAX),
];

/// How many items a vector has that was collected by such a misuse, if it could be, and the tokens are settled.
#[track_caller]
fn collected(misuse: impl Misuses + Copy) -> Option<usize> {
    let tally = Tally::default();
    let extend = |vec: &mut Vec<Token>| vec.par_extend(Misuse { tally: &tally, misuse });
    let mut vec = vec![tally.token()];
    let len = let_it_panic(|| extend(&mut vec)).map(|()| vec.len() - 1);
    assert!(len.is_some() || vec.len() == 1, "the vector is as it was before");
    drop(vec);
    // Through the stages that pass a split on.
    let pairs = Misuse { tally: &tally, misuse }.map(|token| (token, tally.token()));
    let _ = let_it_panic(|| pairs.unzip_into_vecs(&mut Vec::new(), &mut Vec::new()));
    tally.assert_all_dropped();
    len
}

#[test]
fn parts_that_are_split_while_they_run() {
    for done in [0, 3, LEN] {
        for index in [0, 2, 3, 4, LEN, LEN + 1, usize::MAX] {
            for (left, right) in [(0, 0), (1, 6), (1, 7), (3, 4), (4, LEN), (0, LEN)] {
                for then in THENS {
                    let misuse = SplitRunning { done, index, left, right, then };
                    assert!(collected(misuse).is_none_or(|len| len == LEN), "{misuse:?}");
                }
            }
        }
    }
}

#[test]
fn a_split_that_is_right_is_no_misuse() {
    let split = SplitRunning { done: 3, index: 4, left: 1, right: 6, then: Then::Reduce };
    assert_eq!(collected(split), Some(LEN));
    assert_eq!(collected(SplitRunning { then: Then::Rejoin, ..split }), Some(LEN));
    let again = SplitRunning { done: 3, index: 5, left: 2, right: 5, then: Then::Again(0) };
    assert_eq!(collected(again), Some(LEN));
}

/// What is to be said of a part that gave too much.
#[test]
fn the_panic_names_the_lengths() {
    let message = |misuse: SplitRunning| {
        let tally = Tally::default();
        let collect = || Misuse { tally: &tally, misuse }.collect::<Vec<_>>();
        message(&*catch_unwind(AssertUnwindSafe(collect)).unwrap_err()).to_owned()
    };
    let split = SplitRunning { done: 3, index: 2, left: 0, right: 0, then: Then::Reduce };
    assert_eq!(message(split), "a part of 10 items of a parallel iterator was split at 2 when it had produced 3 items");
    let split = SplitRunning { index: 4, left: 2, ..split };
    assert_eq!(message(split), "a part of 4 items of a parallel iterator produced at least 5 items");
    let split = SplitRunning { index: 4, left: 1, right: 5, ..split };
    assert_eq!(message(split), "a parallel iterator of 10 items produced 9 items");
}

/// A consumer that is split before it runs, at `index`, and of whose halves not both, or in the wrong order, are run.
#[derive(Clone, Copy, Debug)]
struct SplitAt {
    index: usize,
    left: usize,
    right: usize,
    halves: Halves,
}

#[derive(Clone, Copy, Debug)]
enum Halves {
    Both,
    Left,
    Right,
    Crossed,
}

impl Misuses for SplitAt {
    fn misuse<C: Consumer<Token>>(self, consumer: C, make: Make<'_>) -> C::Result {
        let (left, right, reducer) = consumer.split_at(self.index);
        let left = fill(left.into_folder(), self.left, make).complete();
        let right = fill(right.into_folder(), self.right, make).complete();
        match self.halves {
            Halves::Both => reducer.reduce(left, right),
            Halves::Left => left,
            Halves::Right => right,
            Halves::Crossed => reducer.reduce(right, left),
        }
    }
}

#[test]
fn parts_that_are_split_before_they_run() {
    for index in [0, 1, 5, LEN, LEN + 1] {
        for (left, right) in [(0, 0), (5, 5), (6, 4), (LEN, 0), (0, LEN), (1, 9)] {
            for halves in [Halves::Both, Halves::Left, Halves::Right, Halves::Crossed] {
                let misuse = SplitAt { index, left, right, halves };
                assert!(collected(misuse).is_none_or(|len| len == LEN), "{misuse:?}");
            }
        }
    }
}

/// Items without a size all lie at the same address, so neighbours are not told apart by theirs.
#[test]
fn items_without_a_size() {
    struct Unsized(SplitAt);

    impl ParallelIterator for Unsized {
        type Item = ();

        fn drive_unindexed<C: UnindexedConsumer<()>>(self, consumer: C) -> C::Result {
            let SplitAt { index, left, right, halves } = self.0;
            let (first, second, reducer) = consumer.split_at(index);
            let first = first.into_folder().consume_iter(std::iter::repeat_n((), left)).complete();
            let second = second.into_folder().consume_iter(std::iter::repeat_n((), right)).complete();
            if let Halves::Crossed = halves { reducer.reduce(second, first) } else { reducer.reduce(first, second) }
        }

        fn opt_len(&self) -> Option<usize> {
            Some(LEN)
        }
    }

    for halves in [Halves::Both, Halves::Crossed] {
        for (index, left, right) in [(5, 5, 5), (5, 4, 5), (5, 6, 4), (2, 2, 9), (0, 0, LEN)] {
            let len = let_it_panic(|| Unsized(SplitAt { index, left, right, halves }).collect::<Vec<_>>().len());
            assert!(len.is_none_or(|len| len == LEN));
        }
    }
}

/// What a callback or a consumer does with a producer that owns items.
#[derive(Clone, Copy, Debug)]
enum Waste {
    DropIt,
    DropHalves,
    SplitTooFar,
    TakeFromBothEnds,
    TakeAndSplit,
}

struct Wasteful(Waste);

impl ProducerCallback<Token> for Wasteful {
    type Output = ();

    fn callback<P: Producer<Item = Token>>(self, producer: P) {
        match self.0 {
            Waste::DropIt => drop(producer),
            Waste::DropHalves => {
                let (left, right) = producer.split_at(3);
                drop(right);
                let (left, right) = left.split_at(3);
                drop((left, right.into_iter()));
            }
            Waste::SplitTooFar => drop(producer.split_at(usize::MAX)),
            Waste::TakeFromBothEnds => {
                let mut iter = producer.into_iter();
                drop((iter.next(), iter.next_back(), iter.nth(1), iter.nth_back(1)));
            }
            Waste::TakeAndSplit => {
                let (left, right) = producer.split_at(4);
                let mut iter = right.into_iter();
                drop((left, iter.next()));
                assert!(iter.len() < LEN);
            }
        }
    }
}

const WASTES: [Waste; 5] =
    [Waste::DropIt, Waste::DropHalves, Waste::SplitTooFar, Waste::TakeFromBothEnds, Waste::TakeAndSplit];

#[test]
fn callbacks_that_waste_what_they_are_given() {
    for waste in WASTES {
        let tally = Tally::default();
        let tokens = || (0..LEN).map(|_| tally.token()).collect::<Vec<_>>();
        let _ = let_it_panic(|| tokens().into_par_iter().with_producer(Wasteful(waste)));
        let array: [Token; LEN] = tokens().try_into().unwrap();
        let _ = let_it_panic(|| array.into_par_iter().with_producer(Wasteful(waste)));
        let mut vec = tokens();
        let _ = let_it_panic(|| vec.par_drain(2..8).with_producer(Wasteful(waste)));
        assert_eq!(vec.len(), LEN - 6);
        let pairs = tokens().into_par_iter().zip(tokens()).map(|(token, _)| token);
        let _ = let_it_panic(|| pairs.chain(tokens()).rev().with_producer(Wasteful(waste)));
        drop(vec);
        assert_eq!(tally.assert_all_dropped(), 6 * LEN);
    }
}

/// Is full now and then, and takes what it likes of the iterators that it is given.
#[derive(Clone, Copy)]
struct Moody(usize);

impl Consumer<Token> for Moody {
    type Folder = Self;
    type Reducer = Self;
    type Result = ();

    fn split_at(self, index: usize) -> (Self, Self, Self) {
        (Moody(self.0 + index), Moody(self.0 / 2), self)
    }

    fn can_split_running(&self) -> bool {
        true
    }

    fn split_off_front(&self) -> Self {
        Moody(self.0 + 1)
    }

    fn into_folder(self) -> Self {
        self
    }

    fn full(&self) -> bool {
        self.0 % 7 == 6
    }
}

impl UnindexedConsumer<Token> for Moody {
    fn split_off_left(&self) -> Self {
        Moody(self.0 + 3)
    }

    fn to_reducer(&self) -> Self {
        *self
    }
}

impl Folder<Token> for Moody {
    type Result = ();

    fn consume(self, _: Token) -> Self {
        Moody(self.0 + 1)
    }

    fn consume_iter<I: IntoIterator<Item = Token>>(self, iter: I) -> Self {
        drop(iter.into_iter().take(self.0 % 4).collect::<Vec<_>>());
        Moody(self.0 + 1)
    }

    fn complete(self) {}

    fn full(&self) -> bool {
        self.0 % 5 == 4
    }
}

impl Reducer<()> for Moody {
    fn reduce(self, (): (), (): ()) {}
}

#[test]
fn a_consumer_that_takes_what_it_likes() {
    in_pools(|| {
        for mood in 0..12 {
            let tally = Tally::default();
            let tokens = || (0..100).map(|_| tally.token()).collect::<Vec<_>>();
            tokens().into_par_iter().drive(Moody(mood));
            tokens().into_par_iter().rev().chain(tokens()).drive(Moody(mood));
            tokens().into_par_iter().chunks(3).flat_map(|chunk| chunk).drive_unindexed(Moody(mood));
            tokens().into_iter().par_bridge().drive_unindexed(Moody(mood));
            let mut vec = tokens();
            vec.par_drain(10..90).drive(Moody(mood));
            assert_eq!(vec.len(), 20);
            drop(vec);
            assert_eq!(tally.assert_all_dropped(), 600);
        }
    });
}
