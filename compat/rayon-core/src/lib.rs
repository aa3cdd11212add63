//! paceline under rayon-core's name, so that dependencies which use rayon-core 1.13 run on paceline's one pool.
//!
//! A program puts it in by `[patch.crates-io]`, together with the crate `rayon` beside it; `docs/dependencies.md` in paceline's
//! repository says how.

pub use paceline::*;
