//! Values that are disposed of are dropped, however often that panics.

use super::{MOST_PAYLOADS, dispose, dispose_each, halt};
use std::panic::resume_unwind;
use std::sync::Arc;

/// Panics when it is dropped. The payload is another such value, as long as more are to come.
struct Bomb {
    nested: usize,
    alive: Arc<()>,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        let alive = Arc::clone(&self.alive);
        match self.nested.checked_sub(1) {
            Some(nested) => resume_unwind(Box::new(Bomb { nested, alive })),
            None => resume_unwind(Box::new(alive)),
        }
    }
}

fn bomb(nested: usize, alive: &Arc<()>) -> Bomb {
    Bomb { nested, alive: Arc::clone(alive) }
}

#[test]
fn all_payloads_of_a_chain_are_dropped() {
    let alive = Arc::new(());
    for nested in 0..MOST_PAYLOADS {
        dispose(bomb(nested, &alive));
        assert_eq!(Arc::strong_count(&alive), 1, "{nested}");
    }
}

#[test]
fn of_a_longer_chain_one_payload_is_leaked() {
    let alive = Arc::new(());
    for nested in [MOST_PAYLOADS, MOST_PAYLOADS + 1, 1000] {
        let before = Arc::strong_count(&alive);
        dispose(bomb(nested, &alive));
        assert_eq!(Arc::strong_count(&alive), before + 1, "{nested}");
    }
}

#[test]
fn each_of_several_values_is_dropped() {
    let alive = Arc::new(());
    dispose_each((0..5).map(|nested| bomb(nested, &alive)));
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn the_outcome_of_what_panicked_is_disposed_of() {
    let alive = Arc::new(());
    dispose(halt(|| -> Bomb { resume_unwind(Box::new(bomb(2, &alive))) }));
    dispose(halt(|| bomb(2, &alive)));
    assert_eq!(Arc::strong_count(&alive), 1);
}
