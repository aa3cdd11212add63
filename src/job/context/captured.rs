//! A captured context, of one kind or of several.

use std::any::Any;

/// One context.
pub(super) trait Captured: Send + Sync {
    /// Makes it the calling thread's, until the returned guard is dropped.
    fn enter(&self) -> Box<dyn Any>;
}

/// The contexts of several hooks.
pub(super) struct Both {
    pub(super) first: Box<dyn Captured>,
    pub(super) second: Box<dyn Captured>,
}

/// The fields are dropped in this order.
struct BothGuards {
    _second: Box<dyn Any>,
    _first: Box<dyn Any>,
}

impl Captured for Both {
    fn enter(&self) -> Box<dyn Any> {
        let first = self.first.enter();
        Box::new(BothGuards { _second: self.second.enter(), _first: first })
    }
}
