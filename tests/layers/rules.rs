//! The rules: each looks at one file and reports what it finds wrong there.

use crate::lexer::{Lexeme, Token, code_lines, lex};
use crate::paths::{Kind, Path, module_of, paths};
use crate::table::{
    BEHIND_THE_DOOR, DOOR, EMPTY_NAMES, EXCUSE, FORKING_FOLDER, FORKS, LAYERS, Layer, MOST_CODE_LINES, PUBLIC_PAGES,
    SPENDS_THE_TOKEN, THREAD_LOCAL, TIMES, TOP,
};

/// A file of the package; the path is relative to the package and has `/` between its parts.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Where a path or a file stands in the table.
#[derive(Clone, Copy, Debug)]
enum Place {
    Layer(&'static Layer),
    Top,
}

impl Place {
    /// The place of the item whose modules, counted from the crate root, are `modules`.
    fn of(modules: &[String]) -> Self {
        let folder = modules.first();
        let layer = LAYERS.iter().find(|layer| folder.is_some_and(|name| name == layer.folder));
        layer.map_or(Self::Top, Self::Layer)
    }

    fn height(self) -> u8 {
        match self {
            Self::Layer(layer) => layer.number,
            Self::Top => u8::MAX,
        }
    }

    fn name(self) -> String {
        match self {
            Self::Layer(layer) => format!("layer {} (`{}`)", layer.number, layer.folder),
            Self::Top => "the top (the crate root, `prelude` and `extra`)".to_owned(),
        }
    }
}

/// Returns everything that is wrong with `file`, as lines of the form `path:line: complaint`.
pub(crate) fn complaints(file: &SourceFile) -> Vec<String> {
    let lexemes = lex(&file.text);
    let mut found = Vec::new();
    empty_names(file, &mut found);
    first_line(file, &mut found);
    length(file, &lexemes, &mut found);
    if file.path.starts_with("src/") {
        let module = module_of(&file.path);
        let paths = paths(&lexemes, &module);
        match Place::of(&module) {
            Place::Layer(layer) => {
                edges(layer, &paths, &mut found);
                door(layer, &paths, &mut found);
                thread_locals(layer, &lexemes, &paths, &module, &mut found);
                forks(layer, file, &paths, &mut found);
                times(layer, file, &lexemes, &mut found);
            }
            Place::Top => bare_top(file, &module, &lexemes, &mut found),
        }
    }
    found.into_iter().map(|(line, what)| format!("{}:{line}: {what}", file.path)).collect()
}

type Found = Vec<(usize, String)>;

/// A layer names only what its row of the table grants it.
fn edges(layer: &'static Layer, paths: &[Path], found: &mut Found) {
    for path in paths.iter().filter(|path| path.segments[0] == "crate") {
        let target = Place::of(&path.segments[1..]);
        if path.is_within(&format!("crate::{}", layer.folder))
            || layer.may_use.iter().any(|granted| path.is_within(&format!("crate::{granted}")))
        {
            continue;
        }
        let why = match target.height().cmp(&layer.number) {
            std::cmp::Ordering::Greater => "lies above it".to_owned(),
            std::cmp::Ordering::Equal => "lies beside it".to_owned(),
            std::cmp::Ordering::Less => {
                format!("is not among what it may use: {}", layer.may_use.join(", "))
            }
        };
        let own = Place::Layer(layer).name();
        let named = path.segments.join("::");
        found.push((path.line, format!("{own} names `{named}` of {}, which {why}", target.name())));
    }
}

/// Only one folder names what stands behind the door. Tests start threads as they like, and models run under the model checker alone. What spends a thread's token for `park` that folder does not name
/// either.
fn door(layer: &'static Layer, paths: &[Path], found: &mut Found) {
    let (forbidden, why) = if layer.folder == DOOR {
        (SPENDS_THE_TOKEN, "whose threads use up the token for `park`, which is the program's".to_owned())
    } else {
        (BEHIND_THE_DOOR, format!("which only `{DOOR}` may name"))
    };
    for path in paths.iter().filter(|path| !path.in_tests) {
        let expanded = path.expanded(paths);
        let named = forbidden.iter().find(|inner| expanded.is_within(inner) || path.globs(inner));
        if let Some(inner) = named {
            let own = Place::Layer(layer).name();
            let complaint = format!("{own} reaches `{inner}`, {why}");
            found.push((path.line, complaint));
        }
    }
}

/// Thread-locals are declared by the macro of the door: std's own is in scope without being named.
fn thread_locals(layer: &'static Layer, lexemes: &[Lexeme<'_>], paths: &[Path], module: &[String], found: &mut Found) {
    let (name, door) = THREAD_LOCAL;
    let in_tests = module.iter().any(|name| name == "tests" || name == "loom");
    if layer.folder == DOOR || in_tests || paths.iter().any(|path| path.kind == Kind::Import && path.is_within(door)) {
        return;
    }
    if let Some(lexeme) = lexemes.iter().find(|lexeme| lexeme.token == Token::Word(name)) {
        found.push((lexeme.line, format!("`{name}!` is std's here: thread-locals are declared by `{door}`")));
    }
}

/// In the layer of iterators, only the schedule forks.
fn forks(layer: &'static Layer, file: &SourceFile, paths: &[Path], found: &mut Found) {
    let schedule = file.path.strip_prefix(FORKING_FOLDER).is_some_and(|rest| rest.starts_with(['/', '.']));
    if layer.folder != "iter" || schedule {
        return;
    }
    for path in paths {
        let forks = path.segments.last().is_some_and(|last| FORKS.contains(&last.as_str()));
        let named = path.segments.join("::");
        if forks && (path.kind != Kind::Mention || path.expanded(paths).is_within("crate::fork")) {
            found.push((path.line, format!("`{named}`: in `iter`, only `{FORKING_FOLDER}` forks")));
        } else if FORKS.iter().any(|fork| path.globs(&format!("crate::fork::{fork}"))) {
            found.push((path.line, format!("`{named}` brings in what forks; in `iter`, name the item")));
        }
    }
}

/// The constants of the scheduler that are times stand in one file.
fn times(layer: &'static Layer, file: &SourceFile, lexemes: &[Lexeme<'_>], found: &mut Found) {
    if layer.folder != "pool" || file.path == TIMES {
        return;
    }
    for four in lexemes.windows(4) {
        if let [Token::Word("const"), Token::Word(name), Token::Mark(':'), Token::Word("Duration")] =
            [four[0].token, four[1].token, four[2].token, four[3].token]
        {
            found.push((four[0].line, format!("`{name}` is a time: it stands in `{TIMES}`")));
        }
    }
}

/// The top is made of documentation and re-exports, and `src/` holds nothing else beside the layers.
fn bare_top(file: &SourceFile, module: &[String], lexemes: &[Lexeme<'_>], found: &mut Found) {
    let name = file.path.trim_start_matches("src/").trim_end_matches(".rs");
    if !TOP.contains(&name) {
        let folder = module.first().map_or("", String::as_str);
        found.push((1, format!("`{folder}` is neither a layer of the table nor part of the top")));
        return;
    }
    for lexeme in lexemes {
        let Token::Word(word) = lexeme.token else {
            continue;
        };
        let logic = ["const", "enum", "fn", "impl", "macro_rules", "static", "struct", "trait", "type", "union"];
        if logic.contains(&word) {
            let complaint = format!("`{word}` at the top, which holds only documentation and re-exports");
            found.push((lexeme.line, complaint));
        }
    }
}

/// Every file says first what it is. The root of a layer names the layer, and a file that names one names the right one;
/// but a public page names none.
fn first_line(file: &SourceFile, found: &mut Found) {
    let first = file.text.lines().next().unwrap_or_default();
    if first.strip_prefix("//! ").is_none_or(|doc| doc.trim().is_empty()) {
        found.push((1, "the first line is not a `//!` that says what the file is".to_owned()));
        return;
    }
    let in_src = file.path.starts_with("src/");
    if let (true, Place::Layer(layer)) = (in_src, Place::of(&module_of(&file.path))) {
        let own = format!("//! Layer {}: ", layer.number);
        let root = module_of(&file.path).len() == 1;
        if PUBLIC_PAGES.contains(&file.path.as_str()) {
            if first.starts_with("//! Layer ") {
                found.push((1, "the first line names a layer, on a page that is public".to_owned()));
            }
        } else if (root || first.starts_with("//! Layer ")) && !first.starts_with(&own) {
            found.push((1, format!("the first line does not begin with `{own}`")));
        }
    }
}

/// No file or folder has a name that says nothing.
fn empty_names(file: &SourceFile, found: &mut Found) {
    for name in file.path.trim_end_matches(".rs").split('/').filter(|name| EMPTY_NAMES.contains(name)) {
        found.push((1, format!("the name `{name}` does not say what is in there")));
    }
}

/// No file is long without a reason.
fn length(file: &SourceFile, lexemes: &[Lexeme<'_>], found: &mut Found) {
    let lines = code_lines(lexemes);
    let mut header = file.text.lines().take_while(|line| line.starts_with("//!"));
    if lines > MOST_CODE_LINES && !header.any(|line| line.contains(EXCUSE)) {
        found.push((1, format!("{lines} lines of code, and no \"{EXCUSE} …\" in the header")));
    }
}
