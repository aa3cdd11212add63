//! The stacks of virtual threads: mapped when first needed, and kept for the next.

use corosensei::stack::DefaultStack;
use std::cell::RefCell;

/// What std gives a thread whose stack size is left open, and so what the library reckons with. The system commits a page
/// when it is first touched.
const DEFAULT: usize = 2 << 20;

/// So many stacks are kept.
const MOST_KEPT: usize = 512;

std::thread_local! {
    static KEPT: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
}

/// A stack for a thread that asked for that size, if it did. Without one, if the system refuses.
pub(super) fn take(size: Option<usize>) -> std::io::Result<(DefaultStack, bool)> {
    let size = size.unwrap_or(DEFAULT);
    if size > DEFAULT {
        return Ok((DefaultStack::new(size)?, false));
    }
    let kept = KEPT.with_borrow_mut(Vec::pop);
    Ok((kept.map_or_else(|| DefaultStack::new(DEFAULT), Ok)?, true))
}

/// Keeps a stack of the default size that a thread has left.
pub(super) fn give_back(stack: DefaultStack) {
    KEPT.with_borrow_mut(|kept| {
        if kept.len() < MOST_KEPT {
            kept.push(stack);
        }
    });
}
