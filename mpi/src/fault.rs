//! How a panic on one rank ends all.
//!
//! A hook notes the message of each panic. The iterator of a block that is dropped while its thread panics adds the index of
//! its item. A `World` that is dropped while its thread panics prints both and aborts all ranks. A panic that is caught before
//! it comes to the `World` ends nothing.

use std::panic::{self, PanicHookInfo};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};

/// The exit code of a program that has panicked.
pub(crate) const EXIT_CODE: i32 = 101;

/// The newest panic of the process.
struct Noted {
    thread: ThreadId,
    message: String,
    item: Option<usize>,
}

static NEWEST: Mutex<Option<Noted>> = Mutex::new(None);

/// Notes panics from here on; the hook that was set before is called first.
pub(crate) fn note_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        before(panic);
        note(panic);
    }));
}

fn note(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)");
    let message = match panic.location() {
        Some(location) => format!("{text} ({location})"),
        None => text.to_owned(),
    };
    let noted = Noted { thread: thread::current().id(), message, item: None };
    *NEWEST.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
}

/// Notes which item the calling thread was at when it began to panic. The first call after a panic counts: it comes from the
/// innermost loop.
#[cold]
pub(crate) fn note_item(index: usize) {
    let mut newest = NEWEST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(noted) = newest.as_mut().filter(|noted| noted.thread == thread::current().id()) {
        noted.item.get_or_insert(index);
    }
}

/// The newest panic, for a message.
pub(crate) fn describe() -> String {
    match &*NEWEST.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(Noted { message, item: Some(item), .. }) => format!("item {item}: {message}"),
        Some(Noted { message, item: None, .. }) => message.clone(),
        None => "(no message)".into(),
    }
}
