//! Items from one rank to another, in batches: a number of items and the items, until a number of 0.

use crate::link::Link;
use crate::transfer::Transfer;

/// A batch of a collection is sent when it has so many bytes, so that the receiver reads it while the next one is written.
const BATCH_BYTES: usize = 4 << 20;

/// Items that wait to be sent.
struct Batch {
    len: usize,
    items: Vec<u8>,
}

impl Batch {
    fn new() -> Self {
        Self { len: 0, items: Vec::new() }
    }

    fn push<T: Transfer>(&mut self, item: &T) {
        self.len += 1;
        item.write(&mut self.items);
    }

    /// Empties the batch into a message.
    fn take(&mut self) -> Vec<u8> {
        let mut message = Vec::with_capacity(size_of::<u64>() + self.items.len());
        self.len.write(&mut message);
        message.append(&mut self.items);
        self.len = 0;
        message
    }
}

/// Sends items, however many.
pub(crate) fn send_all<T: Transfer>(link: &Link, to: usize, items: &[T]) {
    let mut batch = Batch::new();
    for item in items {
        batch.push(item);
        if batch.items.len() >= BATCH_BYTES {
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
        if batch.len == most || batch.items.len() >= BATCH_BYTES {
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
