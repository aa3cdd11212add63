//! A value whose drop panics, with another such value as its payload.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;

/// What a bomb keeps alive: tells whether all of a test's bombs have been dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Alive(Arc<()>);

impl Alive {
    /// A bomb whose drop panics with a bomb whose drop panics with …, so many times after the first.
    pub(crate) fn bomb(&self, nested: usize) -> Bomb {
        Bomb { nested, alive: Some(self.clone()) }
    }

    /// Panics with a bomb.
    pub(crate) fn throw<R>(&self, nested: usize) -> R {
        resume_unwind(Box::new(self.bomb(nested)))
    }

    /// Checks that there is no bomb left.
    #[track_caller]
    pub(crate) fn assert_none(&self, what: &str) {
        assert_eq!(Arc::strong_count(&self.0), 1, "{what}");
    }
}

/// Panics when it is dropped, unless it has been defused.
#[derive(Debug)]
pub(crate) struct Bomb {
    nested: usize,
    alive: Option<Alive>,
}

impl Bomb {
    /// Drops it without a panic.
    pub(crate) fn defuse(mut self) {
        self.alive = None;
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        let Some(alive) = self.alive.take() else {
            return;
        };
        match self.nested.checked_sub(1) {
            Some(nested) => alive.throw(nested),
            None => resume_unwind(Box::new("the innermost")),
        }
    }
}

/// Defuses the bomb that a panic has brought, if it is one.
pub(crate) fn defuse(payload: Box<dyn Any + Send>) {
    if let Ok(bomb) = payload.downcast::<Bomb>() {
        bomb.defuse();
    }
}
