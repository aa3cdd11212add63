//! Streams: results, order, the window, who works and who waits, panics, drops.

#[cfg(feature = "stream")]
mod asynchronous;
mod drops;
mod gauge;
mod nested;
mod panics;
mod results;
mod window;
