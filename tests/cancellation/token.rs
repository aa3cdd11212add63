//! The token itself: copies, children, and chains of them.

use paceline::CancelToken;
use std::sync::Barrier;
use std::thread;

#[test]
fn copies_are_one_token() {
    let token = CancelToken::default();
    let copy = token.clone();
    assert_eq!(format!("{token:?}"), "CancelToken { is_cancelled: false, .. }");
    copy.cancel();
    copy.cancel();
    assert!(token.is_cancelled());
    assert_eq!(format!("{token:?}"), "CancelToken { is_cancelled: true, .. }");
}

#[test]
fn cancelling_goes_down_the_tree_and_not_up_nor_across() {
    let root = CancelToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let leaf = left.child_token();
    left.cancel();
    let states = || [&root, &left, &right, &leaf].map(CancelToken::is_cancelled);
    assert_eq!(states(), [false, true, false, true]);
    root.cancel();
    assert_eq!(states(), [true; 4]);
}

#[test]
fn a_child_of_a_cancelled_token_is_cancelled() {
    let token = CancelToken::new();
    token.cancel();
    assert!(token.child_token().child_token().is_cancelled());
}

#[test]
fn a_grandchild_is_reached_when_nobody_has_the_child_any_more() {
    let root = CancelToken::new();
    let grandchild = root.child_token().child_token();
    assert!(!grandchild.is_cancelled());
    root.cancel();
    assert!(grandchild.is_cancelled());
}

#[test]
fn a_child_outlives_its_parents_last_copy() {
    let child = CancelToken::new().child_token();
    assert!(!child.is_cancelled());
    child.cancel();
    assert!(child.is_cancelled());
}

#[test]
fn chains_of_children_may_be_long() {
    const LENGTH: usize = 50_000;
    let root = CancelToken::new();
    let extend = |token: &mut CancelToken| (0..LENGTH).for_each(|_| *token = token.child_token());
    let mut leaf = root.clone();
    extend(&mut leaf);
    root.cancel();
    assert!(leaf.is_cancelled());
    // This one is dropped from its end, uncancelled.
    let mut leaf = CancelToken::new();
    extend(&mut leaf);
    assert!(!leaf.is_cancelled());
}

#[test]
fn of_many_children_made_while_the_parent_is_cancelled_none_is_missed() {
    for _ in 0..200 {
        let root = CancelToken::new();
        let begin = Barrier::new(3);
        thread::scope(|s| {
            for _ in 0..2 {
                s.spawn(|| {
                    begin.wait();
                    let children: Vec<_> = (0..20).map(|_| root.child_token()).collect();
                    // The one who cancels may still be on its way through the children, but its next step is theirs:
                    // if one was missed this does not end, and the time limit of all tests tells.
                    while !root.is_cancelled() || !children.iter().all(CancelToken::is_cancelled) {
                        thread::yield_now();
                    }
                });
            }
            begin.wait();
            root.cancel();
        });
    }
}
