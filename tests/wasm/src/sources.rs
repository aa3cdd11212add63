//! What parallel iterators begin with.

use crate::exported;
use paceline::iter;
use paceline::prelude::*;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

const MANY: usize = 3000;

/// The items of a collection by reference, by mutable reference, and by value are so many.
macro_rules! each_way {
    ($collection:expr) => {{
        let mut collection = $collection;
        assert_eq!(collection.par_iter().count(), MANY);
        assert_eq!(collection.par_iter_mut().count(), MANY);
        assert_eq!(collection.into_par_iter().count(), MANY);
    }};
}

/// Likewise for those whose items cannot be changed in place; and the collection can be emptied.
macro_rules! each_way_drained {
    ($collection:expr) => {{
        let mut collection = $collection;
        assert_eq!(collection.par_iter().count(), MANY);
        assert_eq!(collection.clone().into_par_iter().count(), MANY);
        assert_eq!(collection.par_drain().count(), MANY);
        assert!(collection.is_empty());
    }};
}

exported! {
    fn par_bridge() {
        assert_eq!((0..MANY).par_bridge().sum::<usize>(), MANY * (MANY - 1) / 2);
        let letters = "abc".repeat(1000);
        assert_eq!(letters.chars().par_bridge().filter(|&letter| letter == 'a').count(), 1000);
        assert_eq!(paceline::scope(|_| (0..100_u32).par_bridge().map(|n| n + 1).max()), Some(100));
        assert_eq!((0..MANY).par_bridge().find_any(|&n| n == 10), Some(10));
    }

    fn ranges() {
        assert_eq!((0..MANY).into_par_iter().count(), MANY);
        assert_eq!((1..=MANY as u64).into_par_iter().count(), MANY);
        assert_eq!((0..MANY as i128).into_par_iter().count(), MANY);
        assert_eq!(('a'..'z').into_par_iter().count(), 25);
        assert_eq!(('a'..='z').into_par_iter().count(), 26);
    }

    fn small_ones() {
        assert_eq!(iter::empty::<u32>().count() + iter::once(1).count(), 1);
        assert_eq!(iter::repeat(1).take(MANY).sum::<usize>(), MANY);
        assert_eq!(iter::repeat_n(1, MANY).sum::<usize>(), MANY);
        assert_eq!([1, 2, 3].into_par_iter().sum::<u32>(), 6);
        assert_eq!(Some(1).into_par_iter().sum::<u32>() + Ok::<u32, ()>(1).into_par_iter().sum::<u32>(), 2);
        let chosen: iter::Either<_, std::ops::Range<u32>> = iter::Either::Left([1_u32, 2]);
        assert_eq!(chosen.map_left(|left| left.into_par_iter()).map_right(|right| right.into_par_iter()).count(), 2);
        assert_eq!(([1, 2], [3, 4]).into_par_iter().map(|(a, b)| a * b).sum::<u32>(), 11);
    }

    fn trees() {
        let children = |&n: &usize| [2 * n + 1, 2 * n + 2].into_iter().filter(|&n| n < MANY);
        assert_eq!(iter::walk_tree(0, children).count(), MANY);
        assert_eq!(iter::walk_tree_prefix(0, children).collect::<Vec<_>>()[..3], [0, 1, 3]);
        assert_eq!(iter::walk_tree_postfix(0, children).collect::<Vec<_>>().last(), Some(&0));
        let halves = |range: std::ops::Range<usize>| {
            let middle = range.start + range.len() / 2;
            if range.len() < 2 { (range, None) } else { (range.start..middle, Some(middle..range.end)) }
        };
        assert_eq!(iter::split(0..MANY, halves).map(|range| range.len()).sum::<usize>(), MANY);
    }

    fn collections() {
        each_way!((0..MANY).collect::<Vec<_>>());
        each_way!((0..MANY).collect::<VecDeque<_>>());
        each_way!((0..MANY).collect::<LinkedList<_>>());
        each_way!((0..MANY).map(|n| (n, n)).collect::<BTreeMap<_, _>>());
        each_way!((0..MANY).map(|n| (n, n)).collect::<HashMap<_, _>>());
        each_way_drained!((0..MANY).collect::<BinaryHeap<_>>());
        each_way_drained!((0..MANY).collect::<HashSet<_>>());
        assert_eq!((0..MANY).collect::<BTreeSet<_>>().into_par_iter().count(), MANY);
        let mut numbers: Vec<usize> = (0..MANY).collect();
        assert_eq!(numbers.par_drain(10..20).sum::<usize>(), 145);
        let mut text = "paceline".to_owned();
        assert_eq!(text.par_drain(..4).collect::<String>() + &text, "paceline");
    }

    fn text() {
        let text = "one two\nthree four\n".repeat(200);
        assert!(text.par_chars().collect::<String>() == text);
        assert_eq!(text.par_char_indices().count(), text.par_bytes().count());
        assert_eq!(text.par_encode_utf16().count(), text.len());
        assert_eq!(text.par_split(' ').count(), 401);
        assert_eq!(text.par_split_inclusive('\n').count(), 400);
        assert_eq!(text.par_split_terminator('\n').count(), 400);
        assert_eq!(text.par_lines().count(), 400);
        assert_eq!(text.par_split_whitespace().count(), text.par_split_ascii_whitespace().count());
        assert_eq!(text.par_matches('t').count(), 400);
        assert_eq!(text.par_match_indices('o').count(), 600);
    }
}
