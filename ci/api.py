"""Compares the public API of rayon with this crate's, as rustdoc prints both, and prints what is missing here, and which
names this crate adds to rayon's traits and prelude.

    api.py DOC OURS THEIRS...
    api.py --examples DOC OURS

The second form prints this crate's own items and methods whose documentation has no example, but for deprecated ones.

DOC is rustdoc's folder, OURS this crate's name in it, THEIRS the names of the crates that it has to cover.

What counts is what a program written against THEIRS can notice:
- an item, a method or an implementation that is not here;
- another signature; names of parameters and of type parameters are not looked at, nor is the order of bounds;
- a bound that is asked for here alone, and, in traits, which other crates implement, one that is asked for there alone;
- a method that traits elsewhere provide and ours require, or one required here alone;
- a method, type or constant in one of their traits, or a name in the prelude, that is here alone: a program's own trait
  with that name would be ambiguous with it. rustdoc does not print hidden items, so those are looked for in this crate's
  sources. A hidden name that begins with two underscores is free, for no program has it.
"""

import html
import pathlib
import re
import sys
from html.parser import HTMLParser

# Accepted differences, by the beginning of their lines, each with its reason.
ACCEPTED = {
    # `FnOnce::Output` there, a parameter `R` with `F: Fn(I::Item) -> R` here: the same type.
    "missing associated type: impl ours::iter::ParallelIterator for ours::iter::Map<T0, T1> ",
    # Producers and consumers override these to take part in splits while a loop runs: a method that is overridden cannot
    # be in another trait. Few programs import these traits, and none by the prelude.
    "here alone: ours::iter::plumbing::Consumer::can_split_running",
    "here alone: ours::iter::plumbing::Consumer::rejoin",
    "here alone: ours::iter::plumbing::Consumer::split_off_front",
    "here alone: ours::iter::plumbing::Consumer::split_running",
    "here alone: ours::iter::plumbing::Folder::consume_filtered",
    "here alone: ours::iter::plumbing::Producer::can_run_in_blocks",
    "here alone: ours::iter::plumbing::Reducer::IN_ORDER",
    "here alone: ours::iter::plumbing::UnindexedProducer::fold_some",
    # rayon has these, and hides them too: they are deprecated.
    "hidden: ParallelIterator::find",
    "hidden: IndexedParallelIterator::position",
}

# What a bound brings with it, and for which of the subject's types.
ITERATOR = {("::Item", "core::marker::Send"), ("", "core::marker::Send")}
IMPLIED = {
    "core::marker::Copy": {("", "core::clone::Clone")},
    "core::cmp::Eq": {("", "core::cmp::PartialEq")},
    "core::cmp::Ord": {("", "core::cmp::Eq"), ("", "core::cmp::PartialOrd"), ("", "core::cmp::PartialEq")},
    "ours::iter::ParallelIterator": ITERATOR,
    "ours::iter::IndexedParallelIterator": ITERATOR | {("", "ours::iter::ParallelIterator")},
}

# What std's collections give to loops, as patterns for a reference `&'a `, `&'a mut ` or none, and the parameters:
# rustdoc prints `<&'a BTreeMap<K, V> as IntoIterator>::Item` where that was written, for `(&'a K, &'a V)`.
LOOP_ITEMS = {
    "alloc::collections::btree::map::BTreeMap": "({shared}{0}, {given}{1})",
    "alloc::collections::btree::set::BTreeSet": "{given}{0}",
    "alloc::collections::linked_list::LinkedList": "{given}{0}",
    "std::collections::hash::map::HashMap": "({shared}{0}, {given}{1})",
    "std::collections::hash::set::HashSet": "{given}{0}",
}

AUTO_TRAITS = {"core::marker::Send", "core::marker::Sync"}
PATH_KINDS = {"struct", "enum", "trait", "union"}

# Nobody outside can tell whether private fields have names.
PRIVATE_FIELDS = "(/* private fields */)"


class Page(HTMLParser):
    """The declaration on a page, and each code header with the section and the implementation that it stands in.

    Links are replaced by the full paths of what they lead to."""

    def __init__(self, path, crates, repeated):
        super().__init__()
        self.crates, self.repeated = crates, repeated
        self.declaration = ""
        self.headers = []  # (section, tag, text)
        self.exports = []
        self.section = self.text = self.closing = self.link = None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        classes = (attributes.get("class") or "").split()
        if tag == "h2" and "section-header" in classes:
            self.section = attributes.get("id", "")
        if self.text is None:
            if "item-decl" in classes or "code-header" in classes:
                self.closing, self.text = tag, ""
            elif tag == "code" and self.section == "reexports":
                self.closing, self.text = tag, ""
        elif "where" in classes:
            self.text += " "
        elif tag == "a":
            kind, _, path = (attributes.get("title") or "").partition(" ")
            if kind in PATH_KINDS:
                self.link = len(self.text), path

    def handle_endtag(self, tag):
        if self.text is None:
            return
        if tag == "a" and self.link:
            begin, path = self.link
            self.link = None
            crate, _, rest = path.partition("::")
            if crate in self.crates:
                path = "ours::" + rest
                path = self.repeated.get(path, path)
            self.text = self.text[:begin] + path
        if tag == self.closing:
            text = " ".join(self.text.replace("->", "→").split())
            if tag == "pre":
                self.declaration = text
            elif tag == "code":
                self.exports.append(text)
            else:
                self.headers.append((self.section, tag, text))
            self.text = None

    def handle_data(self, data):
        if self.text is not None:
            self.text += data


def split(text, separator):
    """Cuts at a separator that stands outside all brackets."""
    parts, depth, begin = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in "<([{") - (char in ">)]}")
        if char == separator and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [part.strip() for part in parts + [text[begin:]] if part.strip()]


def closing(text, begin):
    """Where the bracket that is open at `begin` closes."""
    depth = 0
    for at in range(begin, len(text)):
        depth += (text[at] in "<([{") - (text[at] in ">)]}")
        if depth == 0:
            return at
    raise ValueError(text)


def rename(text, names):
    """Replaces names of type parameters and lifetimes."""
    return re.sub(r"(?<![\w:'])'?\w+(?!\w|!)", lambda found: names.get(found.group(), found.group()), text)


def unfold(bounds):
    """Writes `I: Trait<Item: Bound, Other = Type>` as `I: Trait`, `I::Item: Bound` and `I::Other: = Type`."""
    for subject, bound in bounds:
        match = re.fullmatch(r"([\w:]+)<(.*)>", bound)
        arguments = split(match.group(2), ",") if match else []
        inner = [argument for argument in arguments if re.match(r"\w+(: | = )", argument)]
        if inner:
            kept = ", ".join(argument for argument in arguments if argument not in inner)
            bound = match.group(1) + (f"<{kept}>" if kept else "")
        for argument in inner:
            name, sign, more = re.match(r"(\w+)(: | )(.*)", argument).groups()
            yield from unfold((f"{subject}::{name}", one) for one in (split(more, "+") if sign == ": " else [more]))
        yield subject, bound


def shorten(text):
    """Writes `<I as Trait<..>>::Item` as `I::Item`."""
    return re.sub(r"<(\w+) as [\w:]+(?:<[^<>]*>)?>::", r"\1::", text)


def resolve(text):
    """Writes what a loop over one of std's collections is given as the type that it is."""

    def item(found):
        given, collection, arguments = found.groups()
        given = given or ""
        if collection not in LOOP_ITEMS:
            return found.group()
        return LOOP_ITEMS[collection].format(*split(arguments, ","), given=given, shared=given.replace("mut ", ""))

    return re.sub(r"<(&'\w+ (?:mut )?)?([\w:]+)<([^<>]*)> as core::iter::traits::collect::IntoIterator>::Item", item, text)


class Signature:
    """A header in a form in which two that mean the same are equal: `shape`, and `bounds` as pairs."""

    def __init__(self, text, keep_order):
        before, _, where = (text + " ").partition(" where ")
        before = re.sub(r"^(pub )?((unsafe|const|default) )*", "", before).strip().rstrip(",;")
        match = re.match(r"(impl|(?:fn|struct|trait|enum|type) \w+)", before)
        if not match:
            raise ValueError(f"not a signature: {text!r}")
        head, rest = match.group(), before[match.end():]
        params = []
        if rest.startswith("<"):
            end = closing(rest, 0)
            params, rest = split(rest[1:end], ","), rest[end + 1:]
        rest = rest.strip()
        bounds, names, kinds = [], [], []
        for param in params:
            param, _, default = param.partition(" = ")
            name, _, bound = param.partition(":")
            if name.startswith("const "):
                name, bound = name[6:], ""
                kinds.append("const" + param[param.index(":"):])
            else:
                kinds.append(("lifetime" if name.startswith("'") else "type") + (" = " + default if default else ""))
            names.append(name.strip())
            bounds += [(name.strip(), part) for part in split(bound, "+")]
        if head.startswith("trait") and rest.startswith(":"):
            bounds += [("Self", part) for part in split(rest[1:], "+")]
            rest = ""
        for clause in split(where.strip().rstrip(";{"), ","):
            subject, _, bound = re.match(r"((?:for<[^>]*> )?(?:[^:]|::)*)(:)\s(.*)", clause).groups()
            bounds += [(subject.strip(), part) for part in split(bound, "+")]
        if head.startswith("fn"):
            end = closing(rest, 0)
            arguments = [re.sub(r"^\w+: ", "", argument) for argument in split(rest[1:end], ",")]
            rest = "(" + ", ".join(arguments) + ")" + rest[end + 1:]
        if not keep_order:
            # An implementation's parameters may be declared in any order, and lifetimes be left without a name.
            fresh = iter(range(1000))
            rest = re.sub(r"'_", lambda _: f"'fresh{next(fresh)}", rest)
            names = sorted(re.findall(r"'fresh\d+", rest) + names, key=lambda name: self.place(rest, name))
        types = iter(range(1000))
        lifetimes = iter(range(1000))
        renamed = {name: f"'{next(lifetimes)}" if name.startswith("'") else f"T{next(types)}" for name in names}
        self.shape = shorten(head + " " + rename(rest, renamed))
        if keep_order:
            self.shape += f" [{', '.join(kinds)}]" if kinds else ""
        bounds = [tuple(shorten(rename(part, renamed)) for part in pair) for pair in unfold(bounds)]
        # A parameter that only names another's associated type.
        aliases = {bound[2:]: subject for subject, bound in bounds if re.fullmatch(r"= T\d+", bound)}
        self.bounds = {
            (rename(subject, aliases), rename(bound, aliases)) for subject, bound in bounds if bound[2:] not in aliases
        }
        self.renamed = {name: aliases.get(fresh, fresh) for name, fresh in renamed.items()}

    @staticmethod
    def place(text, name):
        found = re.search(r"(?<![\w:'])" + re.escape(name) + r"(?!\w)", text)
        return found.start() if found else len(text)

    def asked(self):
        """The bounds with what they imply; those that take a demand away come in `relaxed`."""
        demanded = {bound for bound in self.bounds if not bound[1].startswith("?")}
        for subject, bound in list(demanded):
            demanded |= {(subject + place, more) for place, more in IMPLIED.get(bound, ())}
        return demanded

    def relaxed(self):
        return {bound for bound in self.bounds if bound[1].startswith("?")}


def too_much(ours, theirs):
    """What `ours` asks for that `theirs` does not."""
    here = {bound for bound in ours.bounds - ours.relaxed() if bound[1] != "core::marker::Sized"}
    return (here - theirs.asked()) | (theirs.relaxed() - ours.relaxed())


def items(root):
    """The pages of a crate's own items: (path, name, text)."""
    for path in sorted(root.rglob("*.*.html")):
        text = path.read_text(encoding="utf-8")
        if source_of(text).startswith(f"src/{root.name}/"):
            yield path, f"{name_of(root, path.parent)}::{path.stem.partition('.')[2]}", text


def source_of(text):
    """The lines of source that a page shows the documentation of."""
    found = re.search(r'<a class="src" href="(?:\.\./)*([^"]*)"', text)
    return found.group(1) if found else ""


def name_of(root, folder):
    return "::".join(("ours", *folder.relative_to(root).parts))


def repeats(root):
    """The items that the prelude only repeats: from their path there to the one that they have elsewhere.

    Two pages show the same item if they have the same title and lead to the same lines of source."""
    homes, repeated = {}, {}
    for path, name, text in items(root):
        where = repeated if path.parent == root / "prelude" else homes
        where[path.stem, source_of(text)] = name
    return {name: homes[key] for key, name in repeated.items() if key in homes}


def load(folder, crates, crate):
    """Everything public: a dictionary from a name to (kind, signature)."""
    found = {}
    root = folder / crate
    repeated = repeats(root)
    for path in sorted(root.rglob("*.html")):
        module = name_of(root, path.parent)
        kind, _, name = path.stem.partition(".")
        if f"{module}::{name}" in repeated:
            found[f"{module}::{name}"] = ("export", None)
        elif path.name == "index.html":
            found[module] = ("module", None)
            for export in Page(path, crates, repeated).exports:
                name = re.sub(r".*(::| as )|;$", "", export.rstrip(";"))
                if name.isidentifier():
                    found.setdefault(f"{module}::{name}", ("export", None))
        elif name:
            page = Page(path, crates, repeated)
            if page.declaration:  # A page without one leads to another page.
                load_item(found, kind, f"{module}::{name}", page)
    return found


def load_item(found, kind, name, page):
    declaration = re.sub(r"^(#\[.*?\])*\s*", "", page.declaration).replace(PRIVATE_FIELDS, "")
    if kind in ("struct", "trait", "fn"):
        head = re.split(r"\s*\{|;", declaration)[0] if kind != "fn" else declaration
        found[name] = (kind, Signature(head, keep_order=True))
    else:
        found[name] = (kind + " " + declaration, None)
    inside = None
    for section, tag, text in page.headers:
        if section in ("blanket-implementations", "implementors"):
            continue
        if tag == "h3" and text.startswith(("impl", "unsafe impl")):
            inside = Signature(text, keep_order=False)
            automatic = section == "synthetic-implementations"
            if automatic and not any(inside.shape.startswith(f"impl {auto} for") for auto in AUTO_TRAITS):
                inside = None
            elif " for " in inside.shape:
                if automatic and found[name][1]:
                    # rustdoc leaves out what the declaration asks for already.
                    inside.bounds |= found[name][1].bounds
                found[inside.shape] = ("automatic impl" if automatic else "impl", inside)
        elif kind == "trait" and section and section.endswith(("-methods", "-types", "-consts")):
            load_member(found, name, section, text)
        elif inside and text.startswith("type ") and " for " in inside.shape:
            found[f"{inside.shape} {{ {resolve(shorten(rename(text, inside.renamed)))} }}"] = ("associated type", None)
        elif inside and " for " not in inside.shape and re.match(r"pub .*fn ", text):
            method = re.search(r"fn (\w+)", text).group(1)
            found[f"{name}::{method}"] = ("method", Signature(text, keep_order=True))


def load_member(found, trait, section, text):
    name = re.search(r"(?:fn|type|const) (\w+)", text).group(1)
    if text.startswith(("type", "const")):
        found[f"{trait}::{name}"] = ("trait " + text, None)
        return
    kind = "required method" if section == "required-methods" else "provided method"
    found[f"{trait}::{name}"] = (kind, Signature(text, keep_order=True))


def show(bounds):
    return ", ".join(f"{subject}: {bound}" for subject, bound in sorted(bounds))


def compare(ours, theirs):
    for name, (kind, signature) in theirs.items():
        if name not in ours:
            yield f"missing {kind}: {name}"
            continue
        our_kind, our_signature = ours[name]
        if kind != our_kind and "export" not in (kind, our_kind) and {kind, our_kind} != {"impl", "automatic impl"}:
            yield f"differs: {name} is here: {our_kind}, there: {kind}"
        if not signature or not our_signature:
            continue
        if signature.shape != our_signature.shape:
            yield f"differs: {name} is here: {our_signature.shape}, there: {signature.shape}"
        elif more := too_much(our_signature, signature):
            yield f"differs: {name} asks here for {show(more)}"
        elif kind in ("trait", "required method", "provided method") and (less := too_much(signature, our_signature)):
            yield f"differs: {name} asks there for {show(less)}"
    for name, (kind, _) in ours.items():
        owner = name.rpartition("::")[0]
        if name in theirs or owner not in theirs:
            continue
        if kind == "required method":
            yield f"differs: {name} is required here alone"
        elif theirs[owner][0] == "trait" or owner == "ours::prelude":
            yield f"here alone: {name}"


# A trait that is declared at the margin of a file, and its hidden items.
TRAIT = re.compile(r"^pub (?:unsafe )?trait (\w+).*?^\}", re.DOTALL | re.MULTILINE)
HIDDEN = re.compile(r"^ +#\[doc\(hidden\)\]\n(?:(?! +(?:fn|type|const) ).*\n)* +(?:fn|type|const) (\w+)", re.MULTILINE)


def hidden(sources, theirs):
    """The hidden items of traits whose names `theirs` has too, unless no program can have their names."""
    traits = {name.rpartition("::")[2] for name, (kind, _) in theirs.items() if kind == "trait"}
    for path in sorted(sources.rglob("*.rs")):
        for trait in TRAIT.finditer(path.read_text(encoding="utf-8")):
            for item in HIDDEN.findall(trait.group()) if trait[1] in traits else ():
                if not item.startswith("__"):
                    yield f"hidden: {trait[1]}::{item}"


# What tells on an item's page whose documentation an example is part of, that it is one, and what is deprecated.
LANDMARKS = re.compile(
    r'<h2 id="(?P<section>[\w-]+)" class="section-header"'
    r'|<h4 class="code-header">(?P<header>.*?)</h4>'
    r'|(?P<deprecation>class="stab deprecated")'
    r"|(?P<example>rust-example-rendered)",
    re.DOTALL,
)
# From these sections on a page shows what other items have documentation for.
ELSEWHERE = {
    "trait-implementations",
    "synthetic-implementations",
    "blanket-implementations",
    "foreign-impls",
    "implementors",
}


def examples(root):
    """The functions, types and traits, and the methods that they bring themselves: (name, whether an example shows it).

    Deprecated ones are left out, with their methods."""
    repeated = repeats(root)
    for _, name, text in items(root):
        if name in repeated:
            continue
        subject, shown, deprecated = name, {name: False}, set()
        for found in LANDMARKS.finditer(text):
            if found["section"] in ELSEWHERE:
                break
            if found["header"]:
                method = re.search(r"fn (\w+)", re.sub(r"<[^>]*>", "", found["header"]))
                subject = f"{name}::{method[1]}" if method else None
            if found["deprecation"]:
                deprecated.add(subject)
            shown[subject] = shown.get(subject, False) or bool(found["example"])
        if name not in deprecated:
            yield from (pair for pair in shown.items() if pair[0] and pair[0] not in deprecated)


def expect(least, found):
    if len(found) < least:
        sys.exit(f"api.py: only {len(found)} items were found: rustdoc's pages have changed")


def main(folder, ours, *theirs):
    if folder == "--examples":
        (root,) = (pathlib.Path(ours, crate) for crate in theirs)
        found = list(examples(root))
        expect(300, found)
        names = [name.replace("ours::", root.name + "::") for name, is_shown in found if not is_shown]
        print("".join(f"no example: {name}\n" for name in names), end="")
        return 1 if names else 0
    folder, crates = pathlib.Path(folder), {ours, *theirs}
    expected = {}
    # The last has the last word: rustdoc prints an item that another crate exports again a little differently.
    for crate in theirs:
        expected.update(load(folder, crates, crate))
    expect(500, expected)
    here = load(folder, crates, ours)
    found = [*compare(here, expected), *hidden(pathlib.Path(__file__).parent.parent / "src", expected)]
    lines = [line for line in found if not line.startswith(tuple(ACCEPTED))]
    lines += [f"accepted, but no longer so: {entry}" for entry in ACCEPTED if not any(line.startswith(entry) for line in found)]
    for line in sorted(lines):
        print(html.unescape(line).replace("ours::", ours + "::").replace("→", "->"))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
