//! The standard collections as parallel iterators: by value, by shared and by unique reference.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};

use paceline::collections::{binary_heap, btree_map, btree_set, hash_map, hash_set, linked_list, vec_deque};
use paceline::prelude::*;

use crate::iter::in_pools;
use crate::iter_laws::check;

/// The strings of the numbers up to `len`.
fn words(len: usize) -> impl Iterator<Item = String> {
    (0..len).map(|n| n.to_string())
}

/// A deque whose items lie in two slices.
pub(crate) fn wrapped(len: usize) -> VecDeque<String> {
    let mut deque = VecDeque::with_capacity(len);
    deque.extend(words(len).skip(len / 3));
    for word in Vec::from_iter(words(len / 3)).into_iter().rev() {
        deque.push_front(word);
    }
    let (front, back) = deque.as_slices();
    assert!(len < 3 || !front.is_empty() && !back.is_empty());
    deque
}

#[test]
fn lists_and_deques_keep_their_order() {
    for len in [0, 1, 2, 9] {
        let mut list = LinkedList::from_iter(words(len));
        check(|| list.par_iter(), words(len).collect::<Vec<_>>().iter());
        check(|| list.clone().into_par_iter(), words(len));
        list.par_iter_mut().for_each(|word| word.push('!'));
        assert_eq!(list, words(len).map(|word| word + "!").collect());
        let mut deque = wrapped(len);
        check(|| deque.par_iter(), words(len).collect::<Vec<_>>().iter());
        check(|| deque.clone().into_par_iter(), words(len));
        deque.par_iter_mut().enumerate().for_each(|(i, word)| word.push_str(&i.to_string()));
        assert_eq!(deque, words(len).map(|word| format!("{word}{word}")).collect::<Vec<_>>());
    }
}

#[test]
fn unique_references_into_a_wrapped_deque_can_be_split_anywhere() {
    let mut deques = vec![wrapped(6); 1000];
    let mut deques = deques.iter_mut();
    let mut expected = Vec::from_iter(words(6));
    check(|| deques.next().unwrap().par_iter_mut(), expected.iter_mut());
}

#[test]
fn trees_are_iterated_over_in_order() {
    for len in [0, 1, 2, 9] {
        let set = BTreeSet::from_iter(words(len));
        check(|| set.par_iter(), &set);
        check(|| set.clone().into_par_iter(), set.clone());
        let mut map: BTreeMap<_, _> = words(len).map(|word| (word.clone(), word)).collect();
        check(|| map.par_iter(), &map);
        check(|| map.clone().into_par_iter(), map.clone());
        map.par_iter_mut().for_each(|(key, value)| value.push_str(key));
        assert!(map.iter().all(|(key, value)| *value == format!("{key}{key}")));
    }
}

#[test]
fn tables_and_heaps_are_iterated_over_in_their_own_order() {
    for len in [0, 1, 2, 9] {
        let set = HashSet::<_>::from_iter(words(len));
        check(|| set.par_iter(), &set);
        assert_eq!(set.clone().into_par_iter().collect::<HashSet<_>>(), set);
        let mut map: HashMap<_, _> = words(len).map(|word| (word.clone(), word)).collect();
        check(|| map.par_iter(), &map);
        assert_eq!(map.clone().into_par_iter().collect::<HashMap<_, _>>(), map);
        map.par_iter_mut().for_each(|(key, value)| value.push_str(key));
        assert!(map.iter().all(|(key, value)| *value == format!("{key}{key}")));
        let heap = BinaryHeap::from_iter(words(len));
        check(|| heap.par_iter(), &heap);
        check(|| heap.clone().into_par_iter(), heap.clone());
    }
}

#[test]
fn large_collections_agree_with_std() {
    const LEN: u64 = 5000;
    let total = LEN * (LEN - 1) / 2;
    in_pools(|| {
        assert_eq!(BTreeSet::from_iter(0..LEN).par_iter().sum::<u64>(), total);
        assert_eq!(HashSet::<_>::from_iter(0..LEN).into_par_iter().sum::<u64>(), total);
        assert_eq!(BinaryHeap::from_iter(0..LEN).par_iter().sum::<u64>(), total);
        assert_eq!(LinkedList::from_iter(0..LEN).into_par_iter().sum::<u64>(), total);
        let mut map: HashMap<u64, u64> = (0..LEN).map(|n| (n, n)).collect();
        map.par_iter_mut().for_each(|(_, value)| *value *= 2);
        assert_eq!(map.par_iter().map(|(_, value)| value).sum::<u64>(), 2 * total);
        let mut tree: BTreeMap<u64, u64> = map.into_par_iter().collect();
        tree.par_iter_mut().for_each(|(_, value)| *value /= 2);
        assert!(tree.into_par_iter().all(|(key, value)| key == value));
        let deque = wrapped(1000);
        let joined: String = deque.par_iter().map(String::as_str).collect();
        assert_eq!(joined, words(1000).collect::<String>());
    });
}

/// Iterators over shared references can be cloned whatever the items are, and all iterators can be shown.
#[test]
fn iterators_have_the_traits_of_rayons() {
    fn cloned<T: Clone + std::fmt::Debug>(_: impl Fn() -> T) {}
    fn shown<T: std::fmt::Debug>(_: impl Fn() -> T) {}

    #[derive(Debug)]
    struct Unclonable;

    cloned(|| -> binary_heap::Iter<'_, Unclonable> { unreachable!() });
    cloned(|| -> btree_map::Iter<'_, Unclonable, Unclonable> { unreachable!() });
    cloned(|| -> btree_set::Iter<'_, Unclonable> { unreachable!() });
    cloned(|| -> hash_map::Iter<'_, Unclonable, Unclonable> { unreachable!() });
    cloned(|| -> hash_set::Iter<'_, Unclonable> { unreachable!() });
    cloned(|| -> linked_list::Iter<'_, Unclonable> { unreachable!() });
    cloned(|| -> vec_deque::Iter<'_, Unclonable> { unreachable!() });
    cloned(|| -> binary_heap::IntoIter<u8> { unreachable!() });
    cloned(|| -> linked_list::IntoIter<u8> { unreachable!() });
    cloned(|| -> vec_deque::IntoIter<u8> { unreachable!() });
    shown(|| -> btree_map::IntoIter<u8, Unclonable> { unreachable!() });
    shown(|| -> btree_map::IterMut<'_, u8, Unclonable> { unreachable!() });
    shown(|| -> btree_set::IntoIter<Unclonable> { unreachable!() });
    shown(|| -> hash_map::IntoIter<u8, Unclonable> { unreachable!() });
    shown(|| -> hash_map::IterMut<'_, u8, Unclonable> { unreachable!() });
    shown(|| -> hash_set::IntoIter<Unclonable> { unreachable!() });
    shown(|| -> linked_list::IterMut<'_, Unclonable> { unreachable!() });
    shown(|| -> vec_deque::IterMut<'_, Unclonable> { unreachable!() });
    shown(|| -> binary_heap::Drain<'_, Unclonable> { unreachable!() });
    shown(|| -> hash_map::Drain<'_, u8, Unclonable> { unreachable!() });
    shown(|| -> hash_set::Drain<'_, Unclonable> { unreachable!() });
    shown(|| -> vec_deque::Drain<'_, Unclonable> { unreachable!() });
}
