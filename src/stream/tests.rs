//! Which jobs are started when, by the cost of the items: the transitions of a window, with costs that a test names.

use super::item_cost::{ItemCost, Weight};
use super::reorder_buffer::{InOrder, ItemOutcome, ItemTicket, outcome_of};
use super::window::{BegunItem, ConsumerTurn, Help, JobStart, JobStep, Known, PullOutcome, Pulled, Source, Window};
use crate::iter::schedule::tuning::WAKE_UP;
use crate::sync::quiet::Quiet;
use std::ops::Range;

type Numbers = Range<usize>;
type Stream = Window<Numbers, usize, InOrder<usize>>;

const WINDOW: usize = 4;
const THREADS: usize = 4;

/// The cost of an item with which a whole window is just light.
const LIGHT: u64 = WAKE_UP / WINDOW as u64;

fn stream() -> Stream {
    Window::new(WINDOW.into(), THREADS, 0..1_000_000, ItemCost::new())
}

/// Asks the input that was taken out, and brings it back with an item.
fn bring_back(stream: &mut Stream, mut input: Source<Numbers>) -> (ItemTicket, Quiet<usize>) {
    let pulled = Pulled::Item(Quiet::new(input.next().expect("there are many")));
    let known = Known { waits: false, has_more: true };
    let PullOutcome::Item(ticket, item) = stream.pulled(input, pulled, known) else { panic!("an item was pulled") };
    (ticket, item)
}

fn begin(stream: &mut Stream, ticket: ItemTicket, item: Quiet<usize>) -> BegunItem<usize> {
    (ticket, item, stream.begin())
}

/// The consumer, with nothing on its way, takes the input out.
fn take_out(stream: &mut Stream) -> Source<Numbers> {
    let turn: ConsumerTurn<_, _, usize> = stream.turn(false);
    let ConsumerTurn::Pull(input, _) = turn else { panic!("nothing is on its way") };
    assert_eq!(stream.start(), JobStart::Nothing, "the input is out");
    input
}

/// The consumer pulls an item, and maps it.
fn consumer_pulls(stream: &mut Stream) -> (BegunItem<usize>, JobStart) {
    let input = take_out(stream);
    let (ticket, item) = bring_back(stream, input);
    (begin(stream, ticket, item), stream.start())
}

/// A job pulls an item.
fn job_pulls(stream: &mut Stream) -> (BegunItem<usize>, JobStart) {
    let JobStep::Pull(input) = stream.step(false, |_| true) else { panic!("there is room") };
    let (ticket, item) = bring_back(stream, input);
    (begin(stream, ticket, item), stream.start())
}

/// A job finds nothing to do.
fn job_leaves(stream: &mut Stream) -> bool {
    matches!(stream.step(false, |_| true), JobStep::Leave)
}

fn finish(stream: &mut Stream, (ticket, item, help): BegunItem<usize>, ticks: u64) {
    assert!(stream.finish(ticket, outcome_of(|| item.into_inner()), ticks, help).is_none(), "the stream goes on");
}

/// The consumer takes the next result, which is there. Returns what it must start.
fn hand_out(stream: &mut Stream) -> JobStart {
    let (outcome, start): (Option<ItemOutcome<usize>>, JobStart) = stream.hand_out_and_start();
    assert!(outcome.is_some());
    start
}

/// A stream with one known item, which cost so much. The job that was started for the others has left.
fn stream_of(ticks: u64) -> Stream {
    let mut stream = stream();
    let (first, start) = consumer_pulls(&mut stream);
    assert_eq!((first.2, start), (Help::Nowhere, JobStart::Job), "nothing is known of the items");
    finish(&mut stream, first, ticks);
    _ = hand_out(&mut stream);
    stream
}

#[test]
fn light_items_are_the_consumers_and_no_job_is_started() {
    let mut stream = stream_of(LIGHT);
    assert!(job_leaves(&mut stream));
    for _ in 0..1000 {
        let (item, start) = consumer_pulls(&mut stream);
        assert_eq!((item.2, start), (Help::AtHand, JobStart::Nothing));
        finish(&mut stream, item, LIGHT);
        assert_eq!(hand_out(&mut stream), JobStart::Nothing);
    }
}

#[test]
fn of_heavy_items_jobs_fill_the_window() {
    let mut stream = stream_of(2 * LIGHT);
    let started = (0..WINDOW).filter(|_| job_pulls(&mut stream).1 == JobStart::Job).count();
    assert_eq!(started, THREADS - 2, "two were started before");
    assert!(job_leaves(&mut stream), "the window is full");
}

#[test]
fn a_light_item_that_lasts_has_jobs_go_on_until_the_window_is_full() {
    let mut stream = stream_of(LIGHT);
    assert!(job_leaves(&mut stream));
    let (held_up, _) = consumer_pulls(&mut stream);
    assert_eq!(stream.help(), JobStart::Job);
    let mut begun = Vec::new();
    for place in 2..=WINDOW {
        let (item, start) = job_pulls(&mut stream);
        assert_eq!(start, if place < WINDOW { JobStart::Job } else { JobStart::Nothing });
        begun.push(item);
    }
    for item in begun {
        finish(&mut stream, item, LIGHT);
        assert!(job_leaves(&mut stream));
    }
    // The helper has made the item count as one without help.
    finish(&mut stream, (held_up.0, held_up.1, Help::Nowhere), LIGHT);
    for _ in 0..WINDOW {
        assert_eq!(hand_out(&mut stream), JobStart::Nothing, "items are light again");
    }
}

/// An item that was begun while items were heavy has no help at hand.
#[test]
fn jobs_go_on_while_an_item_is_mapped_without_help() {
    let mut stream = stream_of(2 * LIGHT);
    let (done, _) = job_pulls(&mut stream);
    let (held_up, _) = job_pulls(&mut stream);
    assert_eq!(held_up.2, Help::Nowhere);
    finish(&mut stream, done, 1);
    let (done, _) = job_pulls(&mut stream);
    finish(&mut stream, done, 1);
    let (light, _) = job_pulls(&mut stream);
    assert_eq!(light.2, Help::AtHand, "items have become light");
    finish(&mut stream, light, 1);
    assert!(job_leaves(&mut stream), "the window is full");
    assert_eq!(hand_out(&mut stream), JobStart::Job);
    finish(&mut stream, held_up, 1);
    assert!(job_leaves(&mut stream), "nothing is being mapped");
}

#[test]
fn a_consumer_without_a_place_has_a_job_fill_the_window_once() {
    let mut stream = stream_of(LIGHT);
    assert!(job_leaves(&mut stream));
    let input = take_out(&mut stream);
    let (ticket, item) = bring_back(&mut stream, input);
    stream.offer(ticket, item);
    assert_eq!(stream.start(), JobStart::Job);
    let JobStep::Map(offered) = stream.step(false, |_| true) else { panic!("an item is offered") };
    finish(&mut stream, offered, LIGHT);
    for _ in 1..WINDOW {
        let (item, _) = job_pulls(&mut stream);
        finish(&mut stream, item, LIGHT);
    }
    assert!(job_leaves(&mut stream));
    for _ in 0..WINDOW {
        assert_eq!(hand_out(&mut stream), JobStart::Nothing);
    }
}

#[test]
fn a_window_is_light_by_all_that_it_holds() {
    let weight = |ticks, window| {
        let mut item_cost = ItemCost::new();
        assert_eq!(item_cost.weight(window), Weight::Heavy, "nothing is known");
        item_cost.learn(ticks, window);
        item_cost.weight(window)
    };
    assert_eq!(weight(WAKE_UP, 1), Weight::Light);
    assert_eq!(weight(WAKE_UP / 2, 2), Weight::Light);
    assert_eq!(weight(WAKE_UP / 2 + 1, 2), Weight::Heavy);
    assert_eq!(weight(1, usize::MAX), Weight::Heavy);
}

#[test]
fn an_item_is_forgotten_within_some_windows() {
    let mut item_cost = ItemCost::new();
    item_cost.learn(1000 * WAKE_UP, WINDOW);
    let windows = (1..).find(|_| {
        (0..WINDOW).for_each(|_| item_cost.learn(1, WINDOW));
        item_cost.weight(WINDOW) == Weight::Light
    });
    assert!(windows.is_some_and(|windows| windows <= 16), "{windows:?}");
}
