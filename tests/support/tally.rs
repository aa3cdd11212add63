//! Tokens that are counted as they drop, one by one.

use crate::meeting::WATCHDOG;
use std::sync::{Arc, Condvar, Mutex};

/// Hands out tokens and knows how often each of them was dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    drops: Arc<(Mutex<Vec<usize>>, Condvar)>,
}

/// An object whose drops its [`Tally`] counts.
#[derive(Debug)]
pub(crate) struct Token {
    tally: Tally,
    number: usize,
}

impl Tally {
    pub(crate) fn token(&self) -> Token {
        let mut drops = self.drops.0.lock().unwrap();
        drops.push(0);
        Token { tally: self.clone(), number: drops.len() - 1 }
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
        let drops = self.drops.0.lock().unwrap();
        assert_eq!(*drops, vec![1; made], "drops of each token");
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
        drops[self.number] += 1;
        self.tally.drops.1.notify_all();
    }
}
