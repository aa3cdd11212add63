//! No circles: among the files of a folder of `src/`, none uses another that uses it, be it by way of others.

use std::collections::{BTreeMap, BTreeSet};

use crate::compiled::without_tests;
use crate::lexer::{Lexeme, Token, lex};
use crate::paths::{Path, module_of, paths};
use crate::rules::SourceFile;

/// The folders of `src/` that are free of circles; each is one graph, with the files in its subfolders.
const FREE_OF_CIRCLES: &[&str] = &["collections", "fork", "job", "pool", "task", "text"];

/// How many re-exports are followed from a path to its item. More only a circle of re-exports has.
const MOST_REEXPORTS: usize = 8;

/// A file, as it is compiled without tests.
struct Unit<'a> {
    path: &'a str,
    module: Vec<String>,
    paths: Vec<Path>,
    /// The names in it, but for those that `use` and `mod` declare.
    words: BTreeSet<&'a str>,
}

impl<'a> Unit<'a> {
    fn new(file: &'a SourceFile) -> Self {
        let module = module_of(&file.path);
        let lexemes = without_tests(&lex(&file.text));
        let mut paths = paths(&lexemes, &module);
        paths.retain(|path| !path.in_tests);
        Unit { path: &file.path, module, paths, words: words(&lexemes) }
    }
}

/// The names in `lexemes` that are neither in a `use` declaration nor after a `mod` or a dot.
fn words<'a>(lexemes: &[Lexeme<'a>]) -> BTreeSet<&'a str> {
    let mut words = BTreeSet::new();
    let mut before = Token::Mark(';');
    let mut in_use = false;
    for (at, lexeme) in lexemes.iter().enumerate() {
        match lexeme.token {
            Token::Word("use") => in_use = lexemes.get(at + 1).is_none_or(|next| next.token != Token::Mark('<')),
            Token::Mark(';') => in_use = false,
            Token::Word(word) if !in_use && !matches!(before, Token::Word("mod") | Token::Mark('.')) => {
                words.insert(word);
            }
            _ => {}
        }
        before = lexeme.token;
    }
    words
}

/// The files of one folder, by their modules.
struct Folder<'a>(BTreeMap<Vec<String>, Unit<'a>>);

impl<'a> Folder<'a> {
    fn new(files: &'a [SourceFile], name: &str) -> Self {
        let of_folder = |file: &&SourceFile| {
            let module = module_of(&file.path);
            let is_code = !module.iter().any(|name| name == "tests" || name == "loom");
            file.path.starts_with("src/") && module.first().is_some_and(|first| first == name) && is_code
        };
        let units = files.iter().filter(of_folder).map(Unit::new);
        Folder(units.map(|unit| (unit.module.clone(), unit)).collect())
    }

    /// The path from the crate's root that `path`, which `unit` names, stands for.
    fn absolute(&self, unit: &Unit<'_>, path: &Path) -> Vec<String> {
        let segments = path.expanded(&unit.paths).segments;
        let mut child = unit.module.clone();
        child.push(segments[0].clone());
        if !self.0.contains_key(&child) {
            return segments;
        }
        let above = std::iter::once("crate".to_owned()).chain(unit.module.iter().cloned());
        above.chain(segments).collect()
    }

    /// The file of the folder that has the item at `segments`. If the file at the path imports the item itself, it is
    /// the file that the import leads to; an import by `*` is not followed.
    fn owner(&self, segments: &[String], reexports: usize) -> Option<&Unit<'a>> {
        let (_, modules) = segments.split_first().filter(|(root, _)| *root == "crate")?;
        let (unit, item) =
            (1..=modules.len()).rev().find_map(|n| Some((self.0.get(&modules[..n])?, modules.get(n))))?;
        let import = unit.paths.iter().find(|path| item.is_some() && path.alias.as_ref() == item);
        match import {
            Some(import) if reexports < MOST_REEXPORTS => self.owner(&self.absolute(unit, import), reexports + 1),
            _ => Some(unit),
        }
    }

    /// The files that `unit` uses, each with the first line that names an item of it, and the item.
    fn uses_of(&self, unit: &Unit<'a>) -> BTreeMap<&[String], (usize, String)> {
        let mut used = BTreeMap::new();
        for path in &unit.paths {
            let segments = self.absolute(unit, path);
            let Some(owner) = self.owner(&segments, 0).filter(|owner| owner.module != unit.module) else {
                continue;
            };
            let is_used_here = path.alias.as_ref().is_some_and(|name| unit.words.contains(name.as_str()));
            let only_passes_on = path.is_public && owner.module.starts_with(&unit.module) && !is_used_here;
            if !only_passes_on {
                used.entry(owner.module.as_slice()).or_insert_with(|| (path.line, segments.join("::")));
            }
        }
        used
    }
}

/// Returns the circles of the folder, one message for each set of files that all use each other.
fn circles(files: &[SourceFile], folder: &str) -> Vec<String> {
    let folder = Folder::new(files, folder);
    let edges: BTreeMap<&[String], _> =
        folder.0.values().map(|unit| (unit.module.as_slice(), folder.uses_of(unit))).collect();
    let reached: BTreeMap<&[String], _> = edges.keys().map(|from| (*from, reachable(from, &edges))).collect();
    let mut found = Vec::new();
    for (first, from_first) in &reached {
        let members: Vec<&[String]> =
            from_first.iter().copied().filter(|member| reached[member].contains(first)).collect();
        if members.first() == Some(first) {
            found.push(describe(&members, &edges, &folder));
        }
    }
    found
}

type Edges<'m> = BTreeMap<&'m [String], BTreeMap<&'m [String], (usize, String)>>;

/// The files that are used from `start`, also by way of others; `start` itself is among them if it is in a circle.
fn reachable<'m>(start: &[String], edges: &Edges<'m>) -> BTreeSet<&'m [String]> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&[String]> = edges[start].keys().copied().collect();
    while let Some(next) = ahead.pop() {
        if reached.insert(next) {
            ahead.extend(edges[next].keys());
        }
    }
    reached
}

fn describe(members: &[&[String]], edges: &Edges<'_>, folder: &Folder<'_>) -> String {
    let path = |module: &[String]| folder.0[module].path;
    let names: Vec<&str> = members.iter().map(|member| path(member)).collect();
    let mut message = format!("{} files use each other: {}", members.len(), names.join(", "));
    for from in members {
        for (to, (line, named)) in edges[from].iter().filter(|(to, _)| members.contains(to)) {
            message += &format!("\n    {}:{line} names `{named}`, of {}", path(from), path(to));
        }
    }
    message
}

#[test]
fn no_files_of_a_folder_use_each_other() {
    let files = crate::tree();
    let found: Vec<String> = FREE_OF_CIRCLES.iter().flat_map(|folder| circles(&files, folder)).collect();
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

/// The circles among made-up files of `src/job/`.
#[cfg(test)]
fn among(files: &[(&str, &str)]) -> Vec<String> {
    let file = |&(name, text): &(&str, &str)| SourceFile { path: format!("src/job/{name}"), text: text.to_owned() };
    circles(&files.iter().map(file).collect::<Vec<_>>(), "job")
}

#[test]
fn a_circle_of_two_is_told_with_its_files_and_edges() {
    let found = among(&[
        ("a.rs", "use crate::job::b::B;\npub struct A(B);"),
        ("b.rs", "pub struct B;\nfn f(_: &super::a::A) {}\nuse super::a;"),
        ("c.rs", "use crate::job::{a::A, b::B};"),
    ]);
    assert_eq!(
        found,
        ["2 files use each other: src/job/a.rs, src/job/b.rs\n    \
          src/job/a.rs:1 names `crate::job::b::B`, of src/job/b.rs\n    \
          src/job/b.rs:2 names `crate::job::a::A`, of src/job/a.rs"]
    );
}

#[test]
fn a_circle_of_three_is_told_once() {
    let a = ("a.rs", "use crate::job::b::B;");
    let b = ("b.rs", "use crate::job; fn f() { job::inner::c::g() }");
    let c = ("inner/c.rs", "use super::super::a::{A as X, Y};");
    let found = among(&[a, b, c, ("d.rs", "use super::a::A;")]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("3 files use each other: src/job/a.rs, src/job/b.rs, src/job/inner/c.rs\n"));
    assert_eq!(found[0].lines().count(), 4, "{found:?}");
    assert_eq!(among(&[a, b, c, ("d.rs", "use super::e::E;"), ("e.rs", "use super::d::D;")]).len(), 2);
    assert!(among(&[a, b]).is_empty());
}

#[test]
fn files_above_each_other_are_no_circle() {
    assert!(
        among(&[
            ("mod.rs", "mod a; mod b; mod c; use self::b::B; use std::sync::Arc;"),
            ("a.rs", "use crate::job::{b::B, c}; use crate::job::a::inner::X; mod inner { use super::Y; }"),
            ("b.rs", "use super::c::C; use crate::sync::a::A; // crate::job::a::A\nfn f() { a::g() }"),
            ("c.rs", "use crate::pool::job::a::A;"),
        ])
        .is_empty()
    );
}

#[test]
fn a_reexport_leads_to_the_child_that_has_the_item() {
    let parent = ("mod.rs", "mod a; mod b; pub(crate) use self::a::{A, g as h}; pub(crate) use inner::C; mod inner;");
    let circle = |b| among(&[parent, ("a.rs", "use super::b::B;"), ("b.rs", b), ("inner/mod.rs", "struct C;")]);
    for b in ["use crate::job::A;", "fn f() { super::h(x) }", "use crate::job; fn f(_: job::A) {}"] {
        let found = circle(b);
        assert_eq!(found.len(), 1, "{b}: {found:?}");
        assert!(found[0].starts_with("2 files use each other: src/job/a.rs, src/job/b.rs\n"), "{found:?}");
    }
    assert!(circle("use crate::job::C;").is_empty());

    let through_two = among(&[
        ("mod.rs", "mod inner; pub(crate) use self::inner::A;"),
        ("inner/mod.rs", "mod a; pub(crate) use self::a::A;"),
        ("inner/a.rs", "use crate::job::b::B;"),
        ("b.rs", "use crate::job::A;"),
    ]);
    assert_eq!(through_two.len(), 1, "{through_two:?}");
    assert!(through_two[0].starts_with("2 files use each other: src/job/b.rs, src/job/inner/a.rs\n"));
}

#[test]
fn a_parent_uses_a_child_if_it_does_more_than_pass_it_on() {
    let circle = |parent| among(&[("mod.rs", parent), ("a.rs", "use super::T; pub(in crate::job) struct A;")]);
    assert!(circle("mod a; pub use self::a::A; trait T {}").is_empty());
    assert!(circle("mod a; pub(in crate::job) use self::a::{self, A}; trait T {} fn f() { x.A() }").is_empty());
    for parent in [
        "mod a; pub use self::a::A; trait T { fn f(_: A); }",
        "mod a; use self::a::A; trait T {}",
        "mod a; use a::A; trait T {}",
        "mod a; trait T { fn f() { a::g() } }",
        "mod a; pub use self::a; trait T { fn f() { a::g() } }",
    ] {
        assert_eq!(circle(parent).len(), 1, "{parent}");
    }
    // A sibling is not passed on by the file that stands above it.
    assert_eq!(among(&[("a.rs", "pub use super::b::B;"), ("b.rs", "use super::a::A;")]).len(), 1);
}

#[test]
fn a_visibility_names_no_item() {
    let parent = ("mod.rs", "mod a; fn f() { a::g() }");
    assert!(among(&[parent, ("a.rs", "pub(in crate::job) fn g() {} pub(super) fn h() {}")]).is_empty());
}

#[test]
fn tests_and_models_make_no_circle() {
    let a = ("a.rs", "use super::b::B;");
    for b in [
        "#[cfg(test)] mod tests { use super::super::a::A; }",
        "mod loom { use super::super::a::A; }",
        "#[cfg(all(test, loom))] pub(super) fn f() { crate::job::a::g() }",
    ] {
        assert!(among(&[a, ("b.rs", b)]).is_empty(), "{b}");
    }
    assert!(among(&[a, ("b/tests.rs", "use crate::job::a::A;"), ("b.rs", "mod tests;")]).is_empty());
    assert_eq!(among(&[a, ("b.rs", "#[cfg(not(loom))] use super::a::A;")]).len(), 1);
}
