//! Cuts Rust source into the few kinds of token that the rules read, each with its lines.

/// A token, without the comments and the contents of literals, which name nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// An identifier or a keyword; a raw identifier comes without its `r#`.
    Word(&'a str),
    /// The separator of paths, `::`.
    Colons,
    /// A string, a character, a number or a lifetime.
    Literal,
    /// Any other character that is not white space.
    Mark(char),
}

/// A token and the lines on which it begins and ends, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme<'a> {
    pub(crate) token: Token<'a>,
    pub(crate) line: usize,
    pub(crate) last_line: usize,
}

/// Returns the tokens of `source` in order.
pub(crate) fn lex(source: &str) -> Vec<Lexeme<'_>> {
    let mut cursor = Cursor { rest: source, line: 1 };
    let mut lexemes = Vec::new();
    while !cursor.rest.is_empty() {
        let line = cursor.line;
        if let Some(token) = cursor.next_token() {
            let last_line = cursor.line;
            lexemes.push(Lexeme { token, line, last_line });
        }
    }
    lexemes
}

/// Returns how many lines of `lexemes` hold code, as against comments and blank lines.
pub(crate) fn code_lines(lexemes: &[Lexeme<'_>]) -> usize {
    let mut counted = 0;
    let mut last_line = 0;
    for lexeme in lexemes {
        let first_new = lexeme.line.max(last_line + 1);
        counted += (lexeme.last_line + 1).saturating_sub(first_new);
        last_line = last_line.max(lexeme.last_line);
    }
    counted
}

/// What is left of the source, and the line on which it begins.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Cursor<'a> {
    /// Takes one token, or takes one stretch of white space or comment and returns `None`.
    fn next_token(&mut self) -> Option<Token<'a>> {
        let first = self.rest.chars().next()?;
        if first.is_whitespace() {
            self.take(self.length_while(char::is_whitespace));
            None
        } else if self.rest.starts_with("//") {
            self.take(self.length_while(|c| c != '\n'));
            None
        } else if self.rest.starts_with("/*") {
            self.take(block_comment_length(self.rest));
            None
        } else if let Some(length) = string_length(self.rest) {
            self.take(length);
            Some(Token::Literal)
        } else if is_word(first) {
            Some(self.word_or_number(first))
        } else if first == '\'' {
            self.take(quote_length(self.rest));
            Some(Token::Literal)
        } else if self.rest.starts_with("::") {
            self.take(2);
            Some(Token::Colons)
        } else {
            self.take(first.len_utf8());
            Some(Token::Mark(first))
        }
    }

    fn word_or_number(&mut self, first: char) -> Token<'a> {
        if self.rest.starts_with("r#") {
            self.take(2);
        }
        let word = self.take(self.length_while(is_word));
        if first.is_ascii_digit() { Token::Literal } else { Token::Word(word) }
    }

    fn length_while(&self, holds: impl Fn(char) -> bool) -> usize {
        self.rest.find(|c| !holds(c)).unwrap_or(self.rest.len())
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of the block comment at the start of `text`; block comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of the string literal at the start of `text`, if one starts there.
fn string_length(text: &str) -> Option<usize> {
    let quote = text.find('"')?;
    let raw_hashes = match text[..quote].trim_end_matches('#') {
        "" | "b" | "c" if !text[..quote].ends_with('#') => None,
        "r" | "br" | "cr" => Some(text[..quote].matches('#').count()),
        _ => return None,
    };
    let body = &text[quote + 1..];
    let length = match raw_hashes {
        Some(hashes) => {
            let end = format!("\"{}", "#".repeat(hashes));
            body.find(&end).map(|at| at + end.len())
        }
        None => quoted_length(body, '"'),
    };
    Some(length.map_or(text.len(), |length| quote + 1 + length))
}

/// The length of the character literal or the lifetime at the start of `text`.
fn quote_length(text: &str) -> usize {
    let body = &text[1..];
    let mut following = body.chars();
    let (first, second) = (following.next(), following.next());
    if first == Some('\\') || second == Some('\'') {
        quoted_length(body, '\'').map_or(text.len(), |length| 1 + length)
    } else {
        1 + body.find(|c| !is_word(c)).unwrap_or(body.len())
    }
}

/// The length of `body` up to and with the first `end` that no backslash escapes.
fn quoted_length(body: &str, end: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        if !escaped && c == end {
            return Some(at + c.len_utf8());
        }
        escaped = !escaped && c == '\\';
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Token, code_lines, lex};

    fn words(source: &str) -> Vec<&str> {
        let word = |token| {
            if let Token::Word(word) = token { Some(word) } else { None }
        };
        lex(source).iter().filter_map(|lexeme| word(lexeme.token)).collect()
    }

    #[test]
    fn comments_and_literals_hold_no_words() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(words(r##"a "b \" c" r#"d " e"# b"f" br"g" c"h" 'i' '\'' z"##), ["a", "z"]);
        assert_eq!(words("fn f<'a>(x: &'a str) { '\"' }"), ["fn", "f", "x", "str"]);
        assert_eq!(words("0x1f 1_000u64 r#type bare"), ["type", "bare"]);
    }

    #[test]
    fn lines_follow_the_source() {
        let lexemes = lex("a\n\"two\nlines\"\n/* three\n\n*/ b");
        let lines: Vec<_> = lexemes.iter().map(|x| (x.line, x.last_line)).collect();
        assert_eq!(lines, [(1, 1), (2, 3), (6, 6)]);
    }

    #[test]
    fn only_code_is_counted() {
        assert_eq!(code_lines(&lex("//! doc\n\nlet a = 1; // one\nlet b = \"x\n\ny\";\n")), 4);
        assert_eq!(code_lines(&lex("// nothing\n/* here */\n")), 0);
    }

    #[test]
    fn a_source_cut_short_ends_the_last_token() {
        assert_eq!(words("a /* b"), ["a"]);
        assert_eq!(words("a \"b"), ["a"]);
        assert_eq!(words("a '"), ["a"]);
    }
}
