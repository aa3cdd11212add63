//! Loom models of publishing, stealing and taking back.
