//! One word, one concept: no two types, traits or aliases of `src/` have one name, but for those of a short list.

use std::collections::BTreeMap;

use crate::lexer::{Lexeme, Token, lex};
use crate::paths::module_of;
use crate::rules::SourceFile;

/// Names that several definitions may have, with the reason.
const SHARED_NAMES: &[(&str, &[&str])] = &[
    (
        "rayon has them in one public module each, so programs name them there",
        &[
            "Chunks",
            "Drain",
            "IndexedRangeInteger",
            "IntoIter",
            "Iter",
            "IterMut",
            "RangeInteger",
            "Split",
            "SplitInclusive",
        ],
    ),
    ("associated types that std's or rayon's traits have under these names", &["Exact", "Item", "Output"]),
    (
        "the simulated machine and the models stand in for std's and crossbeam's types, and bear their names",
        &["Condvar", "Injector", "Instant", "JoinHandle", "Mutex", "Stealer", "Worker"],
    ),
];

/// The words that begin a definition of one of these.
const DEFINE: &[&str] = &["enum", "struct", "trait", "type", "union"];

#[derive(Debug, PartialEq, Eq)]
struct Definition<'a> {
    name: &'a str,
    line: usize,
    /// The module that it stands in, inline modules included. Two of one name in one module are made by `cfg`.
    module: String,
}

/// Returns what `lexemes`, the contents of the module `module`, define outside of tests and models. The associated types of
/// an implementation are not definitions; those of a trait are.
fn definitions<'a>(lexemes: &[Lexeme<'a>], module: &[String]) -> Vec<Definition<'a>> {
    let mut module = module.to_vec();
    let mut found = Vec::new();
    // For each open brace, whether it opened a module and whether an implementation.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut header: Vec<&str> = Vec::new();
    for (at, lexeme) in lexemes.iter().enumerate() {
        let next = lexemes.get(at + 1).map(|next| next.token);
        match lexeme.token {
            Token::Mark('{') => {
                let inline = header.iter().rev().nth(1).filter(|word| **word == "mod").and(header.last());
                module.extend(inline.map(|name| (*name).to_owned()));
                open.push((inline.is_some(), header.contains(&"impl") && !header.contains(&"fn")));
                header.clear();
            }
            Token::Mark('}') => {
                if open.pop().is_some_and(|(is_module, _)| is_module) {
                    module.pop();
                }
                header.clear();
            }
            Token::Mark(';') => header.clear(),
            Token::Word(word) => {
                header.push(word);
                let is_associated = word == "type" && open.last().is_some_and(|(_, is_impl)| *is_impl);
                let in_tests = module.iter().any(|name| name == "tests" || name == "loom");
                if let (true, Some(Token::Word(name))) = (DEFINE.contains(&word) && !is_associated && !in_tests, next) {
                    if name.starts_with(char::is_uppercase) {
                        found.push(Definition { name, line: lexeme.line, module: module.join("::") });
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns each name that is defined in two modules of `src/`, with the places, and each of `shared` that is not.
fn complaints(files: &[SourceFile], shared: &[(&str, &[&str])]) -> Vec<String> {
    let mut places: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let sources = files.iter().filter(|file| file.path.starts_with("src/"));
    let lexed: Vec<_> = sources.map(|file| (file, lex(&file.text))).collect();
    for (file, lexemes) in &lexed {
        for definition in definitions(lexemes, &module_of(&file.path)) {
            let place = format!("{}:{}", file.path, definition.line);
            places.entry(definition.name).or_default().entry(definition.module).or_insert(place);
        }
    }
    let several = |name: &str| places.get(name).is_some_and(|places| places.len() > 1);
    let is_shared = |name: &str| shared.iter().any(|(_, names)| names.contains(&name));
    let doubled = places.iter().filter(|(name, places)| places.len() > 1 && !is_shared(name)).map(|(name, places)| {
        let places: Vec<&str> = places.values().map(String::as_str).collect();
        format!("`{name}` is the name of several things: {}", places.join(", "))
    });
    let needless = shared.iter().flat_map(|(_, names)| *names).filter(|name| !several(name));
    doubled.chain(needless.map(|name| format!("`{name}` need not be among the shared names"))).collect()
}

#[test]
fn no_two_types_have_one_name() {
    let found = complaints(&crate::tree(), SHARED_NAMES);
    assert!(found.is_empty(), "{} complaints:\n{}", found.len(), found.join("\n"));
}

/// What is said of the made-up files `src/job/a.rs` and `src/pool/b.rs`, with `Item` shared.
#[cfg(test)]
fn about(a: &str, b: &str) -> Vec<String> {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    complaints(&[file("src/job/a.rs", a), file("src/pool/b.rs", b)], &[])
}

#[test]
fn a_name_of_two_modules_is_caught() {
    let caught = ["`State` is the name of several things: src/job/a.rs:1, src/pool/b.rs:2"];
    assert_eq!(about("struct State;", "\nenum State {}"), caught);
    assert_eq!(about("trait State {}", "\npub(crate) type State = u8;"), caught);
    assert_eq!(about("trait T { type State; }", "\nfn f() { struct State; }"), caught);
    assert_eq!(about("struct State;\nmod inner { struct State; }", "").len(), 1);
    assert_eq!(about("struct State;", "fn f() -> impl T { }\nunion State {}").len(), 1);
}

#[test]
fn tests_implementations_and_alternatives_are_not_caught() {
    assert!(about("struct State;", "mod tests { struct State; }\nmod loom { enum State {} }").is_empty());
    assert!(about("struct State;", "impl<T> Tr for X<T> where T: A { type State = u8; }").is_empty());
    assert!(about("#[cfg(a)] type State = u8;\n#[cfg(b)] type State = u16;", "").is_empty());
    assert!(about("struct State;", "// struct State;\nfn f(state: State) { g::<State>() }").is_empty());
}

#[test]
fn a_shared_name_of_one_type_is_caught() {
    let file = SourceFile { path: "src/job/a.rs".to_owned(), text: "struct State;".to_owned() };
    assert_eq!(complaints(&[file], &[("no reason", &["State"])]), ["`State` need not be among the shared names"]);
}
