//! Events as text: one line of JSON each, of the Chrome trace event format.

use crate::sync::process;
use crate::trace::span::EventKind;
use crate::trace::track::Event;
use std::sync::Arc;

/// How the times and the names of a recording are written.
#[derive(Debug)]
pub(super) struct Format {
    process: u32,
    /// The moment that is 0 in the file.
    origin: usize,
    /// The nanoseconds of one unit of the moments.
    scale: f64,
    names: Vec<Arc<str>>,
    /// The number of the next arrow.
    arrow: usize,
}

impl Format {
    pub(super) fn new(origin: usize) -> Self {
        Format { process: process::id(), origin, scale: 1.0, names: Vec::new(), arrow: 1 }
    }

    pub(super) fn set_scale(&mut self, scale: f64) {
        self.scale = scale;
    }

    /// Must be called, with all names so far, before an event with a new name is written.
    pub(super) fn set_names(&mut self, names: Vec<Arc<str>>) {
        self.names = names;
    }

    /// A line that says what the process is called.
    pub(super) fn process_name(&self, name: &str) -> String {
        let (process, name) = (self.process, escaped(name));
        format!(r#"{{"name":"process_name","ph":"M","pid":{process},"tid":0,"args":{{"name":"{name}"}}}}"#)
    }

    /// A line that says what a track is called.
    pub(super) fn thread_name(&self, track: usize, name: &str) -> String {
        let (process, name) = (self.process, escaped(name));
        format!(r#"{{"name":"thread_name","ph":"M","pid":{process},"tid":{track},"args":{{"name":"{name}"}}}}"#)
    }

    /// Appends the lines of an event of that track, each followed by `,` and a line break.
    ///
    /// (By hand, not by `write!`: an event should cost as little as it can.)
    pub(super) fn event(&mut self, text: &mut Vec<u8>, track: usize, event: Event) {
        let name = event.name.checked_sub(1).and_then(|place| self.names.get(place)).map(Arc::clone);
        if event.kind == EventKind::Steal {
            let arrow = self.arrow;
            self.arrow += 1;
            self.arrow_end(text, br#"{"ph":"s","#, event.count, event.begun, arrow);
            return self.arrow_end(text, br#"{"ph":"f","bp":"e","#, track, event.ended, arrow);
        }
        text.extend_from_slice(br#"{"ph":"X","#);
        self.place(text, track, event.begun);
        text.extend_from_slice(br#","dur":"#);
        micros(text, self.nanos(event.ended).saturating_sub(self.nanos(event.begun)));
        text.extend_from_slice(br#","cat":""#);
        text.extend_from_slice(event.kind.name().as_bytes());
        text.extend_from_slice(br#"","name":""#);
        match &name {
            Some(name) if event.kind == EventKind::Named => text.extend_from_slice(name.as_bytes()),
            _ => text.extend_from_slice(event.kind.name().as_bytes()),
        }
        text.push(b'"');
        let inner = name.filter(|_| event.kind != EventKind::Named);
        match (event.kind == EventKind::Loop && event.count > 0, inner) {
            (false, None) => text.push(b'}'),
            (false, Some(name)) => {
                text.extend_from_slice(br#","args":{"in":""#);
                text.extend_from_slice(name.as_bytes());
                text.extend_from_slice(br#""}}"#);
            }
            (true, name) => {
                text.extend_from_slice(br#","args":{"items":"#);
                digits(text, event.count as u64);
                if let Some(name) = name {
                    text.extend_from_slice(br#","in":""#);
                    text.extend_from_slice(name.as_bytes());
                    text.push(b'"');
                }
                text.extend_from_slice(b"}}");
            }
        }
        text.extend_from_slice(b",\n");
    }

    fn arrow_end(&self, text: &mut Vec<u8>, begin: &[u8], track: usize, at: usize, arrow: usize) {
        text.extend_from_slice(begin);
        self.place(text, track, at);
        text.extend_from_slice(br#","cat":"steal","name":"steal","id":"#);
        digits(text, arrow as u64);
        text.extend_from_slice(b"},\n");
    }

    /// The fields that say where an event is: its process, track and time.
    fn place(&self, text: &mut Vec<u8>, track: usize, at: usize) {
        text.extend_from_slice(br#""pid":"#);
        digits(text, self.process.into());
        text.extend_from_slice(br#","tid":"#);
        digits(text, track as u64);
        text.extend_from_slice(br#","ts":"#);
        micros(text, self.nanos(at));
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
