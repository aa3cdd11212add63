//! Numbers about a pool, for users: what its workers have done, and what waits.
//!
//! | file             | concept                                                                     |
//! |------------------|-----------------------------------------------------------------------------|
//! | `slot_meter`     | the counts and times that a slot keeps while the pool runs                  |
//! | `recording`      | what a worker's thread notes there, as one-line methods of the worker       |
//! | `origin`         | when the pool was made, and by which rule its number of threads             |
//! | `rule`           | the rules that give a pool its number of threads                            |
//! | `reading`        | the functions that read all this                                            |
//! | `pool_metrics`, `worker_metrics` | the result, and differences of results                      |
//! | `table`          | how it is printed                                                           |
//!
//! The numbers belong to slots and not to threads, because users see a slot's index as that of the thread. A thread counts
//! only at the slot that it holds, so no count needs a read-modify-write, and no line is shared on a hot path: the line of a
//! slot's numbers passes to another thread only together with the slot. A slot is *busy* from when a thread takes it, and
//! *asleep* while it is free, or its holder is parked. The clock is read only where that changes; and not for an external caller
//! that comes and goes, which takes no longer than two readings, but for one that publishes on request, runs jobs or waits.

pub(crate) mod origin;
pub(crate) mod pool_metrics;
pub(crate) mod reading;
mod recording;
pub(crate) mod rule;
pub(crate) mod slot_meter;
mod table;
pub(crate) mod worker_metrics;
