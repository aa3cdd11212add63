//! The four ways to count the same texts. All count with the same loop; they differ in how they share it out.

use std::mem;
use std::sync::{Mutex, PoisonError};

use paceline::prelude::*;
use paceline::{Progress, ThreadPool, join, scope};

use crate::bar::Bar;
use crate::count::Tally;
use crate::files::Text;

/// Texts counted into one tally before it is merged with others.
///
/// A fork is cheap, but each merge goes through a map of words: too many small maps would cost more than they share.
const BATCH: usize = 16;

#[derive(Clone, Copy)]
pub(crate) enum Way {
    Sequential,
    ParIter,
    Join,
    Scope,
}

impl Way {
    pub(crate) const ALL: [Way; 4] = [Way::Sequential, Way::ParIter, Way::Join, Way::Scope];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Way::Sequential => "sequential",
            Way::ParIter => "par_iter, map and reduce",
            Way::Join => "recursive join",
            Way::Scope => "scoped spawns in a pool",
        }
    }

    /// Counts `texts` this way. Only scoped spawns use `pool`; the others are the global pool's.
    pub(crate) fn count<'t>(self, texts: &'t [Text], pool: &ThreadPool, bar: &Bar) -> Tally<'t> {
        match self {
            Way::Sequential => count_into(Tally::default(), texts, bar),
            Way::ParIter => by_par_iter(texts, bar),
            Way::Join => by_join(texts, bar),
            Way::Scope => pool.install(|| by_scope(texts, bar)),
        }
    }
}

/// The plain loop.
fn count_into<'t>(mut tally: Tally<'t>, texts: impl IntoIterator<Item = &'t Text>, bar: &Bar) -> Tally<'t> {
    for text in texts {
        tally.add(text);
        bar.add(text.bytes());
    }
    tally
}

fn by_par_iter<'t>(texts: &'t [Text], bar: &Bar) -> Tally<'t> {
    texts
        .par_iter()
        .chunks(BATCH)
        .map(|batch| count_into(Tally::default(), batch, bar))
        .reduce(Tally::default, Tally::merge)
}

/// Halves the list until a batch is left.
fn by_join<'t>(texts: &'t [Text], bar: &Bar) -> Tally<'t> {
    if texts.len() <= BATCH {
        return count_into(Tally::default(), texts, bar);
    }
    let (left, right) = texts.split_at(texts.len() / 2);
    let (left, right) = join(|| by_join(left, bar), || by_join(right, bar));
    left.merge(right)
}

/// Spawns a task for each batch. A task adds to a tally that lies idle, so there are only as many as there are threads.
fn by_scope<'t>(texts: &'t [Text], bar: &Bar) -> Tally<'t> {
    let idle = Mutex::new(Vec::new());
    let idle_tallies = || idle.lock().unwrap_or_else(PoisonError::into_inner);
    scope(|scope| {
        for batch in texts.chunks(BATCH) {
            scope.spawn(move |_| {
                let tally = idle_tallies().pop().unwrap_or_default();
                let tally = count_into(tally, batch, bar);
                idle_tallies().push(tally);
            });
        }
    });
    let mut tallies = mem::take(&mut *idle_tallies());
    merge_all(&mut tallies)
}

/// Merges by halves, since on many threads one merge after the other would be the longest part.
fn merge_all<'t>(tallies: &mut [Tally<'t>]) -> Tally<'t> {
    match tallies {
        [] => Tally::default(),
        [only] => mem::take(only),
        _ => {
            let (left, right) = tallies.split_at_mut(tallies.len() / 2);
            let (left, right) = join(|| merge_all(left), || merge_all(right));
            left.merge(right)
        }
    }
}
