//! Names that the program gives to what it does.

use crate::sync::lock::Mutex;
use crate::sync::process::PerProcess;
use crate::trace::format::escaped;
use crate::trace::meter::{change_name, is_measured};
use crate::trace::recorder::start_by_environment;
use crate::trace::span::{EventKind, end, is_on, now};
use crate::trace::track::with_own;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// All names so far, each once.
#[derive(Debug, Default)]
struct Names(Mutex<NameTable>);

#[derive(Debug, Default)]
struct NameTable {
    numbers: HashMap<String, usize>,
    /// The name of each number, but for 0, as it stands in a string of JSON.
    escaped: Vec<Arc<str>>,
}

static NAMES: PerProcess<Names> = PerProcess::new();

/// The number of a name; never 0.
fn number_of(name: &str) -> usize {
    let mut names = NAMES.get().0.lock();
    if let Some(&number) = names.numbers.get(name) {
        return number;
    }
    names.escaped.push(escaped(name).into());
    let number = names.escaped.len();
    names.numbers.insert(name.to_owned(), number);
    number
}

/// The names of the numbers from 1 on, as they stand in a string of JSON.
pub(super) fn all() -> Vec<Arc<str>> {
    NAMES.get().0.lock().escaped.clone()
}

/// The names of the numbers from 1 on, as they are.
pub(super) fn plain() -> Vec<String> {
    let names = NAMES.get().0.lock();
    let mut plain = vec![String::new(); names.escaped.len()];
    names.numbers.iter().for_each(|(name, &number)| plain[number - 1].clone_from(name));
    plain
}

/// Calls `f`. A recording shows the call as an event with that name on the calling thread.
///
/// Jobs that are made public within the call, and the loops in them, have the name as their argument `in`, on whichever
/// thread they run. Names nest: the innermost counts. Without a recording the call costs a load of a static variable; with
/// one, it looks the name up under a lock.
///
/// # Panics
///
/// With `f`'s panic.
///
/// # Examples
///
/// ```
/// use paceline::prelude::*;
/// use paceline::trace;
///
/// let words = trace::named("split", || "a row of riders".par_split(' ').map(str::len).collect::<Vec<_>>());
/// assert_eq!(trace::named("add", || words.par_iter().sum::<usize>()), 12);
/// ```
pub fn named<R>(name: &str, f: impl FnOnce() -> R) -> R {
    let _named = self::name(name);
    f()
}

/// As [`named`], for everything until the returned value is dropped.
///
/// # Examples
///
/// ```
/// let _resize = paceline::trace::name("resize");
/// // … until the end of the block.
/// ```
#[must_use = "the name ends when the value is dropped"]
pub fn name(name: &str) -> NameGuard {
    start_by_environment();
    let begun = if is_on() { begin(name) } else { None };
    let measured_outer = if is_measured() { change_name(number_of(name)) } else { None };
    NameGuard { begun, measured_outer, marker: PhantomData }
}

/// A name that [`name`] gave to what the calling thread does; it ends when the value is dropped.
///
/// # Examples
///
/// ```
/// let first = paceline::trace::name("first half");
/// // …
/// drop(first);
/// let _second = paceline::trace::name("second half");
/// ```
#[derive(Debug)]
pub struct NameGuard {
    begun: Option<BegunName>,
    /// The name that the thread goes back to, if it measures.
    measured_outer: Option<usize>,
    /// It ends on the thread on which it began.
    marker: PhantomData<*const ()>,
}

#[derive(Debug)]
struct BegunName {
    at: usize,
    outer: usize,
}

fn begin(name: &str) -> Option<BegunName> {
    let number = number_of(name);
    with_own(|own| BegunName { at: now(), outer: std::mem::replace(&mut own.name, number) })
}

impl Drop for NameGuard {
    fn drop(&mut self) {
        if let Some(outer) = self.measured_outer {
            change_name(outer);
        }
        if let Some(BegunName { at, outer }) = self.begun.take() {
            end(EventKind::Named, at, None, 0);
            with_own(|own| own.name = outer);
        }
    }
}
