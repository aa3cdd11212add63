//! Layer 5: what may be looked for in a text: characters.

/// A set of characters: a `char`, a slice or an array of them, or a closure that says which.
///
/// It is sealed by its place: no other crate can name it.
pub trait Pattern: Sized + Sync + Send {
    /// Finds the characters of `text` that belong to the set, and where they begin.
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)>;
}

impl Pattern for char {
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        text.match_indices(*self)
    }
}

impl Pattern for &[char] {
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        text.match_indices(*self)
    }
}

impl<const N: usize> Pattern for [char; N] {
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        text.match_indices(self)
    }
}

impl<const N: usize> Pattern for &[char; N] {
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        text.match_indices(*self)
    }
}

impl<F: Fn(char) -> bool + Sync + Send> Pattern for F {
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        text.match_indices(self)
    }
}
