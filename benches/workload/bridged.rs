//! A sequential iterator whose items are shared out by `par_bridge`.

use std::hint::black_box;
use std::time::Instant;

use super::grind::grind;
use super::site::Site;
use crate::harness::Contest;

fn plain(items: u64, steps: u32) -> u64 {
    (0..items).map(|seed| grind(seed, steps)).sum()
}

/// The steps of items that take that long each in the plain loop, where the processor works at several at once.
pub(crate) fn steps_in_loop(nanoseconds: f64) -> u32 {
    const ITEMS: u64 = 100_000;
    let time_of = |steps| {
        let sample = |_| {
            let start = Instant::now();
            black_box(plain(black_box(ITEMS), black_box(steps)));
            start.elapsed().as_nanos() as f64 / ITEMS as f64
        };
        (0..3).map(sample).fold(f64::INFINITY, f64::min)
    };
    (1..).find(|&steps| time_of(steps) >= nanoseconds).expect("more steps take longer")
}

/// The bridge of a library that has rayon's.
macro_rules! bridged {
    ($library:ident) => {
        fn $library(items: u64, steps: u32) -> u64 {
            use ::$library::prelude::*;
            (0..items).par_bridge().map(|seed| grind(seed, steps)).sum()
        }
    };
}

bridged!(paceline);
bridged!(rayon);

/// That many items of that many steps, from the main thread.
pub(crate) fn contest<'a>(title: &str, items: u64, steps: u32) -> Contest<'a> {
    let mut contest = Contest::new(title, "item", items);
    Site::Main.enter(
        &mut contest,
        move || plain(black_box(items), steps),
        move || paceline(black_box(items), steps),
        move || rayon(black_box(items), steps),
    );
    contest
}
