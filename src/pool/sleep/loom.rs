//! Loom models of falling asleep against publishing.
