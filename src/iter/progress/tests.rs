//! Layer 4: the pace at which the clock is read, on made-up moments.

use super::{Pace, is_report_due};
use crate::fork::Ticks;

/// Nanoseconds as a moment.
fn at(nanoseconds: u64) -> Ticks {
    Ticks::at(nanoseconds * Ticks::PER_NANOSECOND)
}

/// Runs items of the given cost, and returns at which of them the clock was read, and where they were found heavy.
fn readings(pace: &mut Pace, now: &mut u64, items: usize, cost: u64) -> Vec<(usize, bool)> {
    let mut readings = Vec::new();
    for item in 1..=items {
        *now += cost;
        pace.ran_one();
        if pace.is_due() {
            readings.push((item, pace.look(at(*now))));
        }
    }
    readings
}

#[test]
fn the_clock_is_read_after_each_heavy_item() {
    let (mut pace, mut now) = (Pace::begun(at(0)), 0);
    let found = readings(&mut pace, &mut now, 5, 26_000);
    assert_eq!(found, [(1, true), (2, true), (3, true), (4, true), (5, true)]);
    // Long enough for a reading, but not for a report of its own.
    let found = readings(&mut pace, &mut now, 3, 24_000);
    assert_eq!(found, [(1, false), (2, false), (3, false)]);
}

#[test]
fn the_clock_is_read_once_in_two_microseconds_for_light_items() {
    let (mut pace, mut now) = (Pace::begun(at(0)), 0);
    let found = readings(&mut pace, &mut now, 1_000_000, 10);
    assert!(found.iter().all(|(_, is_heavy)| !is_heavy));
    assert!((5_000..5_010).contains(&found.len()), "{}", found.len());
    let strides = found.windows(2).map(|pair| pair[1].0 - pair[0].0);
    assert_eq!(strides.collect::<Vec<_>>()[..6], [4, 16, 64, 200, 200, 200]);
}

#[test]
fn heavy_items_after_light_ones_are_soon_noticed() {
    let (mut pace, mut now) = (Pace::begun(at(0)), 0);
    readings(&mut pace, &mut now, 10_000, 10);
    let found = readings(&mut pace, &mut now, 300, 1_000_000);
    assert!(found[0].0 <= 200 && found[0].1, "{found:?}");
    // From there on it is read after each item.
    assert!(found.windows(2).all(|pair| pair[1] == (pair[0].0 + 1, true)), "{found:?}");
}

#[test]
fn a_report_is_due_after_fifty_milliseconds() {
    assert!(!is_report_due(at(149_000_000), at(100_000_000)));
    assert!(is_report_due(at(150_000_000), at(100_000_000)));
}
