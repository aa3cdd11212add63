//! Scopes: any number of spawned jobs that may borrow from the frame that waits for them.

mod base;
mod fifo;
mod lifo;
mod with_progress;

pub use self::fifo::{ScopeFifo, in_place_scope_fifo, scope_fifo};
pub use self::lifo::{Scope, in_place_scope, scope};

pub(crate) use self::base::{Alive, Piece};
pub(crate) use self::fifo::{in_place_scope_fifo_in, scope_fifo_in};
pub(crate) use self::lifo::{in_place_scope_in, scope_in};
