//! Producers and iterators that give other items than they say.

use crate::sharing::{LEN, assert_that_it_is_split};
use crate::tally::{Tally, Token};
use crate::{Busy, in_pools, let_it_panic};
use paceline::extra::prelude::*;
use paceline::iter::plumbing::{
    Consumer, Folder, Producer, ProducerCallback, Reducer, UnindexedConsumer, UnindexedProducer, bridge,
    bridge_unindexed,
};
use paceline::prelude::*;
use std::collections::{BTreeSet, LinkedList};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What an iterator calls for each item that is not watched.
const QUIET: fn(usize) = |_| ();

/// An iterator whose parts give `items` tokens for every ten that they should have.
#[derive(Clone, Copy)]
struct Lies<'t, V> {
    tally: &'t Tally,
    visit: V,
    from: usize,
    to: usize,
    items: usize,
    /// So many of the first give one token more.
    more: usize,
    /// The length that the whole says it has.
    len: usize,
    split: Split,
}

/// How a part is split.
#[derive(Clone, Copy, Debug)]
enum Split {
    /// As asked.
    Right,
    /// Everything goes to the left.
    AllLeft,
    /// Both parts are the whole.
    Twice,
    /// The parts are exchanged.
    Crossed,
}

impl<'t, V: Fn(usize) + Sync + Copy> Lies<'t, V> {
    fn new(tally: &'t Tally, len: usize, items: usize, visit: V) -> Self {
        Lies { tally, visit, from: 0, to: len, items, more: 0, len, split: Split::Right }
    }
}

impl<V: Fn(usize) + Send + Copy> Producer for Lies<'_, V> {
    type Item = Token;
    type IntoIter = std::vec::IntoIter<Token>;

    fn into_iter(self) -> Self::IntoIter {
        (self.from..self.to).for_each(self.visit);
        let more = self.to.min(self.more) - self.from.min(self.more);
        let items = (self.to - self.from) * self.items / 10 + more;
        (0..items).map(|_| self.tally.token()).collect::<Vec<_>>().into_iter()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let middle = self.to.min(self.from + index);
        let (left, right) = match self.split {
            Split::Right => ((self.from, middle), (middle, self.to)),
            Split::AllLeft => ((self.from, self.to), (self.to, self.to)),
            Split::Twice => ((self.from, self.to), (self.from, self.to)),
            Split::Crossed => ((middle, self.to), (self.from, middle)),
        };
        let part = |(from, to)| Self { from, to, ..self };
        (part(left), part(right))
    }
}

impl<V: Fn(usize) + Sync + Send + Copy> ParallelIterator for Lies<'_, V> {
    type Item = Token;

    fn drive_unindexed<C: UnindexedConsumer<Token>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.len)
    }
}

impl<V: Fn(usize) + Sync + Send + Copy> IndexedParallelIterator for Lies<'_, V> {
    fn len(&self) -> usize {
        self.len
    }

    fn drive<C: Consumer<Token>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<Token>>(self, callback: CB) -> CB::Output {
        callback.callback(self)
    }
}

/// What can be made of an iterator of known length.
type Use = fn(Lies<'_, fn(usize)>);

const USES: &[Use] = &[
    |lies| drop(lies.collect::<Vec<_>>()),
    |lies| lies.collect_into_vec(&mut Vec::new()),
    |lies| {
        let token = lies.tally.token();
        let mut vec = vec![token];
        let _ = let_it_panic(|| vec.par_extend(lies));
        assert!(!vec.is_empty(), "the vector keeps what it had");
    },
    |lies| {
        let tally = lies.tally;
        lies.map(|token| (token, tally.token())).unzip_into_vecs(&mut Vec::new(), &mut Vec::new());
    },
    |lies| drop(lies.map(|token| (token, 1)).unzip::<_, _, Vec<_>, Vec<_>>()),
    |lies| drop(lies.collect::<LinkedList<_>>()),
    |lies| drop(lies.map(|_| 1).collect::<BTreeSet<_>>()),
    |lies| drop(lies.filter(|_| true).collect::<Vec<_>>()),
    |lies| drop(lies.rev().collect::<Vec<_>>()),
    |lies| drop(lies.zip(lies).collect::<Vec<_>>()),
    |lies| drop(lies.chain(lies).collect::<Vec<_>>()),
    |lies| drop(lies.interleave(lies).collect::<Vec<_>>()),
    |lies| drop(lies.chunks(7).collect::<Vec<_>>()),
    |lies| drop(lies.fold_chunks(5, || 0, |sum, _| sum + 1).collect::<Vec<_>>()),
    |lies| {
        drop(
            lies.fold(Vec::new, |mut all, token| {
                all.push(token);
                all
            })
            .collect::<Vec<_>>(),
        )
    },
    |lies| drop(lies.deterministic().collect::<Vec<_>>()),
    |lies| drop(lies.with_max_len(1).collect::<Vec<_>>()),
    |lies| drop(lies.by_exponential_blocks().collect::<Vec<_>>()),
    |lies| _ = lies.position_last(|_| false),
];

#[test]
fn a_producer_whose_parts_are_too_long_or_too_short() {
    in_pools(|| {
        for items in [0, 5, 9, 11, 20] {
            for &make_use in USES {
                let tally = Tally::default();
                let _ = let_it_panic(|| make_use(Lies::new(&tally, 300, items, QUIET)));
                tally.assert_all_dropped();
            }
        }
    });
}

#[test]
fn a_producer_that_splits_elsewhere() {
    in_pools(|| {
        for split in [Split::AllLeft, Split::Twice, Split::Crossed] {
            for &make_use in USES {
                let tally = Tally::default();
                let lies = Lies { split, ..Lies::new(&tally, 40, 10, QUIET) };
                let _ = let_it_panic(|| make_use(lies));
                tally.assert_all_dropped();
            }
        }
    });
}

#[test]
fn a_length_that_is_wrong() {
    in_pools(|| {
        for len in [0, 1, 299, 301, 600] {
            for &make_use in USES {
                let tally = Tally::default();
                let _ = let_it_panic(|| make_use(Lies { len, ..Lies::new(&tally, 300, 10, QUIET) }));
                tally.assert_all_dropped();
            }
        }
        let tally = Tally::default();
        let lies = Lies { len: usize::MAX, ..Lies::new(&tally, 300, 10, QUIET) };
        assert!(let_it_panic(|| lies.collect::<Vec<_>>()).is_none());
        assert_eq!(tally.assert_all_dropped(), 0);
    });
}

/// A part that is split while it runs gives up slots that it may have filled already.
#[test]
fn a_part_that_is_too_long_and_split_while_it_runs() {
    for (items, more) in [(20, 0), (10, 1), (10, 8), (10, LEN / 4)] {
        assert_that_it_is_split(|watcher| {
            let tally = Tally::default();
            let visit = |number| watcher.visit(number);
            let lies = Lies { more, ..Lies::new(&tally, LEN, items, &visit) };
            assert!(let_it_panic(|| lies.collect::<Vec<_>>()).is_none());
            tally.assert_all_dropped();
        });
    }
}

/// The same with lengths that are right on the whole, and items that come out of an honest adaptor.
#[test]
fn a_stage_that_gives_two_items_for_each_and_is_split_while_it_runs() {
    struct Twice<'t, I>(I, &'t Tally);

    impl<I: ParallelIterator<Item = usize>> ParallelIterator for Twice<'_, I> {
        type Item = Token;

        fn drive_unindexed<C: UnindexedConsumer<Token>>(self, consumer: C) -> C::Result {
            let Twice(base, tally) = self;
            base.flat_map_iter(|_| [tally.token(), tally.token()]).drive_unindexed(consumer)
        }

        fn opt_len(&self) -> Option<usize> {
            self.0.opt_len().map(|len| 2 * len)
        }
    }

    assert_that_it_is_split(|watcher| {
        let (tally, busy) = (Tally::default(), Busy::default());
        let visit = |&number: &usize| {
            if number == 8 {
                busy.is_freed.open();
            }
            watcher.visit(number);
        };
        let base = (0..200).into_par_iter().inspect(visit);
        let _ = busy.beside(|| let_it_panic(|| Twice(base, &tally).collect::<Vec<_>>()));
        tally.assert_all_dropped();
    });
}

/// A sequential iterator of tokens that says what it likes of how many they are.
struct Hints<'t> {
    tally: &'t Tally,
    left: usize,
    hint: (usize, Option<usize>),
}

impl Iterator for Hints<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.left = self.left.checked_sub(1)?;
        Some(self.tally.token())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.hint
    }
}

/// What no iterator may say of itself.
const HINTS: &[(usize, Option<usize>)] =
    &[(0, Some(0)), (1, Some(1)), (50, Some(50)), (5, Some(2)), (usize::MAX, Some(3)), (3, None), (101, Some(101))];

#[test]
fn iterators_that_hint_at_wrong_lengths() {
    in_pools(|| {
        for &hint in HINTS {
            let tally = Tally::default();
            let hints = |left| Hints { tally: &tally, left, hint };
            let items = (0..20).into_par_iter().flat_map_iter(|_| hints(100));
            assert_eq!(items.collect::<Vec<_>>().len(), 2000);
            let items = (0..20).into_par_iter().flat_map_iter(|_| hints(100)).filter(|_| true);
            assert_eq!(items.collect::<LinkedList<_>>().len(), 2000);
            assert_eq!(hints(100).par_bridge().collect::<Vec<_>>().len(), 100);
            assert_eq!(tally.assert_all_dropped(), 4100);
        }
    });
}

/// An iterator that asks for more memory than there is, after a folder has taken some items.
#[test]
fn an_iterator_that_is_far_too_long() {
    struct TwoRuns<'t>(&'t Tally);

    impl UnindexedProducer for TwoRuns<'_> {
        type Item = Token;

        fn split(self) -> (Self, Option<Self>) {
            (self, None)
        }

        fn fold_with<F: Folder<Token>>(self, folder: F) -> F {
            let folder = folder.consume_iter((0..100).map(|_| self.0.token()));
            let hint = usize::MAX / 4;
            folder.consume_iter(Hints { tally: self.0, left: 0, hint: (hint, Some(hint)) })
        }
    }

    impl ParallelIterator for TwoRuns<'_> {
        type Item = Token;

        fn drive_unindexed<C: UnindexedConsumer<Token>>(self, consumer: C) -> C::Result {
            bridge_unindexed(self, consumer)
        }
    }

    let tally = Tally::default();
    let payload = catch_unwind(AssertUnwindSafe(|| TwoRuns(&tally).collect::<Vec<_>>())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"capacity overflow"));
    assert_eq!(tally.assert_all_dropped(), 100);
    // The next part has a segment of its own.
    let tally = Tally::default();
    assert!(let_it_panic(|| TwoRuns(&tally).chain(TwoRuns(&tally)).collect::<Vec<_>>()).is_none());
    tally.assert_all_dropped();
}

/// An iterator of unknown length that says one, splits as it likes, and gives items more than once.
#[derive(Clone, Copy)]
struct Unruly<'t> {
    tally: &'t Tally,
    items: usize,
    splits: usize,
    len: Option<usize>,
}

impl UnindexedProducer for Unruly<'_> {
    type Item = Token;

    fn split(self) -> (Self, Option<Self>) {
        match self.splits.checked_sub(1) {
            Some(splits) => (Self { splits, ..self }, Some(Self { splits, ..self })),
            None => (self, None),
        }
    }

    fn fold_with<F: Folder<Token>>(self, folder: F) -> F {
        folder.consume_iter((0..self.items).map(|_| self.tally.token()))
    }

    fn fold_some<F: Folder<Token>>(self, len: usize, folder: F) -> (F, Option<Self>) {
        let items = self.items.checked_sub(1);
        let folder = folder.consume_iter((0..2 * len).map(|_| self.tally.token()));
        (folder, items.map(|items| Self { items, ..self }))
    }
}

impl ParallelIterator for Unruly<'_> {
    type Item = Token;

    fn drive_unindexed<C: UnindexedConsumer<Token>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        self.len
    }
}

#[test]
fn an_iterator_of_unknown_length() {
    in_pools(|| {
        for (splits, len) in [(0, None), (3, None), (0, Some(2)), (3, Some(1000)), (0, Some(1 << 20))] {
            let tally = Tally::default();
            let unruly = Unruly { tally: &tally, items: 4, splits, len };
            let _ = let_it_panic(|| unruly.collect::<Vec<_>>());
            let _ = let_it_panic(|| unruly.map(|token| (token, 1)).unzip::<_, _, Vec<_>, LinkedList<_>>());
            let _ = let_it_panic(|| unruly.filter(|_| true).collect::<Box<[_]>>());
            tally.assert_all_dropped();
        }
    });
}

/// The bytes of a character are all there or none.
#[test]
fn an_iterator_of_characters_that_hides_a_panic() {
    struct Hides;

    impl UnindexedProducer for Hides {
        type Item = char;

        fn split(self) -> (Self, Option<Self>) {
            (self, None)
        }

        fn fold_with<F: Folder<char>>(self, folder: F) -> F {
            folder.consume_iter((0..40).map(|n| if n < 20 { 'ü' } else { resume_unwind(Box::new("not seen")) }))
        }
    }

    impl ParallelIterator for Hides {
        type Item = char;

        fn drive_unindexed<C: UnindexedConsumer<char>>(self, consumer: C) -> C::Result {
            let first = consumer.split_off_left();
            let reducer = consumer.to_reducer();
            let first = let_it_panic(|| bridge_unindexed(Hides, first));
            let second = consumer.into_folder().consume_iter(['ß', '!']).complete();
            match first {
                Some(first) => reducer.reduce(first, second),
                None => second,
            }
        }
    }

    let mut text = String::from("ö");
    text.par_extend(Hides);
    assert_eq!(text, "öß!");
}
