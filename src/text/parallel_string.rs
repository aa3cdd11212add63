//! Layer 5: `ParallelString`, the trait that makes parallel iterators over strings.

use super::chars::{Bytes, CharIndices, Chars, EncodeUtf16};
use super::lines::{Lines, SplitAsciiWhitespace, SplitWhitespace};
use super::matches::{MatchIndices, Matches};
use super::pattern::Pattern;
use super::split::{Split, SplitInclusive, SplitTerminator};

/// Makes parallel iterators over strings.
///
/// The items are those of the methods of [`str`] that have the same names without `par_`, in the same order. A pattern
/// is a `char`, a slice or an array of them, or a closure or function from `char` to `bool`; it always matches a single
/// character.
///
/// ```
/// use paceline::prelude::*;
///
/// let report = "3 kept\n1 lost\n4 kept";
/// let kept = report.par_lines().filter_map(|line| line.strip_suffix(" kept"));
/// assert_eq!(kept.map(|number| number.parse::<u32>().unwrap()).sum::<u32>(), 7);
/// ```
pub trait ParallelString {
    /// The string that all other methods work on.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!("text".to_string().as_parallel_string(), "text");
    /// ```
    fn as_parallel_string(&self) -> &str;

    /// Makes a parallel iterator over the characters.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!("Ünïcödé".par_chars().filter(|char| !char.is_ascii()).count(), 4);
    /// ```
    fn par_chars(&self) -> Chars<'_> {
        Chars { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the characters and the offsets in bytes at which they begin.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!("äöü".par_char_indices().max_by_key(|&(_, char)| char), Some((4, 'ü')));
    /// ```
    fn par_char_indices(&self) -> CharIndices<'_> {
        CharIndices { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the bytes. Their number is known, so it is indexed too.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!("a b".par_bytes().rev().collect::<Vec<_>>(), b"b a");
    /// ```
    fn par_bytes(&self) -> Bytes<'_> {
        Bytes { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the code units of the string in UTF-16.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!("a😀".par_encode_utf16().count(), 3);
    /// ```
    fn par_encode_utf16(&self) -> EncodeUtf16<'_> {
        EncodeUtf16 { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the parts between characters that match `separator`.
    ///
    /// There is always one more part than there are separators, even if it is empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let fields: Vec<_> = "a,,b,".par_split(',').collect();
    /// assert_eq!(fields, ["a", "", "b", ""]);
    /// ```
    fn par_split<P: Pattern>(&self, separator: P) -> Split<'_, P> {
        Split { text: self.as_parallel_string(), separator }
    }

    /// Makes a parallel iterator over the parts that end with a character that matches `separator`; the separator is
    /// included at the end of its part.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let fields: Vec<_> = "a,,b,".par_split_inclusive(',').collect();
    /// assert_eq!(fields, ["a,", ",", "b,"]);
    /// ```
    fn par_split_inclusive<P: Pattern>(&self, separator: P) -> SplitInclusive<'_, P> {
        SplitInclusive { text: self.as_parallel_string(), separator }
    }

    /// Makes a parallel iterator over the parts before characters that match `terminator`: as
    /// [`par_split`](Self::par_split), but without an empty part at the end.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let fields: Vec<_> = "a,,b,".par_split_terminator(',').collect();
    /// assert_eq!(fields, ["a", "", "b"]);
    /// ```
    fn par_split_terminator<P: Pattern>(&self, terminator: P) -> SplitTerminator<'_, P> {
        SplitTerminator { text: self.as_parallel_string(), terminator }
    }

    /// Makes a parallel iterator over the lines, without their ends: a line feed, or a carriage return and a line
    /// feed.
    ///
    /// The last line need not have an end.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let lines: Vec<_> = "one\n\ntwo\r\nthree".par_lines().collect();
    /// assert_eq!(lines, ["one", "", "two", "three"]);
    /// ```
    fn par_lines(&self) -> Lines<'_> {
        Lines { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the words between any amount of white space, as Unicode defines it.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let longest = "the\u{2009}quick \n brown".par_split_whitespace().max_by_key(|word| word.len());
    /// assert_eq!(longest, Some("brown"));
    /// ```
    fn par_split_whitespace(&self) -> SplitWhitespace<'_> {
        SplitWhitespace { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the words between any amount of ASCII white space.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words: Vec<_> = "  thin\u{2009}space\tand tab".par_split_ascii_whitespace().collect();
    /// assert_eq!(words, ["thin\u{2009}space", "and", "tab"]);
    /// ```
    fn par_split_ascii_whitespace(&self) -> SplitAsciiWhitespace<'_> {
        SplitAsciiWhitespace { text: self.as_parallel_string() }
    }

    /// Makes a parallel iterator over the characters that match `pattern`, as parts of the string.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!("tick tock".par_matches(['t', 'c']).count(), 4);
    /// ```
    fn par_matches<P: Pattern>(&self, pattern: P) -> Matches<'_, P> {
        Matches { text: self.as_parallel_string(), pattern }
    }

    /// Makes a parallel iterator over the characters that match `pattern`, as parts of the string, and the offsets in
    /// bytes at which they begin.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let last = "tick tock".par_match_indices('t').max();
    /// assert_eq!(last, Some((5, "t")));
    /// ```
    fn par_match_indices<P: Pattern>(&self, pattern: P) -> MatchIndices<'_, P> {
        MatchIndices { text: self.as_parallel_string(), pattern }
    }
}

impl ParallelString for str {
    fn as_parallel_string(&self) -> &str {
        self
    }
}
