//! Tests of the lines that events become.

use super::{Format, escaped};
use crate::trace::file::SEPARATOR;
use crate::trace::span::EventKind;
use crate::trace::track::Event;
use serde_json::{Value, json};

const ORIGIN: usize = 1000;

fn event(kind: EventKind, name: usize, count: usize) -> Event {
    Event { kind, name, begun: ORIGIN + 2500, ended: ORIGIN + 4000, count }
}

/// The lines of the events, on track 7, with half a nanosecond for each unit.
fn read(events: &[Event]) -> Vec<Value> {
    let mut format = Format::new(ORIGIN);
    format.set_scale(0.5);
    format.set_names(vec!["resize".into(), "sort".into()]);
    let mut text = Vec::new();
    events.iter().for_each(|&event| format.event(&mut text, &Format::track(7), event));
    let text = String::from_utf8(text).unwrap();
    let lines = text.strip_prefix(SEPARATOR).unwrap().split(SEPARATOR);
    let mut values: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    values.iter_mut().for_each(|value| drop(value.as_object_mut().unwrap().remove("pid")));
    values
}

#[test]
fn a_span_has_its_time_in_microseconds() {
    let expected = json!({"ph": "X", "tid": 7, "ts": 1.25, "dur": 0.75, "name": "fork"});
    assert_eq!(read(&[event(EventKind::Fork, 0, 0)]), [expected]);
}

#[test]
fn a_loop_has_its_items_and_the_name_around_it() {
    let read =
        read(&[event(EventKind::Loop, 2, 1234567890), event(EventKind::Loop, 0, 10), event(EventKind::Wait, 1, 0)]);
    let args: Vec<_> = read.iter().map(|value| value["args"].clone()).collect();
    assert_eq!(args, [json!({"items": 1234567890, "in": "sort"}), json!({"items": 10}), json!({"in": "resize"})]);
}

#[test]
fn each_kind_has_its_name() {
    let kinds = EventKind::ALL.into_iter().filter(|&kind| kind != EventKind::Steal);
    for (kind, value) in kinds.clone().zip(read(&kinds.map(|kind| event(kind, 0, 0)).collect::<Vec<_>>())) {
        assert_eq!(value["name"], kind.name());
    }
}

/// The recording has lasted for half a year.
#[test]
fn long_times_and_many_items_have_all_their_digits() {
    let [begun, ended, count] = [1 << 54, 1 << 55, usize::MAX];
    let read = read(&[Event { kind: EventKind::Loop, name: 2, begun, ended, count }]);
    let expected = json!({"items": usize::MAX, "in": "sort"});
    assert_eq!((read[0]["ts"].as_f64(), &read[0]["args"]), (Some(((1_u64 << 54) - 1000) as f64 / 2000.0), &expected));
}

#[test]
fn a_named_event_bears_its_name() {
    let read = read(&[event(EventKind::Named, 1, 0)]);
    assert_eq!((&read[0]["name"], &read[0]["cat"], read[0].get("args")), (&json!("resize"), &json!("named"), None));
}

#[test]
fn a_steal_is_an_arrow_from_track_to_track() {
    let read = read(&[event(EventKind::Steal, 0, 3), event(EventKind::Steal, 0, 4)]);
    let ends: Vec<_> = read.iter().map(|end| json!([end["ph"], end["tid"], end["ts"], end["id"]])).collect();
    let expected =
        [json!(["s", 3, 1.25, 1]), json!(["f", 7, 2.0, 1]), json!(["s", 4, 1.25, 2]), json!(["f", 7, 2.0, 2])];
    assert_eq!(ends, expected);
}

#[test]
fn what_began_before_the_recording_begins_with_it() {
    let early = Event { begun: 10, ended: ORIGIN + 20, ..event(EventKind::Sleep, 0, 0) };
    let read = read(&[early]);
    assert_eq!((&read[0]["ts"], &read[0]["dur"]), (&json!(0.0), &json!(0.01)));
}

#[test]
fn any_text_can_be_a_name() {
    let text = "a \"quoted\" \\ </script> \n\u{1}\u{2028} ü 💙";
    let escaped = escaped(text);
    assert!(!escaped.contains('<'), "it stands in a page, too");
    assert_eq!(serde_json::from_str::<String>(&format!("\"{escaped}\"")).unwrap(), text);
}
