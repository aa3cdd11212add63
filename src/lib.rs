//! Parallel task execution: `join`, scopes, spawns, pools and parallel iterators over a work-stealing scheduler that
//! shares work only when somebody is idle.

mod fork;
pub mod iter;
mod job;
mod pool;
pub mod prelude;
mod sync;

pub mod array {
    //! The parallel iterator over an array, by value.
    pub use crate::iter::source::array::IntoIter;
}
pub mod option {
    //! The parallel iterators over options.
    pub use crate::iter::source::option::{IntoIter, Iter, IterMut};
}
pub mod range {
    //! The parallel iterator over a range of integers.
    pub use crate::iter::source::range::Iter;
}
pub mod range_inclusive {
    //! The parallel iterator over a range of integers or characters that includes its end.
    pub use crate::iter::source::range_inclusive::Iter;
}
pub mod result {
    //! The parallel iterators over results.
    pub use crate::iter::source::result::{IntoIter, Iter, IterMut};
}
pub mod slice {
    //! The parallel iterators over slices.
    pub use crate::iter::source::slice::{Iter, IterMut};
}
pub mod vec {
    //! The parallel iterators over a vector, by value.
    pub use crate::iter::source::vec::IntoIter;
    pub use crate::iter::source::vec_drain::Drain;
}

pub use crate::fork::broadcast::{BroadcastContext, broadcast, spawn_broadcast};
pub use crate::fork::context::FnContext;
pub use crate::fork::join::{join, join_context};
pub use crate::fork::scope::{Scope, ScopeFifo, in_place_scope, in_place_scope_fifo, scope, scope_fifo};
pub use crate::fork::spawn::{spawn, spawn_fifo};
pub use crate::fork::yielding::{
    Yield, current_num_threads, current_thread_has_pending_tasks, current_thread_index, yield_local, yield_now,
};
pub use crate::pool::builder::ThreadPoolBuilder;
#[allow(deprecated, reason = "programs that still use the old names move too")]
pub use crate::pool::configuration::{Configuration, initialize};
pub use crate::pool::error::ThreadPoolBuildError;
pub use crate::pool::size::max_num_threads;
pub use crate::pool::thread_builder::ThreadBuilder;
pub use crate::pool::thread_pool::ThreadPool;
