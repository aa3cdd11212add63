//! Streams: results, order, the window, who works and who waits, panics, drops.

mod bombs;
mod drops;
mod errors;
#[path = "../support/gate.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod gate;
mod gauge;
mod lines;
mod nested;
mod panics;
#[cfg(feature = "stream")]
mod polled;
#[cfg(feature = "stream")]
mod polled_ends;
mod readahead;
mod results;
mod scoped;
mod seq_iter;
mod seq_iter_ends;
mod seq_iter_window;
mod weighted;
mod window;
