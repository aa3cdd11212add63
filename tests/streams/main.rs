//! Streams: results, order, the window, who works and who waits, panics, drops.

mod drops;
mod gauge;
mod nested;
mod panics;
mod results;
mod window;
