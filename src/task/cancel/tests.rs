//! Calls that are registered with a token, and how a token forgets.

use super::CancelToken;
use std::sync::Arc;
use std::sync::Mutex;

/// A list that calls write their names to.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn call(&self, name: &'static str) -> impl FnOnce() + Send + 'static {
        let log = self.clone();
        move || log.0.lock().unwrap().push(name)
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The number of the token's listeners.
fn listeners(token: &CancelToken) -> usize {
    token.node.listeners.lock().places.iter().filter(|place| place.1.is_some()).count()
}

#[test]
fn calls_are_made_once_in_the_order_in_which_they_came() {
    let (token, log) = (CancelToken::new(), Log::default());
    let registrations = ["a", "b", "c"].map(|name| token.on_cancel(log.call(name)));
    assert_eq!(log.take(), [""; 0]);
    token.cancel();
    assert_eq!(log.take(), ["a", "b", "c"]);
    token.cancel();
    drop(registrations);
    assert_eq!(log.take(), [""; 0]);
}

#[test]
fn a_call_that_was_taken_out_is_not_made() {
    let (token, log) = (CancelToken::new(), Log::default());
    let [a, b, c] = ["a", "b", "c"].map(|name| token.on_cancel(log.call(name)));
    drop(b);
    assert_eq!(listeners(&token), 2);
    token.cancel();
    assert_eq!(log.take(), ["a", "c"]);
    drop((a, c));
    assert_eq!(Arc::strong_count(&log.0), 1, "the closures are gone");
}

#[test]
fn a_call_is_made_at_once_if_the_token_is_cancelled() {
    let (token, log) = (CancelToken::new(), Log::default());
    token.cancel();
    let registration = token.child_token().on_cancel(log.call("late"));
    assert_eq!(log.take(), ["late"]);
    drop(registration);
}

#[test]
fn a_call_may_use_the_token_and_finds_its_children_cancelled() {
    let (token, log) = (CancelToken::new(), Log::default());
    let (user, call) = (token.clone(), log.call("used"));
    let child = token.child_token();
    let grandchild = child.child_token();
    let registration = token.on_cancel(move || {
        assert!(child.is_cancelled() && grandchild.is_cancelled());
        user.cancel();
        drop(user.on_cancel(call));
    });
    token.cancel();
    assert_eq!(log.take(), ["used"]);
    drop(registration);
}

#[test]
fn the_list_of_listeners_is_about_as_long_as_there_are_listeners() {
    let token = CancelToken::new();
    let places = || token.node.listeners.lock().places.len();
    let first = token.child_token();
    // The newest go first, then the oldest, then from both ends.
    let orders: [fn(&mut Vec<CancelToken>, usize) -> CancelToken; 3] = [
        |children, _| children.pop().unwrap(),
        |children, _| children.remove(0),
        |children, i| children.remove(i % 2 * (children.len() - 1)),
    ];
    for take in orders {
        let mut children: Vec<_> = (0..100).map(|_| token.child_token()).collect();
        for i in 0..100 {
            drop(take(&mut children, i));
            assert_eq!(listeners(&token), 1 + children.len());
            assert!(places() <= 2 * listeners(&token), "{} listeners have {} places", listeners(&token), places());
        }
    }
    token.cancel();
    assert!(first.is_cancelled());
}

#[test]
fn those_who_are_left_are_told_in_the_order_in_which_they_came() {
    let (token, log) = (CancelToken::new(), Log::default());
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut registrations = names.map(|name| Some(token.on_cancel(log.call(name))));
    for gone in [0, 6, 3, 5, 2] {
        drop(registrations[gone].take());
    }
    let late = token.on_cancel(log.call("i"));
    token.cancel();
    assert_eq!(log.take(), ["b", "e", "h", "i"]);
    drop((registrations, late));
}

#[test]
fn a_token_forgets_children_that_are_gone() {
    let token = CancelToken::new();
    let children: Vec<_> = (0..10).map(|_| token.child_token()).collect();
    let grandchild = children[3].child_token();
    assert_eq!(listeners(&token), 10);
    drop(children);
    assert_eq!(listeners(&token), 1, "the child is there for the grandchild's sake");
    drop(grandchild);
    assert_eq!(listeners(&token), 0);
    assert_eq!(Arc::weak_count(&token.node), 0);
}
