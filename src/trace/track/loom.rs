//! A loom model of a thread that writes its track while another moves the events to the file.
//!
//! Weakened to see it fail (`ci/mutants.txt` has each): any of the four orderings of `is_full`, `push` and `drain`.

use super::{EVENTS, Event, Track};
use crate::trace::span::EventKind;
use loom::cell::UnsafeCell;
use loom::thread;
use std::array;
use std::sync::Arc;

/// The events that the thread writes, if there is room: more than the ring holds.
const WRITTEN: usize = EVENTS + 1;

/// A track, and a cell for each of its places. The words of a place are atomics, and loom allows concurrent use of those.
/// So the thread writes the cell before it writes the words, and the reader reads the cell after it has read them.
struct Shadowed {
    track: Track,
    places: [UnsafeCell<usize>; EVENTS],
}

// SAFETY: loom checks every access to the cells.
unsafe impl Sync for Shadowed {}

impl Shadowed {
    fn push(&self, number: usize) {
        // SAFETY: loom checks that no other thread accesses the cell.
        self.places[number % EVENTS].with_mut(|place| unsafe { *place = number });
        self.track.push(Event { kind: EventKind::Spawn, name: 0, begun: number, ended: number, count: number });
    }

    /// Checks that the next event is `next`, and so on.
    fn drain(&self, next: &mut usize) {
        self.track.drain(|event| {
            assert_eq!([event.begun, event.ended, event.count], [*next; 3]);
            // SAFETY: loom checks that no thread writes meanwhile.
            assert_eq!(self.places[*next % EVENTS].with(|place| unsafe { *place }), *next);
            *next += 1;
        });
    }
}

#[test]
fn the_events_of_a_track_are_read_once_and_in_order_while_its_thread_writes() {
    loom::model(|| {
        let places = array::from_fn(|_| UnsafeCell::new(0));
        let shadowed = Arc::new(Shadowed { track: Track::new(1, String::new()), places });
        let writer = {
            let shadowed = Arc::clone(&shadowed);
            thread::spawn(move || {
                let has_room = |number: &usize| *number < WRITTEN && !shadowed.track.is_full();
                let mut written = 0;
                while has_room(&written) {
                    shadowed.push(written);
                    written += 1;
                }
                written
            })
        };
        let mut read = 0;
        shadowed.drain(&mut read);
        let written = writer.join().unwrap();
        shadowed.drain(&mut read);
        assert_eq!(read, written);
        assert!(written >= EVENTS);
    });
}
