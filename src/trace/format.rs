//! Events as text: one line of JSON each, of the Chrome trace event format.

use crate::trace::span::EventKind;
use crate::trace::track::Event;
use std::sync::Arc;

/// How the times and the names of a recording are written.
#[derive(Debug)]
pub(super) struct Format {
    /// The moment that is 0 in the file.
    origin: usize,
    /// The nanoseconds of one unit of the moments.
    scale: f64,
    names: Vec<Arc<str>>,
    /// The number of the next arrow.
    arrow: usize,
}

/// The begin of a track's lines.
#[derive(Debug)]
pub(super) struct TrackFormat {
    number: usize,
    span: Vec<u8>,
}

impl Format {
    pub(super) fn new(origin: usize) -> Self {
        Format { origin, scale: 1.0, names: Vec::new(), arrow: 1 }
    }

    pub(super) fn set_scale(&mut self, scale: f64) {
        self.scale = scale;
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
        TrackFormat { number, span: format!(r#"{{"ph":"X","pid":1,"tid":{number},"ts":"#).into_bytes() }
    }

    /// Appends the lines of an event of that track, each followed by `,` and a line break.
    ///
    /// (By hand, not by `write!`, and in few bytes: an event should cost as little as it can.)
    pub(super) fn event(&mut self, text: &mut Vec<u8>, track: &TrackFormat, event: Event) {
        if event.kind == EventKind::Steal {
            let arrow = self.arrow;
            self.arrow += 1;
            self.arrow_end(text, r#""ph":"s""#, event.count, event.begun, arrow);
            return self.arrow_end(text, r#""ph":"f","bp":"e""#, track.number, event.ended, arrow);
        }
        let begun = self.nanos(event.begun);
        text.extend_from_slice(&track.span);
        micros(text, begun);
        text.extend_from_slice(br#","dur":"#);
        micros(text, self.nanos(event.ended).saturating_sub(begun));
        let name = event.name.checked_sub(1).and_then(|place| self.names.get(place));
        if let (EventKind::Named, Some(name)) = (event.kind, name) {
            text.extend_from_slice(br#","cat":"named","name":""#);
            text.extend_from_slice(name.as_bytes());
            return text.extend_from_slice(b"\"},\n");
        }
        text.extend_from_slice(br#","name":""#);
        text.extend_from_slice(event.kind.name().as_bytes());
        let mut separator: &[u8] = br#"","args":{"#;
        if event.count > 0 {
            text.extend_from_slice(separator);
            text.extend_from_slice(br#""items":"#);
            digits(text, event.count as u64);
            separator = b",";
        }
        if let Some(name) = name {
            text.extend_from_slice(separator);
            text.extend_from_slice(br#""in":""#);
            text.extend_from_slice(name.as_bytes());
            text.push(b'"');
        }
        text.extend_from_slice(if event.count > 0 || name.is_some() { b"}},\n" } else { b"\"},\n" });
    }

    fn arrow_end(&self, text: &mut Vec<u8>, fields: &str, track: usize, at: usize, arrow: usize) {
        text.extend_from_slice(format!(r#"{{{fields},"pid":1,"tid":{track},"ts":"#).as_bytes());
        micros(text, self.nanos(at));
        text.extend_from_slice(format!(r#","cat":"steal","name":"steal","id":{arrow}}},"#).as_bytes());
        text.push(b'\n');
    }

    /// The nanoseconds from the recording's begin to that moment.
    fn nanos(&self, at: usize) -> u64 {
        (at.saturating_sub(self.origin) as f64 * self.scale) as u64
    }
}

/// Appends microseconds, with three places.
fn micros(text: &mut Vec<u8>, nanos: u64) {
    digits(text, nanos / 1000);
    let rest = nanos % 1000;
    let place = |unit: u64| b'0' + (rest / unit % 10) as u8;
    text.extend_from_slice(&[b'.', place(100), place(10), place(1)]);
}

fn digits(text: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut first = digits.len() - 1;
    while number >= 10 {
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        first -= 1;
    }
    digits[first] = b'0' + number as u8;
    text.extend_from_slice(&digits[first..]);
}

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
