//! The watchdog: a thread that reports on stderr who waits for whom, when nothing has moved for some time.
//!
//! It exists only where `PACELINE_WATCHDOG` asks for it; `docs/watchdog.md` says how its reports are read.
//!
//! | file        | concept                                                                         |
//! |-------------|---------------------------------------------------------------------------------|
//! | `setting`   | the environment variable, and whether the watchdog is on                        |
//! | `waits`     | the lists of waiting threads and of pools' threads, in which each enters itself |
//! | `jobs`      | the jobs that run, and where each was made public                               |
//! | `call_site` | which line of the program has called into this crate                            |
//! | `view`      | the pools and the lists at one moment                                           |
//! | `stillness` | since when nothing has moved, and which waits are stuck                         |
//! | `scene`     | a view together with the waits that are stuck in it                             |
//! | `watch`     | the thread                                                                      |
//! | `report`    | the text                                                                        |
//! | `mistakes`  | the well-known mistakes that may explain a scene, and their remedies            |
//!
//! While it is off, a wait that must sleep costs one relaxed load more, and so does a job when it is made public and when it
//! begins; nothing else costs anything. While it is on, such a wait and such a job take a lock and capture a backtrace. The watchdog only reads: the pools' counts of `metrics`, the lengths of their
//! queues, and the lists. So it cannot change what it reports but for the time that this takes.

mod call_site;
pub(in crate::pool) mod jobs;
mod mistakes;
mod report;
mod scene;
mod setting;
mod stillness;
mod view;
pub(crate) mod waits;
pub(crate) mod watch;
