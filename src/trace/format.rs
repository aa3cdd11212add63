//! Events as text: one line of JSON each, of the Chrome trace event format.

use crate::trace::file::SEPARATOR;
use crate::trace::line::{EventLine, LineText};
use crate::trace::span::EventKind;
use crate::trace::track::Event;
use std::sync::Arc;

/// How the times and the names of a recording are written.
#[derive(Debug)]
pub(super) struct Format {
    /// The moment that is 0 in the file.
    origin: usize,
    /// The nanoseconds of one unit of the moments, in 2^-[`SCALE_BITS`].
    scale: u64,
    names: Vec<Arc<str>>,
    /// The number of the next arrow.
    arrow: usize,
}

const SCALE_BITS: u32 = 32;

/// The begin of a track's lines.
#[derive(Debug)]
pub(super) struct TrackFormat {
    number: usize,
    span: LineText,
}

impl Format {
    pub(super) fn new(origin: usize) -> Self {
        Format { origin, scale: 1 << SCALE_BITS, names: Vec::new(), arrow: 1 }
    }

    pub(super) fn set_scale(&mut self, scale: f64) {
        self.scale = (scale * (1_u64 << SCALE_BITS) as f64) as u64;
    }

    /// Must be called, with all names so far, before an event with a new name is written.
    pub(super) fn set_names(&mut self, names: Vec<Arc<str>>) {
        self.names = names;
    }

    /// A line that says what the process is called.
    pub(super) fn process_name(name: &str) -> String {
        let name = escaped(name);
        format!(r#"{{"name":"process_name","ph":"M","pid":1,"tid":0,"args":{{"name":"{name}"}}}}"#)
    }

    /// A line that says what a track is called.
    pub(super) fn thread_name(track: usize, name: &str) -> String {
        let name = escaped(name);
        format!(r#"{{"name":"thread_name","ph":"M","pid":1,"tid":{track},"args":{{"name":"{name}"}}}}"#)
    }

    /// What the lines of a track begin with.
    pub(super) fn track(number: usize) -> TrackFormat {
        let span = LineText::new(&format!(r#"{SEPARATOR}{{"ph":"X","pid":1,"tid":{number},"ts":"#));
        TrackFormat { number, span }
    }

    /// Appends the lines of an event of that track, each after a [`SEPARATOR`].
    pub(super) fn event(&mut self, text: &mut Vec<u8>, track: &TrackFormat, event: Event) {
        if event.kind == EventKind::Steal {
            return self.arrow(text, track.number, event);
        }
        let (begun, ended) = (self.nanos(event.begun), self.nanos(event.ended));
        let name = event.name.checked_sub(1).and_then(|place| self.names.get(place));
        let mut line = EventLine::new();
        line.text(&track.span);
        line.micros(begun);
        line.bytes(br#","dur":"#);
        line.micros(ended.saturating_sub(begun));
        if let (EventKind::Named, Some(name)) = (event.kind, name) {
            line.bytes(br#","cat":"named","name":""#);
            line.move_to(text);
            text.extend_from_slice(name.as_bytes());
            return text.extend_from_slice(br#""}"#);
        }
        line.bytes(br#","name":""#);
        line.text(&KIND_NAMES[event.kind as usize]);
        line.bytes(br#"""#);
        if event.count > 0 {
            line.bytes(br#","args":{"items":"#);
            line.number(event.count as u64);
        }
        match name {
            None if event.count > 0 => line.bytes(b"}}"),
            None => line.bytes(b"}"),
            Some(name) => {
                if event.count > 0 {
                    line.bytes(br#","in":""#);
                } else {
                    line.bytes(br#","args":{"in":""#);
                }
                line.move_to(text);
                text.extend_from_slice(name.as_bytes());
                line.bytes(br#""}}"#);
            }
        }
        line.move_to(text);
    }

    /// An arrow from the track, and the moment, at which a job was made public.
    #[cold]
    fn arrow(&mut self, text: &mut Vec<u8>, track: usize, event: Event) {
        let arrow = self.arrow;
        self.arrow += 1;
        let ends = [(r#""ph":"s""#, event.count, event.begun), (r#""ph":"f","bp":"e""#, track, event.ended)];
        for (fields, track, at) in ends {
            text.extend_from_slice(format!(r#"{SEPARATOR}{{{fields},"pid":1,"tid":{track},"ts":"#).as_bytes());
            let mut line = EventLine::new();
            line.micros(self.nanos(at));
            line.move_to(text);
            text.extend_from_slice(format!(r#","cat":"steal","name":"steal","id":{arrow}}}"#).as_bytes());
        }
    }

    /// The nanoseconds from the recording's begin to that moment.
    #[inline]
    fn nanos(&self, at: usize) -> u64 {
        ((at.saturating_sub(self.origin) as u128 * u128::from(self.scale)) >> SCALE_BITS) as u64
    }
}

/// What the kinds of events are called.
static KIND_NAMES: [LineText; EventKind::ALL.len()] = {
    let mut names = [const { LineText::new("") }; EventKind::ALL.len()];
    let mut kind = 0;
    while kind < names.len() {
        names[kind] = LineText::new(EventKind::ALL[kind].name());
        kind += 1;
    }
    names
};

/// A text as it stands between the quotes of JSON, also within a script of HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '<' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", character as u32)),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(all(test, not(any(loom, sim))))]
mod tests;
