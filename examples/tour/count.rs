//! What is counted: the lines and words of texts, gathered in a [`Tally`].
//!
//! A word is a run of letters, tags and scripts of HTML left out. The map's keys are slices of the texts, so counting a word allocates nothing. Keys keep
//! their case and are folded once, at the end: there are a thousand times fewer of them than of words.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::mem;

use crate::files::Text;

/// How often each word occurs, as it is written.
type Counts<'t> = HashMap<&'t str, u64, BuildHasherDefault<WordHasher>>;

/// The count of some texts; counts of different texts can be merged in any order.
#[derive(Clone, Default)]
pub(crate) struct Tally<'t> {
    pub(crate) lines: u64,
    pub(crate) words: u64,
    counts: Counts<'t>,
}

impl<'t> Tally<'t> {
    /// Counts one more text.
    pub(crate) fn add(&mut self, text: &'t Text) {
        self.lines += text.content.lines().count() as u64;
        if text.is_html {
            for piece in text.content.split('<') {
                let (tag, words) = piece.split_once('>').unwrap_or(("", piece));
                if !tag.starts_with("script") && !tag.starts_with("style") {
                    self.add_words(words);
                }
            }
        } else {
            self.add_words(&text.content);
        }
    }

    fn add_words(&mut self, words: &'t str) {
        for word in words.split(|c: char| !c.is_alphabetic()) {
            if !word.is_empty() {
                self.words += 1;
                *self.counts.entry(word).or_insert(0) += 1;
            }
        }
    }

    /// The count of both, at the price of going through the smaller map.
    pub(crate) fn merge(mut self, mut other: Self) -> Self {
        if self.counts.len() < other.counts.len() {
            mem::swap(&mut self, &mut other);
        }
        self.lines += other.lines;
        self.words += other.words;
        for (word, count) in other.counts {
            *self.counts.entry(word).or_insert(0) += count;
        }
        self
    }

    /// Says how this count differs from the one expected, if it does.
    pub(crate) fn difference(&self, expected: &Tally<'_>) -> Option<String> {
        if self.lines != expected.lines {
            return Some(format!("{} lines, not {}", self.lines, expected.lines));
        }
        if self.words != expected.words {
            return Some(format!("{} words, not {}", self.words, expected.words));
        }
        // The totals agree, so a wrong word anywhere leaves an expected one short.
        expected.counts.iter().find_map(|(word, wanted)| {
            let found = self.counts.get(word).copied().unwrap_or(0);
            (found != *wanted).then(|| format!("`{word}` {found} times, not {wanted}"))
        })
    }

    /// All words in lower case, the most frequent first, equals by the alphabet.
    pub(crate) fn ranking(&self) -> Vec<(String, u64)> {
        let mut folded = HashMap::new();
        for (word, count) in &self.counts {
            *folded.entry(word.to_lowercase()).or_insert(0) += count;
        }
        let mut ranking: Vec<(String, u64)> = folded.into_iter().collect();
        ranking.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranking
    }
}

/// A quick hash for short keys: eight bytes at a time, mixed by a multiplication.
///
/// std's default withstands hostile keys and costs several times as much; here it would be most of the work.
#[derive(Default)]
pub(crate) struct WordHasher(u64);

impl WordHasher {
    fn mix(&mut self, bytes: u64) {
        // 2^64 divided by the golden ratio, made odd: its multiples spread evenly over the words.
        self.0 = (self.0.rotate_left(23) ^ bytes).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.mix(u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word));
        }
    }

    /// Takes the mark that ends a string: the keys are single strings, which need none.
    fn write_u8(&mut self, _mark: u8) {}

    fn finish(&self) -> u64 {
        // The map takes its buckets from the low bits, and a product's low bits are its poorest.
        self.0 ^ (self.0 >> 32)
    }
}
