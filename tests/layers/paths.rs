//! Finds every path that a source file names, in `use` trees and in code, and makes it absolute.

use crate::lexer::{Lexeme, Token};

/// How a path is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A leaf of a `use` tree.
    Import,
    /// A path in code that is followed by its arguments.
    Call,
    /// Any other path of two or more segments in code.
    Mention,
}

/// One path, absolute where it began with `crate`, `self` or `super`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    /// Whether it stands in a module named `tests` or `loom`, be it inline or a file.
    pub(crate) in_tests: bool,
    /// What an import calls its target from here on.
    pub(crate) alias: Option<String>,
    /// Whether an import is also there for other modules.
    pub(crate) is_public: bool,
}

impl Path {
    /// Whether the path is `prefix` or goes on from it.
    pub(crate) fn is_within(&self, prefix: &str) -> bool {
        let mut segments = self.segments.iter();
        prefix.split("::").all(|part| segments.next().is_some_and(|segment| segment == part))
    }

    /// Whether the path is a glob that brings in `inner` or a module on the way to it.
    pub(crate) fn globs(&self, inner: &str) -> bool {
        let mut parts = inner.split("::");
        self.segments
            .strip_suffix(&["*".to_owned()])
            .is_some_and(|stem| stem.iter().all(|segment| parts.next() == Some(segment)))
    }

    /// The path with its first segment replaced by what one of `paths` imports under that name, if one does.
    pub(crate) fn expanded(&self, paths: &[Self]) -> Self {
        let first = &self.segments[0];
        let import = paths.iter().find(|path| path.alias.as_ref() == Some(first));
        let mut expanded = self.clone();
        if let Some(import) = import.filter(|_| self.kind != Kind::Import) {
            expanded.segments.splice(..1, import.segments.iter().cloned());
        }
        expanded
    }
}

/// Returns the modules that lead to the file at `path`, which is relative to the package.
pub(crate) fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut modules: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if modules.last().is_some_and(|last| last == "mod" || inner == "lib") {
        modules.pop();
    }
    modules
}

/// Returns the paths that `lexemes`, the contents of the module `module`, name.
pub(crate) fn paths(lexemes: &[Lexeme<'_>], module: &[String]) -> Vec<Path> {
    let mut reader =
        Reader { lexemes, at: 0, module: module.to_vec(), open: Vec::new(), is_public: false, found: Vec::new() };
    while reader.at < lexemes.len() {
        reader.step();
    }
    reader.found
}

struct Reader<'a> {
    lexemes: &'a [Lexeme<'a>],
    at: usize,
    /// The module that the reader is in, inline modules included.
    module: Vec<String>,
    /// One entry for each open brace: whether it opened an inline module.
    open: Vec<bool>,
    /// Whether the `use` that the reader is in, or was in last, is public.
    is_public: bool,
    found: Vec<Path>,
}

impl<'a> Reader<'a> {
    fn token(&self, ahead: usize) -> Option<Token<'a>> {
        self.lexemes.get(self.at + ahead).map(|lexeme| lexeme.token)
    }

    fn step(&mut self) {
        match (self.token(0), self.token(1), self.token(2)) {
            (Some(Token::Word("mod")), Some(Token::Word(name)), Some(Token::Mark('{'))) => {
                self.module.push(name.to_owned());
                self.open.push(true);
                self.at += 3;
            }
            (Some(Token::Mark('{')), ..) => {
                self.open.push(false);
                self.at += 1;
            }
            (Some(Token::Mark('}')), ..) => {
                if self.open.pop() == Some(true) {
                    self.module.pop();
                }
                self.at += 1;
            }
            // `use<'a>` in a bound captures lifetimes and imports nothing.
            (Some(Token::Word("use")), Some(next), _) if next != Token::Mark('<') => {
                let before = self.at.checked_sub(1).map(|at| self.lexemes[at].token);
                self.is_public = matches!(before, Some(Token::Word("pub") | Token::Mark(')')));
                self.at += 1;
                self.use_tree(Vec::new());
            }
            (Some(Token::Word(_)), ..) => self.path_in_code(),
            _ => self.at += 1,
        }
    }

    /// Reads one `use` tree that hangs below `stem`, and records its leaves.
    fn use_tree(&mut self, mut stem: Vec<String>) {
        while let Some(Lexeme { token, line, .. }) = self.lexemes.get(self.at).copied() {
            match token {
                Token::Colons => self.at += 1,
                Token::Word("as") => {
                    self.at += 2;
                    break;
                }
                Token::Word(word) => {
                    stem.push(word.to_owned());
                    self.at += 1;
                    if self.token(0) != Some(Token::Colons) {
                        self.record(stem.clone(), line, Kind::Import);
                    }
                }
                Token::Mark('*') => {
                    stem.push("*".to_owned());
                    self.at += 1;
                    self.record(stem.clone(), line, Kind::Import);
                }
                Token::Mark('{') => {
                    self.use_group(&stem);
                    break;
                }
                _ => break,
            }
        }
    }

    /// Reads the trees between braces; the reader stands at the opening one.
    fn use_group(&mut self, stem: &[String]) {
        self.at += 1;
        while let Some(token) = self.token(0) {
            match token {
                Token::Mark('}') => {
                    self.at += 1;
                    break;
                }
                Token::Word(_) | Token::Colons | Token::Mark('*' | '{') => self.use_tree(stem.to_vec()),
                _ => self.at += 1,
            }
        }
    }

    /// Reads a path in code. A lone word counts only where a parenthesis follows it: mostly it is then a
    /// function that is called, and else a keyword such as `if`, which no rule looks for.
    fn path_in_code(&mut self) {
        let before = self.at.checked_sub(1).map(|at| self.lexemes[at].token);
        let line = self.lexemes[self.at].line;
        let mut segments = Vec::new();
        while let Some(Token::Word(word)) = self.token(0) {
            segments.push(word.to_owned());
            self.at += 1;
            match (self.token(0), self.token(1)) {
                (Some(Token::Colons), Some(Token::Word(_))) => self.at += 1,
                _ => break,
            }
        }
        let called = match (self.token(0), self.token(1)) {
            (Some(Token::Mark('(')), _) => true,
            (Some(Token::Colons), Some(Token::Mark(mark))) => mark == '<',
            _ => false,
        };
        let named_here = matches!(before, Some(Token::Mark('.') | Token::Word("fn")));
        if called && !named_here {
            self.record(segments, line, Kind::Call);
        } else if segments.len() > 1 {
            self.record(segments, line, Kind::Mention);
        }
    }

    /// Records a path that ends where the reader stands.
    fn record(&mut self, segments: Vec<String>, line: usize, kind: Kind) {
        let segments = self.absolute(segments);
        let alias = match (kind, self.token(0), self.token(1)) {
            (Kind::Import, Some(Token::Word("as")), Some(Token::Word(name))) => Some(name.to_owned()),
            (Kind::Import, ..) => segments.last().cloned(),
            _ => None,
        };
        self.found.push(Path {
            segments,
            line,
            kind,
            in_tests: self.module.iter().any(|name| name == "tests" || name == "loom"),
            is_public: self.is_public && kind == Kind::Import,
            alias,
        });
    }

    fn absolute(&self, mut segments: Vec<String>) -> Vec<String> {
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        let climbs = segments.iter().take_while(|x| *x == "self" || *x == "super").count();
        if climbs == 0 {
            return segments;
        }
        let rest = segments.split_off(climbs);
        let ups = segments.iter().filter(|x| *x == "super").count();
        let kept = self.module.len().saturating_sub(ups);
        let mut absolute = vec!["crate".to_owned()];
        absolute.extend_from_slice(&self.module[..kept]);
        absolute.extend(rest);
        absolute
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, module_of, paths};
    use crate::lexer::lex;

    fn named(module: &str, source: &str) -> Vec<(String, usize, Kind)> {
        let found = paths(&lex(source), &module_of(module));
        found.into_iter().map(|path| (path.segments.join("::"), path.line, path.kind)).collect()
    }

    fn imports(module: &str, source: &str) -> Vec<String> {
        named(module, source).into_iter().map(|(path, _, _)| path).collect()
    }

    #[test]
    fn use_trees_are_flattened() {
        let source = "pub use crate::{\n    a::{self, b as c},\n    d::*,\n};\nuse ::e::f;";
        assert_eq!(
            named("src/x.rs", source),
            [
                ("crate::a".to_owned(), 2, Kind::Import),
                ("crate::a::b".to_owned(), 2, Kind::Import),
                ("crate::d::*".to_owned(), 3, Kind::Import),
                ("e::f".to_owned(), 5, Kind::Import),
            ]
        );
    }

    #[test]
    fn relative_paths_become_absolute() {
        assert_eq!(imports("src/fork/mod.rs", "use super::iter::X;"), ["crate::iter::X"]);
        assert_eq!(imports("src/fork/join.rs", "use super::super::iter;"), ["crate::iter"]);
        assert_eq!(imports("src/fork/join.rs", "use self::a::B;"), ["crate::fork::join::a::B"]);
        let inline = "mod tests { fn f() { {} } use super::super::Y; } use super::Z;";
        assert_eq!(imports("src/fork/join.rs", inline), ["crate::fork::Y", "crate::fork::Z"]);
        assert_eq!(imports("src/lib.rs", "pub mod a { pub use super::b; }"), ["crate::b"]);
    }

    #[test]
    fn code_names_paths_too() {
        let source = "fn f() -> crate::a::B<u8> {\n    crate::c::d::<u8>(x.e());\n    g()\n}";
        assert_eq!(
            named("src/x.rs", source),
            [
                ("crate::a::B".to_owned(), 1, Kind::Mention),
                ("crate::c::d".to_owned(), 2, Kind::Call),
                ("g".to_owned(), 3, Kind::Call),
            ]
        );
        assert_eq!(imports("src/x.rs", "macro_rules! m { () => { $crate::a::b } }"), ["crate::a::b"]);
        assert_eq!(imports("src/x.rs", "fn f() -> impl A + use<'_> {} // crate::b::c"), [""; 0]);
    }

    #[test]
    fn names_lead_back_through_imports() {
        let source = "use std::{thread, cell as c, fmt::*}; fn f() { thread::park(); c::Cell::new(); fmt::x() }";
        let found = paths(&lex(source), &[]);
        let expanded: Vec<_> = found.iter().map(|path| path.expanded(&found).segments.join("::")).collect();
        assert_eq!(expanded[3..], ["std::thread::park", "std::cell::Cell::new", "fmt::x"]);
        assert!(found[2].globs("std::fmt::Debug"));
        assert!(!found[2].globs("std::cell::Cell"));
        assert!(!found[0].globs("std::thread::park"));
        assert!(!found[0].is_within("std::thread::park"));
    }

    #[test]
    fn tests_are_told_from_code() {
        let source = "fn f() { a::b } mod tests { fn f() { c::d } } fn g() { e::f }";
        let told = |module| -> Vec<bool> {
            let found = paths(&lex(source), &module_of(module));
            found.iter().map(|path| path.in_tests).collect()
        };
        assert_eq!(told("src/pool/slot.rs"), [false, true, false]);
        assert_eq!(told("src/pool/loom.rs"), [true; 3]);
        assert_eq!(told("src/pool/slot/tests.rs"), [true; 3]);
    }
}
