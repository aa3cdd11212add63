//! Leaves the code that only tests and models compile out of a source.

use crate::lexer::{Lexeme, Token};

/// Returns `lexemes` without the items, statements, fields and arms that are there only for tests or models, and without
/// the modules in `pub(in …)`, which are no use of them.
pub(crate) fn without_tests<'a>(lexemes: &[Lexeme<'a>]) -> Vec<Lexeme<'a>> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < lexemes.len() {
        let end = attribute_end(lexemes, at);
        if end > at && !is_compiled(&lexemes[at..end]) {
            if lexemes[at + 1].token == Token::Mark('!') {
                // The attribute is that of what it stands in.
                return kept;
            }
            at = item_end(lexemes, end);
            continue;
        }
        kept.extend_from_slice(&lexemes[at..end.max(at + 1)]);
        at = end.max(at + 1);
        let next: Vec<Token<'_>> = lexemes[at..].iter().take(2).map(|lexeme| lexeme.token).collect();
        if lexemes[at - 1].token == Token::Word("pub") && next == [Token::Mark('('), Token::Word("in")] {
            at = group_end(lexemes, at);
        }
    }
    kept
}

/// The place behind the attribute that begins at `at`; `at` if none does.
fn attribute_end(lexemes: &[Lexeme<'_>], at: usize) -> usize {
    let token = |ahead: usize| lexemes.get(at + ahead).map(|lexeme| lexeme.token);
    match (token(0), token(1), token(2)) {
        (Some(Token::Mark('#')), Some(Token::Mark('[')), _) => group_end(lexemes, at + 1),
        (Some(Token::Mark('#')), Some(Token::Mark('!')), Some(Token::Mark('['))) => group_end(lexemes, at + 2),
        _ => at,
    }
}

/// The place behind the bracket that closes the one at `at`.
fn group_end(lexemes: &[Lexeme<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (place, lexeme) in lexemes.iter().enumerate().skip(at) {
        match lexeme.token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    lexemes.len()
}

/// The place behind the item, statement, field or arm at `at`, which may begin with attributes.
fn item_end(lexemes: &[Lexeme<'_>], mut at: usize) -> usize {
    while attribute_end(lexemes, at) > at {
        at = attribute_end(lexemes, at);
    }
    // Within the brackets of generics, and where bounds are listed, a comma ends nothing.
    let (mut generics, mut in_bounds) = (0_isize, false);
    while let Some(Lexeme { token, .. }) = lexemes.get(at).copied() {
        match token {
            Token::Mark('{') => return group_end(lexemes, at),
            Token::Mark('(' | '[') => {
                at = group_end(lexemes, at);
                continue;
            }
            Token::Mark(')' | ']' | '}') => return at,
            Token::Mark(';') => return at + 1,
            Token::Mark(',') if generics <= 0 && !in_bounds => return at + 1,
            Token::Word("where") => in_bounds = true,
            Token::Mark('<') => generics += 1,
            Token::Mark('>') if !matches!(lexemes[at - 1].token, Token::Mark('-' | '=')) => generics -= 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// Whether what the attribute stands at can be there without tests and models.
fn is_compiled(attribute: &[Lexeme<'_>]) -> bool {
    let tokens: Vec<Token<'_>> = attribute.iter().map(|lexeme| lexeme.token).collect();
    let cfg = tokens.iter().position(|token| matches!(token, Token::Mark('['))).map_or(0, |open| open + 1);
    match tokens[cfg..] {
        [Token::Word("cfg"), Token::Mark('('), ref predicate @ .., Token::Mark(')'), Token::Mark(']')] => {
            can_hold(predicate)
        }
        _ => true,
    }
}

/// Whether a predicate of `cfg` can hold without tests and models. What stands in a `not` is taken to be able to.
fn can_hold(predicate: &[Token<'_>]) -> bool {
    match predicate {
        [Token::Word("test" | "loom")] => false,
        [Token::Word("all"), Token::Mark('('), inner @ .., Token::Mark(')')] => {
            arguments(inner).into_iter().all(can_hold)
        }
        [Token::Word("any"), Token::Mark('('), inner @ .., Token::Mark(')')] => {
            arguments(inner).into_iter().any(can_hold)
        }
        _ => true,
    }
}

/// The parts of `tokens` between the commas that stand in no brackets.
fn arguments<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0_usize;
    let is_comma = |token: &Token<'_>| {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth -= 1,
            _ => {}
        }
        depth == 0 && *token == Token::Mark(',')
    };
    tokens.split(is_comma).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::without_tests;
    use crate::lexer::{Token, lex};

    /// The words that are left of `source`.
    fn left(source: &str) -> Vec<&str> {
        let word = |token| if let Token::Word(word) = token { Some(word) } else { None };
        without_tests(&lex(source)).into_iter().filter_map(|lexeme| word(lexeme.token)).collect()
    }

    #[test]
    fn items_for_tests_are_left_out() {
        assert_eq!(left("#[cfg(test)] mod a; b"), ["b"]);
        assert_eq!(
            left("#[cfg(all(test, loom))] #[inline] fn a<A, B>(a: u8) -> [u8; 2] where A: B, B: A { a } b"),
            ["b"]
        );
        assert_eq!(left("#[cfg(loom)] use a::{b, c}; d"), ["d"]);
        assert_eq!(left("a { b: c, #[cfg(test)] pub(super) d: e<f, g>, h: i }"), ["a", "b", "c", "h", "i"]);
        assert_eq!(
            left("match a { #[cfg(test)] b => c(d, e), f => g, #[cfg(test)] h => i } j"),
            ["match", "a", "f", "g", "j"]
        );
        assert_eq!(left("a(b, #[cfg(test)] c) d"), ["a", "b", "d"]);
        assert_eq!(left("a { #[cfg(all(test, loom))] let b = { c; d }; e }"), ["a", "e"]);
        assert_eq!(left("a #![cfg(test)] b"), ["a"]);
    }

    #[test]
    fn all_else_is_kept() {
        for source in ["not(test)", "any(test, sim)", "sim", "all(sim, not(loom))", "feature = \"test\""] {
            assert!(left(&format!("#[cfg({source})] mod a;")).ends_with(&["mod", "a"]), "{source}");
        }
        assert_eq!(left("#[cfg(any(test, all(loom, sim)))] mod a; b"), ["b"]);
        assert_eq!(left("#[test] fn a() {} #[b(c)] d"), ["test", "fn", "a", "b", "c", "d"]);
        assert_eq!(left("pub(in crate::a) fn b() {} pub(super) c"), ["pub", "fn", "b", "pub", "super", "c"]);
    }

    #[test]
    fn a_source_cut_short_ends_the_item() {
        assert_eq!(left("a #[cfg(test)] fn b() { c"), ["a"]);
        assert_eq!(left("a #[cfg(test)]"), ["a"]);
        assert_eq!(left("a #[cfg(test"), ["a", "cfg", "test"]);
    }
}
