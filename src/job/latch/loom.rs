//! Loom models of latches.
