//! Laws of parallel iterators over strings: on any text, and for any pattern, the items are those of std's iterators.

use std::fmt::Debug;
use std::sync::LazyLock;

use paceline::ThreadPool;
use paceline::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::pools::pool_of;

static POOLS: LazyLock<[ThreadPool; 3]> = LazyLock::new(|| [1, 2, 7].map(pool_of));

/// Texts full of characters that end lines and words, between characters of one to four bytes.
fn texts() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => prop::sample::select(vec![',', ';', 'a', 'b']),
        2 => prop::sample::select(vec!['\n', '\r', ' ', '\t', '\u{85}', '\u{3000}']),
        3 => any::<char>(),
    ];
    prop::collection::vec(character, 0..150).prop_map(String::from_iter)
}

/// Texts with few places to cut them.
fn sparse_texts() -> impl Strategy<Value = String> {
    let stretches = prop::collection::vec(("[aé😀]{0,80}", prop::sample::select(vec![",", ";", "\r\n", " "])), 0..4);
    stretches.prop_map(|stretches| stretches.into_iter().flat_map(|(text, end)| [text, end.to_string()]).collect())
}

/// Checks what an iterator gives in all pools.
fn agree<I>(iter: impl Fn() -> I + Sync, expected: Vec<I::Item>) -> TestCaseResult
where
    I: ParallelIterator<Item: PartialEq + Debug>,
{
    for pool in POOLS.iter() {
        prop_assert_eq!(pool.install(|| iter().collect::<Vec<_>>()), &expected[..]);
    }
    Ok(())
}

/// Checks all methods without a pattern.
fn check_text(text: &str) -> TestCaseResult {
    agree(|| text.par_chars(), text.chars().collect())?;
    agree(|| text.par_char_indices(), text.char_indices().collect())?;
    agree(|| text.par_bytes(), text.bytes().collect())?;
    agree(|| text.par_encode_utf16(), text.encode_utf16().collect())?;
    agree(|| text.par_lines(), text.lines().collect())?;
    agree(|| text.par_split_whitespace(), text.split_whitespace().collect())?;
    agree(|| text.par_split_ascii_whitespace(), text.split_ascii_whitespace().collect())
}

/// Checks all methods with a pattern.
macro_rules! check_pattern {
    ($text:ident, $pattern:expr) => {{
        agree(|| $text.par_split($pattern), $text.split($pattern).collect())?;
        agree(|| $text.par_split_inclusive($pattern), $text.split_inclusive($pattern).collect())?;
        agree(|| $text.par_split_terminator($pattern), $text.split_terminator($pattern).collect())?;
        agree(|| $text.par_matches($pattern), $text.matches($pattern).collect())?;
        agree(|| $text.par_match_indices($pattern), $text.match_indices($pattern).collect())?;
    }};
}

fn check_patterns(text: &str) -> TestCaseResult {
    let some = [',', '\n', '😀'];
    check_pattern!(text, ',');
    check_pattern!(text, '\u{3000}');
    check_pattern!(text, &some[..2]);
    check_pattern!(text, &some[..0]);
    check_pattern!(text, some);
    check_pattern!(text, &some);
    check_pattern!(text, char::is_whitespace);
    check_pattern!(text, |c: char| some.contains(&c) || c == 'a');
    check_pattern!(text, |c: char| c.len_utf8() > 2);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text(text in texts()) {
        check_text(&text)?;
    }

    #[test]
    fn any_text_and_pattern(text in texts()) {
        check_patterns(&text)?;
    }

    #[test]
    fn a_text_with_few_delimiters(text in sparse_texts()) {
        check_text(&text)?;
        check_patterns(&text)?;
    }

    #[test]
    fn a_drain_takes_what_std_takes(text in texts(), from in 0_usize..150, len in 0_usize..150) {
        let boundary = |chars| text.char_indices().map(|(index, _)| index).nth(chars).unwrap_or(text.len());
        let range = boundary(from)..boundary(from + len);
        for pool in POOLS.iter() {
            let (mut parallel, mut expected) = (text.clone(), text.clone());
            let taken: String = pool.install(|| parallel.par_drain(range.clone()).collect());
            prop_assert_eq!(taken, expected.drain(range.clone()).collect::<String>());
            prop_assert_eq!(parallel, expected);
        }
    }
}
