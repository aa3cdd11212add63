//! The stacks of virtual threads: mapped when first needed, and kept for later threads.

use corosensei::stack::DefaultStack;
use std::cell::RefCell;

/// std's default stack size for a thread, which the library assumes. The system commits a page when it is first
/// touched.
const DEFAULT: usize = 2 << 20;

/// The maximal number of stacks that are kept.
const MOST_KEPT: usize = 512;

std::thread_local! {
    static KEPT: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

/// A stack of at least the given size and the default size; the flag tells whether [`give_back`] may keep it. An error
/// if the system refuses.
pub(super) fn take(size: Option<usize>) -> std::io::Result<(DefaultStack, bool)> {
    let size = size.unwrap_or(DEFAULT);
    if size > DEFAULT {
        return Ok((DefaultStack::new(size)?, false));
    }
    let kept = KEPT.with_borrow_mut(Vec::pop);
    Ok((kept.map_or_else(|| DefaultStack::new(DEFAULT), Ok)?, true))
}

/// Keeps the default-sized stack of a thread that has ended.
pub(super) fn give_back(stack: DefaultStack) {
    KEPT.with_borrow_mut(|kept| {
        if kept.len() < MOST_KEPT {
            kept.push(stack);
        }
    });
}
