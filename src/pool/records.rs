//! Records that are made when they are needed, used by one thread after another, and kept until the pool is dropped.

use crate::sync::lock::Mutex;
use std::ptr;

/// All records made for one pool: the workers of threads that belong to no slot. They are used again, and dropped only
/// with the pool, because a thief may read one at any time.
///
/// 1. A record is in a box of its own, which stays in the list.
/// 2. No thread uses a record that is not `is_used`.
#[derive(Debug)]
pub(crate) struct Records<T>(Mutex<Vec<Record<T>>>);

#[derive(Debug)]
struct Record<T> {
    content: Box<T>,
    is_used: bool,
}

impl<T> Records<T> {
    pub(super) fn new() -> Self {
        Records(Mutex::new(Vec::new()))
    }

    /// A free record that fits, for the calling thread, which puts it back.
    pub(super) fn take(&self, fits: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> &T {
        let mut records = self.0.lock();
        let is_free = |record: &Record<T>| !record.is_used && fits(&record.content);
        let place = records.iter().position(is_free).unwrap_or_else(|| {
            records.push(Record { content: Box::new(make()), is_used: false });
            records.len() - 1
        });
        records[place].is_used = true;
        let content: *const T = &raw const *records[place].content;
        // SAFETY: by invariant 1 it stays in place until the records, which are borrowed, are dropped; only shared
        // references to it are made.
        unsafe { &*content }
    }

    /// Frees a record for other threads.
    pub(super) fn put_back(&self, content: &T) {
        let mut records = self.0.lock();
        let record = records.iter_mut().find(|record| ptr::eq(&raw const *record.content, content));
        record.expect("it was taken from here").is_used = false;
    }
}
