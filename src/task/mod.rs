//! Layer 3: what a program holds of work that it has handed out, to follow it and to stop it.

pub(crate) mod cancel;
mod scoped;
