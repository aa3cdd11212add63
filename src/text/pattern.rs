//! Layer 5: patterns: sets of characters to search a text for.

/// A set of characters: a `char`, a slice or an array of them, or a closure that returns whether a character belongs to
/// it.
///
/// Sealed: no other crate can name it.
pub trait Pattern: Sized + Sync + Send {
    /// Finds the characters of `text` that belong to the set, with their positions.
    fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)>;

    /// Finds the end of the last character of `text` that belongs to the set.
    fn last_end_in(&self, text: &str) -> Option<usize>;

    /// Gives the part before each of these characters, and the part after the last one unless it is empty.
    fn terminated_in<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str>;

    /// Gives the same parts, each with the character that ends it.
    fn inclusive_in<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str>;
}

/// Implements a pattern by one of std's patterns.
macro_rules! std_pattern {
    ([$($param:tt)*] $pattern:ty, |$this:ident| $std_pattern:expr) => {
        impl<$($param)*> Pattern for $pattern {
            fn matches_in<'t>(&self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
                let $this = self;
                text.match_indices($std_pattern)
            }

            fn last_end_in(&self, text: &str) -> Option<usize> {
                let $this = self;
                let (start, matched) = text.rmatch_indices($std_pattern).next()?;
                Some(start + matched.len())
            }

            fn terminated_in<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
                let $this = self;
                text.split_terminator($std_pattern)
            }

            fn inclusive_in<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
                let $this = self;
                text.split_inclusive($std_pattern)
            }
        }
    };
}

std_pattern! { [] char, |this| *this }
std_pattern! { [] &[char], |this| *this }
std_pattern! { [const N: usize] [char; N], |this| this }
std_pattern! { [const N: usize] &[char; N], |this| *this }
std_pattern! { [F: Fn(char) -> bool + Sync + Send] F, |this| this }
