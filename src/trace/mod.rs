//! Records what the threads of all pools do, in a file that a viewer shows as a timeline.
//!
//! ```no_run
//! use paceline::prelude::*;
//!
//! let sum = paceline::trace::record("out.json", || (0..1_000_000_u64).into_par_iter().sum::<u64>())?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! For a program that is not changed, set a variable: `PACELINE_TRACE=out.json program`. For a part of a program, call
//! [`record`], or [`start`] and [`Recording::finish`].
//!
//! The file is in the Chrome trace event format (an array in JSON), which <https://ui.perfetto.dev> and
//! `chrome://tracing` open. It has a track for each thread that works in a pool, whether it is a thread of the pool or a
//! caller from outside. Beside it, under the same name with the extension `html`, lies a report of our own, which a
//! browser opens without a network.
//!
//! | event | what it shows |
//! |---|---|
//! | `fork`, `spawn`, `task`, `call` | a job from a queue, from its begin to its end: the second half of a `join` that was public, a spawned closure, a task, a call that came into the pool from outside |
//! | `loop` | a part of a parallel loop, with the number of its items |
//! | `steal` | an arrow from the track that made a job public to the track that runs it |
//! | `wait` | a thread waits for something that another thread does; jobs that it runs meanwhile lie within |
//! | `sleep` | a thread of a pool sleeps, because there is no work for it |
//! | `blocking` | a call of [`blocking`](crate::blocking()) |
//! | a name of yours | what [`named`] or [`name`] was called with |
//!
//! Jobs that were made public within a name have that name as the argument `in`, wherever they run, and so have the loops
//! within them.
//!
//! # What leaves no event
//!
//! A fork that no worker asked for costs next to nothing, and leaves no event: both halves of such a `join` are a part
//! of the event around them. The same holds for a loop that is over before a thread could help.
//!
//! # Cost
//!
//! Without a recording: a load of a static variable for each job from a queue, each part of a loop and each wait. With a
//! recording: about a hundred nanoseconds for each event, most of it for the file. Each thread keeps up to 1,024 events in
//! memory (32 KiB) and writes them to the file itself when there is no room for more, when they are a quarter of a second
//! old, or when it ends.
//!
//! # A process that does not end well
//!
//! Each write ends with the bracket that closes the array, and the next one writes over it. So the file is complete JSON also
//! after a process was killed, with the events up to the last write of each thread. (The system may cut a single write
//! short if the process is killed within it, for about a tenth of a microsecond in four kilobytes.) Up to 64 KiB of white space
//! follow the bracket until the recording ends, because the file grows by so much at a time. The report is written
//! at the end only; where it is missing, open the report of another run and give it the file.
//!
//! A process with `PACELINE_TRACE` writes its last events when it exits, on Unix; elsewhere the last quarter of a second
//! may be missing. A forked child records nothing.

mod file;
mod format;
mod line;
pub(crate) mod meter;
mod names;
mod origins;
mod recorder;
mod recording;
mod report;
mod scalability;
mod span;
mod track;

pub use self::names::{NameGuard, name, named};
pub(crate) use self::recorder::start_by_environment;
pub use self::recording::{Recording, record, start};
pub use self::scalability::{NameShare, Scalability};
pub(crate) use self::span::{EventKind, JobSpan, Span, call_begins, call_ends, job_ends, job_is, published};
pub(crate) use self::track::{ThreadLabel, set_label};
