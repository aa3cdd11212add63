//! paceline under rayon's name, so that dependencies which use rayon 1.12 run on paceline's one pool.
//!
//! A program puts it in by `[patch.crates-io]`; `docs/dependencies.md` in paceline's repository says how, and how to see that
//! it worked.

pub use paceline::*;
