//! Streams: results, order, the window, who works and who waits, panics, drops.

mod drops;
mod gauge;
mod nested;
mod panics;
#[cfg(feature = "stream")]
mod polled;
mod results;
mod seq_iter;
mod seq_iter_ends;
mod window;
