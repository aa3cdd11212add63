//! Small programs for Miri, which `ci/miri.sh` runs with many seeds: each takes one way through the pool, with as few
//! items as will do, because an interpreter is some thousand times slower. Like any tests they run without Miri too.

mod global;
mod pools;
