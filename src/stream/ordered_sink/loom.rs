//! Loom models of `into_seq_iter`: folders on several threads, the window between them and the reader, and every end.
//!
//! The models begin the pieces themselves: `in_order` decides which thread begins which piece, without a lock held.
//! `README.md` lists the weakenings, and how the models failed.

use super::{OrderedSink, SharedSegments, SinkFolder};
use crate::iter::plumbing::{Folder, UnindexedConsumer};
use crate::iter::schedule::in_order::Patience;
use crate::stream::segments::SegmentEnd;
use loom::thread;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts items. The counts are no part of the protocol, so they order nothing.
#[derive(Default)]
struct Tally {
    made: AtomicUsize,
    asked: AtomicUsize,
    dropped: AtomicUsize,
}

struct Item(Arc<Tally>, usize);

impl Drop for Item {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// The objects of a model.
struct Model {
    tally: Arc<Tally>,
    shared: Arc<SharedSegments<Item>>,
    window: usize,
}

impl Model {
    fn new(window: usize) -> (Self, OrderedSink<Item>) {
        let (shared, sink) = SharedSegments::new(window);
        (Model { tally: Arc::default(), shared, window }, sink)
    }

    /// Makes the items of those numbers, each when the folder has a place for it.
    fn items(&self, numbers: std::ops::Range<usize>) -> impl Iterator<Item = Item> + use<> {
        let (tally, window) = (Arc::clone(&self.tally), self.window);
        numbers.map(move |number| {
            let made = tally.made.fetch_add(1, Ordering::Relaxed) + 1;
            // An item that is being handed out is counted before it is asked for.
            assert!(made <= tally.asked.load(Ordering::Relaxed) + window, "more than the window");
            Item(Arc::clone(&tally), number)
        })
    }

    /// Runs a piece on a thread of its own.
    fn piece(&self, sink: OrderedSink<Item>, numbers: std::ops::Range<usize>) -> thread::JoinHandle<()> {
        let items = self.items(numbers);
        thread::spawn(move || folder(sink).consume_iter(items).complete())
    }

    /// On a thread of its own, asks for so many items and then closes the reader's side.
    fn reader(&self, asked: usize) -> thread::JoinHandle<Vec<Result<usize, ()>>> {
        let (tally, shared) = (Arc::clone(&self.tally), Arc::clone(&self.shared));
        thread::spawn(move || {
            let mut found = Vec::new();
            for _ in 0..asked {
                tally.asked.fetch_add(1, Ordering::Relaxed);
                match shared.next() {
                    Ok(Some(item)) => found.push(Ok(item.1)),
                    Ok(None) => break,
                    Err(_) => {
                        found.push(Err(()));
                        break;
                    }
                }
            }
            shared.close();
            found
        })
    }

    fn assert_all_dropped(&self) {
        let [made, dropped] = [&self.tally.made, &self.tally.dropped].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(made, dropped, "every item that was made is dropped");
    }
}

/// A folder as in a piece.
fn folder(sink: OrderedSink<Item>) -> SinkFolder<Item> {
    SinkFolder { part: sink.0, held: 0, patience: Patience::Everything }
}

/// Does what the drop by unwinding would do. Models must not panic, since all their threads are one.
fn panic_with(folder: SinkFolder<Item>) {
    let mut folder = ManuallyDrop::new(folder);
    if folder.held == 1 {
        folder.give_back();
    }
    folder.part.end(SegmentEnd::Panicked);
}

/// With more preemptions the model would take minutes.
fn check(most_preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    let limit = builder.preemption_bound.map_or(most_preemptions, |limit| limit.min(most_preemptions));
    builder.preemption_bound = Some(limit);
    builder.check(model);
}

/// Two pieces through a window; the second is begun first. The first has one item, and there are `len` in all. The
/// reader asks `asked` times.
fn two_pieces(window: usize, len: usize, asked: usize) {
    check(2, move || {
        let (model, all) = Model::new(window);
        let left = all.split_off_left();
        let later = model.piece(all, 1..len);
        let reader = model.reader(asked);
        folder(left).consume_iter(model.items(0..1)).complete();
        later.join().unwrap();
        model.shared.finish(Ok(()));
        let found = reader.join().unwrap();
        assert!(found.into_iter().eq((0..asked.min(len)).map(Ok)));
        model.assert_all_dropped();
    });
}

#[test]
fn items_come_in_order_through_a_window_of_one() {
    two_pieces(1, 2, 3);
}

#[test]
fn items_come_in_order_through_a_window_of_two() {
    two_pieces(2, 3, 4);
}

#[test]
fn items_come_in_order_through_a_wide_window() {
    two_pieces(4, 3, 4);
}

#[test]
fn the_reader_may_go_at_any_moment() {
    two_pieces(1, 2, 1);
    two_pieces(2, 3, 1);
}

/// Three pieces that wait for the window, while the reader is slow: the folder that is woken can go on.
#[test]
fn of_those_who_wait_the_first_is_woken() {
    check(1, || {
        let (model, all) = Model::new(2);
        let first = all.split_off_left();
        let second = all.split_off_left();
        let pieces = [model.piece(all, 2..3), model.piece(second, 1..2)];
        let reader = model.reader(3);
        folder(first).consume_iter(model.items(0..1)).complete();
        for piece in pieces {
            piece.join().unwrap();
        }
        model.shared.finish(Ok(()));
        assert!(reader.join().unwrap().into_iter().eq([Ok(0), Ok(1), Ok(2)]));
        model.assert_all_dropped();
    });
}

/// A part is split, and a piece of it dropped unused, while those behind it are at work.
#[test]
fn a_part_may_be_split_and_dropped_while_others_wait() {
    check(2, || {
        let (model, all) = Model::new(1);
        let left = all.split_off_left();
        let later = model.piece(all, 1..2);
        let reader = model.reader(3);
        let first = left.split_off_left();
        drop(left);
        folder(first).consume_iter(model.items(0..1)).complete();
        later.join().unwrap();
        model.shared.finish(Ok(()));
        assert!(reader.join().unwrap().into_iter().eq([Ok(0), Ok(1)]));
        model.assert_all_dropped();
    });
}

/// The first piece panics behind its first item, while the second one is full of items or waits for a place.
#[test]
fn a_panic_comes_behind_the_items_before_it() {
    check(2, || {
        let (model, all) = Model::new(2);
        let left = all.split_off_left();
        let later = model.piece(all, 1..4);
        let reader = model.reader(4);
        panic_with(folder(left).consume_iter(model.items(0..1)));
        later.join().unwrap();
        model.shared.finish(Err(Box::new(())));
        assert!(reader.join().unwrap().into_iter().eq([Ok(0), Err(())]));
        model.assert_all_dropped();
    });
}

/// The second piece panics: the first one's items are handed out, whatever the second one has left in the window.
#[test]
fn a_panic_does_not_hold_up_the_items_before_it() {
    check(2, || {
        let (model, all) = Model::new(2);
        let left = all.split_off_left();
        let items = model.items(2..3);
        let later = thread::spawn(move || panic_with(folder(all).consume_iter(items)));
        let reader = model.reader(4);
        folder(left).consume_iter(model.items(0..2)).complete();
        later.join().unwrap();
        model.shared.finish(Err(Box::new(())));
        assert!(reader.join().unwrap().into_iter().eq([Ok(0), Ok(1), Ok(2), Err(())]));
        model.assert_all_dropped();
    });
}
