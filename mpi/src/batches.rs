//! Items from one rank to another, in batches: a number of items and the items, until a number of 0.

use std::mem;

use crate::link::Link;
use crate::transfer::Transfer;

/// A batch of a collection is sent when it has so many bytes, so that the receiver reads it while the next one is written.
const BATCH_BYTES: usize = 4 << 20;

/// Items that wait to be sent.
struct Batch {
    len: usize,
    /// Room for the number of items, and the items.
    message: Vec<u8>,
}

/// The bytes of the number of items.
const HEAD: usize = size_of::<u64>();

impl Batch {
    fn new() -> Self {
        Self { len: 0, message: vec![0; HEAD] }
    }

    fn push<T: Transfer>(&mut self, item: &T) {
        self.len += 1;
        item.write(&mut self.message);
    }

    fn is_large(&self) -> bool {
        self.message.len() >= BATCH_BYTES
    }

    /// Empties the batch into a message, as that of a vector of the items.
    fn take(&mut self) -> Vec<u8> {
        let Batch { len, mut message } = mem::replace(self, Batch::new());
        message[..HEAD].copy_from_slice(&(len as u64).to_le_bytes());
        message
    }
}

/// Sends items, however many.
pub(crate) fn send_all<T: Transfer>(link: &Link, to: usize, items: &[T]) {
    let mut batch = Batch::new();
    for item in items {
        batch.push(item);
        if batch.is_large() {
            link.send(to, &batch.take());
        }
    }
    if batch.len > 0 {
        link.send(to, &batch.take());
    }
    link.send(to, &batch.take());
}

/// Sends items as they come, `most` at a time, each time when the receiver wants them.
pub(crate) fn send_when_wanted<T: Transfer>(link: &Link, to: usize, items: impl Iterator<Item = T>, most: usize) {
    let mut batch = Batch::new();
    for item in items {
        batch.push(&item);
        if batch.len == most || batch.is_large() {
            link.send_when_wanted(to, &batch.take());
        }
    }
    if batch.len > 0 {
        link.send_when_wanted(to, &batch.take());
    }
    link.send_when_wanted(to, &batch.take());
}

/// Waits for a batch. An empty one is the last.
pub(crate) fn receive<T: Transfer>(link: &Link, from: usize) -> Vec<T> {
    Vec::read(&mut link.receive(from).as_slice())
}

/// Waits for all items that [`send_all`] sends.
pub(crate) fn receive_all<T: Transfer>(link: &Link, from: usize) -> Vec<T> {
    let mut items = Vec::new();
    receive_onto(link, from, &mut items);
    items
}

/// Waits for all items that [`send_all`] sends, and appends them.
pub(crate) fn receive_onto<T: Transfer>(link: &Link, from: usize, items: &mut Vec<T>) {
    loop {
        let mut batch = receive(link, from);
        if batch.is_empty() {
            return;
        }
        items.append(&mut batch);
    }
}
