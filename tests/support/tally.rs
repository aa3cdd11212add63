//! Tokens that are counted as they drop, one by one.

use crate::gate::WATCHDOG;
use std::sync::{Arc, Condvar, Mutex};

/// Hands out tokens and knows how often each of them was dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    drops: Arc<(Mutex<Vec<usize>>, Condvar)>,
    most: Option<usize>,
}

/// An object with memory of its own, whose drops its [`Tally`] counts. A sanitizer sees it dropped twice or leaked.
#[derive(Debug)]
pub(crate) struct Token {
    tally: Tally,
    number: Box<usize>,
}

impl Token {
    /// How many tokens of its tally were made before it.
    pub(crate) fn number(&self) -> usize {
        *self.number
    }
}

impl Tally {
    /// One that panics if more than `most` tokens are made.
    pub(crate) fn of_at_most(most: usize) -> Self {
        Tally { most: Some(most), ..Tally::default() }
    }

    pub(crate) fn token(&self) -> Token {
        let mut drops = self.drops.0.lock().unwrap();
        assert!(self.most.is_none_or(|most| drops.len() < most), "more than {} were made", drops.len());
        drops.push(0);
        Token { tally: self.clone(), number: Box::new(drops.len() - 1) }
    }

    /// How many tokens there have been.
    pub(crate) fn made(&self) -> usize {
        self.drops.0.lock().unwrap().len()
    }

    /// How many drops there have been.
    pub(crate) fn dropped(&self) -> usize {
        self.drops.0.lock().unwrap().iter().sum()
    }

    /// Checks that `made` tokens were made and that each has been dropped exactly once.
    #[track_caller]
    pub(crate) fn assert_settled(&self, made: usize) {
        assert_eq!(self.assert_all_dropped(), made, "tokens made");
    }

    /// Checks that each token has been dropped exactly once, and returns how many there were.
    #[track_caller]
    pub(crate) fn assert_all_dropped(&self) -> usize {
        let drops = self.drops.0.lock().unwrap();
        assert_eq!(*drops, vec![1; drops.len()], "drops of each token");
        drops.len()
    }

    /// Waits until every token has been dropped, then checks as [`Tally::assert_settled`] does.
    #[track_caller]
    pub(crate) fn wait_until_settled(&self, made: usize) {
        let drops = self.drops.0.lock().unwrap();
        let unsettled = |drops: &mut Vec<usize>| drops.len() < made || drops.contains(&0);
        let waited = self.drops.1.wait_timeout_while(drops, WATCHDOG, unsettled);
        let drops = waited.unwrap().0;
        assert_eq!(*drops, vec![1; made], "drops of each token");
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // A poisoned lock must not turn a failed assertion elsewhere into an abort.
        let mut drops = match self.tally.drops.0.lock() {
            Ok(drops) => drops,
            Err(poisoned) => poisoned.into_inner(),
        };
        drops[*self.number] += 1;
        self.tally.drops.1.notify_all();
    }
}
