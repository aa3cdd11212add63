//! A program's own traits keep working beside the prelude, whatever their methods are called: the methods that rayon
//! does not have come from another prelude.

use paceline::prelude::*;

use program::*;

/// What a program that was written for rayon has of its own.
mod program {
    use paceline::prelude::*;

    /// The answer of each method here.
    pub(super) const OWN: &str = "the program's";

    pub(super) trait MoreOfIterators: ParallelIterator {
        const KNOWS_LEN: &'static str = OWN;

        fn collect_unordered(self) -> &'static str {
            OWN
        }
        fn inclusive_scan(self, _op: fn(u32, u32) -> u32) -> &'static str {
            OWN
        }
        fn exclusive_scan(self, _init: u32) -> &'static str {
            OWN
        }
        fn map_worker_init(self) -> &'static str {
            OWN
        }
        fn with_cancel(self, _flag: &bool) -> &'static str {
            OWN
        }
        fn with_progress(self, _bar: &bool) -> &'static str {
            OWN
        }
        fn deterministic(self) -> &'static str {
            OWN
        }
        fn into_seq_iter(self) -> &'static str {
            OWN
        }
        fn len_upper_bound(&self) -> &'static str {
            OWN
        }
    }

    impl<I: ParallelIterator> MoreOfIterators for I {}

    /// Has the name of one of this crate's traits.
    pub(super) trait ParallelMap: IntoParallelIterator {
        fn par_map(self, _f: fn(Self::Item) -> u32) -> &'static str
        where
            Self: Sized,
        {
            OWN
        }
        fn par_map_ordered(self) -> &'static str
        where
            Self: Sized,
        {
            OWN
        }
    }

    impl<I: IntoParallelIterator> ParallelMap for I {}

    pub(super) trait MoreOfSlices {
        fn par_is_sorted(&self) -> &'static str {
            OWN
        }
        fn par_inclusive_scan(&mut self) -> &'static str {
            OWN
        }
        fn par_select_nth_unstable(&mut self) -> &'static str {
            OWN
        }
        fn par_dedup(&mut self) -> &'static str {
            OWN
        }
    }

    impl<T> MoreOfSlices for [T] {}
}

#[test]
fn methods_of_iterators_are_the_programs() {
    fn numbers() -> impl IndexedParallelIterator<Item = u32> {
        (0..10_u32).into_par_iter()
    }

    fn constant<I: ParallelIterator>(_: I) -> &'static str {
        I::KNOWS_LEN
    }

    assert_eq!(numbers().collect_unordered(), OWN);
    assert_eq!(numbers().inclusive_scan(|a, b| a + b), OWN);
    assert_eq!(numbers().exclusive_scan(0), OWN);
    assert_eq!(numbers().map_worker_init(), OWN);
    assert_eq!(numbers().with_cancel(&false), OWN);
    assert_eq!(numbers().with_progress(&false), OWN);
    assert_eq!(numbers().deterministic(), OWN);
    assert_eq!(numbers().into_seq_iter(), OWN);
    assert_eq!(numbers().len_upper_bound(), OWN);
    assert_eq!(constant(numbers()), OWN);
}

#[test]
fn a_trait_from_a_glob_import_is_the_programs() {
    fn lengths(words: impl ParallelMap<Item = &'static str>) -> &'static str {
        words.par_map(|word| word.len() as u32)
    }

    assert_eq!(lengths(vec!["row", "riders"]), OWN);
    assert_eq!((0..9_u32).par_map_ordered(), OWN);
}

#[test]
fn methods_of_slices_and_vectors_are_the_programs() {
    let mut numbers = vec![3, 1, 2];
    assert_eq!(numbers.par_is_sorted(), OWN);
    assert_eq!(numbers.par_inclusive_scan(), OWN);
    assert_eq!(numbers.par_select_nth_unstable(), OWN);
    assert_eq!(numbers.par_dedup(), OWN);
    // The prelude's own methods are there all the same.
    numbers.par_sort();
    assert_eq!(numbers.par_iter().map(|n| n * 2).collect::<Vec<_>>(), [2, 4, 6]);
}

/// `par_iter` asks for a trait of this crate's own, so that the compiler's message is a good one. Programs do not notice: the
/// trait is there for each type that rayon's bound allows, and the iterators are the same types.
#[test]
fn par_iter_is_there_for_every_type_that_rayon_has_it_for() {
    fn sum<'data, C: ?Sized>(numbers: &'data C) -> u32
    where
        &'data C: IntoParallelIterator<Item = &'data u32>,
    {
        let by_name: <&'data C as IntoParallelIterator>::Iter = numbers.par_iter();
        by_name.sum()
    }

    fn add_one<C>(numbers: &mut C)
    where
        for<'data> &'data mut C: IntoParallelIterator<Item = &'data mut u32>,
    {
        numbers.par_iter_mut().for_each(|n| *n += 1);
    }

    /// Implements the traits themselves, which is allowed because references to it are not `IntoParallelIterator`.
    struct Countdown(u32);

    impl<'data> IntoParallelRefIterator<'data> for Countdown {
        type Iter = paceline::range::Iter<u32>;
        type Item = u32;

        fn par_iter(&'data self) -> Self::Iter {
            (0..self.0).into_par_iter()
        }
    }

    let mut numbers = vec![1, 2, 3];
    add_one(&mut numbers);
    assert_eq!((sum(&numbers), sum(&numbers[1..])), (9, 7));
    assert_eq!(Countdown(4).par_iter().sum::<u32>(), 6);
}

/// Some adaptors have hidden methods, for the compiler's messages. Iterators that know their positions do as before.
#[test]
fn positions_are_counted_wherever_they_are_known() {
    let of_range = (5..8).into_par_iter().enumerate().map(|(i, n)| i as i32 * n);
    assert_eq!(of_range.collect::<Vec<_>>(), [0, 6, 14]);
    let of_inclusive = (5..=7_u8).into_par_iter().enumerate().map(|(i, n)| (n, i));
    assert_eq!(of_inclusive.collect::<Vec<_>>(), [(5, 0), (6, 1), (7, 2)]);
}
