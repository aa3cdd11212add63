//! The sorts beside std's and rayon's: patterns, sizes and types, and what else puts items in order.
//!
//! With `--ratios`, `--most N` sets the greatest number of items (10,000,000 unless set). Criterion has no part in it:
//! every sort needs a fresh input, and making it must not count.

mod harness;
mod workload;

use harness::{Options, Rival, default_workers};
use paceline::extra::{ParallelSliceExt, ParallelSliceMutExt};
use workload::sort_race::{Arena, Contender, Race};
use workload::sorting::{Direction, Item, PARTLY_SORTED, Pattern, Record, USUAL};

/// Records and strings are costly to copy, and more of them would not fit into the memory of a small machine.
const MOST_WIDE: usize = 1_000_000;

/// What each library does with the items; std is the plain contender.
type Works<T> = &'static [Contender<T>];

/// The contenders of one method by std's, rayon's and our name.
macro_rules! contenders {
    ($std:ident, $parallel:ident, $closure:expr) => {
        &[
            (Rival::Plain, |items| items.$std($closure)),
            (Rival::Rayon, |items| rayon::slice::ParallelSliceMut::$parallel(items, $closure)),
            (Rival::Paceline, |items| paceline::slice::ParallelSliceMut::$parallel(items, $closure)),
        ]
    };
}

fn stable<T: Item>() -> Works<T> {
    contenders!(sort_by, par_sort_by, T::order)
}

fn unstable<T: Item>() -> Works<T> {
    contenders!(sort_unstable_by, par_sort_unstable_by, T::order)
}

fn main() {
    let options = Options::from_args();
    if !options.checks() && !options.measures() {
        return;
    }
    let usual = options.sized(1_000_000, 100_000, 10_000);
    let most = options.sized(most_items().unwrap_or(10_000_000), 1_000_000, 10_000);
    for workers in options.workers_or([default_workers()]) {
        let arena = Arena::new(&options, workers);
        patterns(&arena, "par_sort_unstable", unstable(), usual);
        patterns(&arena, "par_sort", stable(), usual);
        types(&arena, usual);
        for len in [10_000, 100_000, 1_000_000].into_iter().filter(|&len| len <= usual) {
            partly_sorted(&arena, "par_sort_unstable", unstable(), len);
            partly_sorted(&arena, "par_sort", stable(), len);
        }
        sizes(&arena, "par_sort_unstable", unstable(), most);
        sizes(&arena, "par_sort", stable(), most);
        others(&arena, usual);
    }
}

/// The value of `--most`.
fn most_items() -> Option<usize> {
    let value = std::env::args().skip_while(|argument| argument != "--most").nth(1)?;
    Some(value.parse().expect("--most takes a number of items"))
}

fn patterns(arena: &Arena<'_>, method: &str, works: Works<u64>, len: usize) {
    let mut race = arena.race(format!("{method}, {len} u64, by pattern"));
    for (name, pattern, direction) in USUAL {
        race.run(name, &pattern.items(len, direction), works);
    }
    race.finish();
}

fn partly_sorted(arena: &Arena<'_>, method: &str, works: Works<u64>, len: usize) {
    let mut race = arena.race(format!("{method}, {len} u64, sorted in part"));
    for (name, pattern, direction) in PARTLY_SORTED {
        race.run(name, &pattern.items(len, direction), works);
    }
    race.finish();
}

fn sizes(arena: &Arena<'_>, method: &str, works: Works<u64>, most: usize) {
    let mut race = arena.race(format!("{method}, random u64, by number"));
    let lens = std::iter::successors(Some(1000), |len| Some(len * 10));
    for len in lens.take_while(|&len| len <= most) {
        race.run(&len.to_string(), &Pattern::Random.items(len, Direction::Forwards), works);
    }
    race.finish();
}

fn types(arena: &Arena<'_>, len: usize) {
    fn both<T: Item>(unstables: &mut Race<'_, '_>, stables: &mut Race<'_, '_>, len: usize) {
        let items: Vec<T> = Pattern::Random.items(len, Direction::Forwards);
        unstables.run(T::NAME, &items, unstable());
        stables.run(T::NAME, &items, stable());
    }
    let mut unstables = arena.race(format!("par_sort_unstable, {len} random items, by type"));
    let mut stables = arena.race(format!("par_sort, {len} random items, by type"));
    both::<u8>(&mut unstables, &mut stables, len);
    both::<u64>(&mut unstables, &mut stables, len);
    both::<f64>(&mut unstables, &mut stables, len);
    both::<(u64, u64)>(&mut unstables, &mut stables, len);
    both::<Record>(&mut unstables, &mut stables, len.min(MOST_WIDE));
    both::<String>(&mut unstables, &mut stables, len.min(MOST_WIDE));
    unstables.finish();
    stables.finish();
}

fn others(arena: &Arena<'_>, len: usize) {
    let mut race = arena.race(format!("others, {len} u64"));
    let random: Vec<u64> = Pattern::Random.items(len, Direction::Forwards);
    let keys: Works<u64> = contenders!(sort_by_cached_key, par_sort_by_cached_key, u64::to_string);
    race.run("par_sort_by_cached_key, texts as keys", &random, keys);
    let selections: Works<u64> = &[
        (Rival::Plain, |items| _ = items.select_nth_unstable(items.len() / 2)),
        (Rival::Paceline, |items| _ = items.par_select_nth_unstable(items.len() / 2)),
    ];
    race.run("par_select_nth_unstable, random", &random, selections);
    race.run("par_select_nth_unstable, 256 values", &Pattern::FewValues.items(len, Direction::Forwards), selections);
    let checks: Works<u64> = &[
        (Rival::Plain, |items| assert!(items.is_sorted())),
        (Rival::Paceline, |items| assert!(items.par_is_sorted())),
    ];
    race.run("par_is_sorted, sorted", &Pattern::Sorted.items(len, Direction::Forwards), checks);
    race.finish();
}
