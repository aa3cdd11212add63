//! Stand-ins for crossbeam's channels, with the part of their interface that `stream` uses.

use super::lock::{wait, wake_all};
use super::machine::{self, Identity, point};
use super::state::Waiting;
use super::trace::Access;
use crossbeam_channel::{RecvError, SendError};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use crossbeam_channel::{TryRecvError, TrySendError};

/// A channel: its items, and the numbers of senders and receivers.
struct Channel<T> {
    identity: Identity,
    /// A real lock, held for no longer than a step.
    state: Mutex<ChannelContents<T>>,
}

struct ChannelContents<T> {
    items: VecDeque<T>,
    capacity: Option<usize>,
    senders: usize,
    receivers: usize,
}

impl<T> ChannelContents<T> {
    fn is_full(&self) -> bool {
        self.capacity.is_some_and(|capacity| self.items.len() >= capacity)
    }
}

impl<T> Channel<T> {
    fn state(&self) -> MutexGuard<'_, ChannelContents<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        wake_all(&self.identity);
    }
}

/// The sending end.
pub(crate) struct Sender<T>(Arc<Channel<T>>);

/// The receiving end.
pub(crate) struct Receiver<T>(Arc<Channel<T>>);

/// A channel with room for `capacity` items. With capacity 0 no item can be sent; crossbeam's channel would hand it
/// over.
pub(crate) fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    channel(Some(capacity))
}

/// A channel for any number of items.
pub(crate) fn unbounded<T>() -> (Sender<T>, Receiver<T>) {
    channel(None)
}

fn channel<T>(capacity: Option<usize>) -> (Sender<T>, Receiver<T>) {
    let state = ChannelContents { items: VecDeque::new(), capacity, senders: 1, receivers: 1 };
    let channel = Arc::new(Channel { identity: Identity::new(), state: Mutex::new(state) });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

impl<T> Sender<T> {
    #[track_caller]
    pub(crate) fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        point(Access::Rmw, &self.0.identity);
        self.put(item)
    }

    fn put(&self, item: T) -> Result<(), TrySendError<T>> {
        let mut state = self.0.state();
        if state.receivers == 0 {
            return Err(TrySendError::Disconnected(item));
        }
        if state.is_full() {
            return Err(TrySendError::Full(item));
        }
        state.items.push_back(item);
        drop(state);
        self.0.changed();
        Ok(())
    }

    #[track_caller]
    pub(crate) fn send(&self, item: T) -> Result<(), SendError<T>> {
        point(Access::Rmw, &self.0.identity);
        let mut item = item;
        loop {
            item = match self.put(item) {
                Ok(()) => return Ok(()),
                Err(TrySendError::Disconnected(item)) => return Err(SendError(item)),
                Err(TrySendError::Full(item)) => item,
            };
            wait(Waiting::Channel, &self.0.identity, None);
        }
    }

    #[track_caller]
    pub(crate) fn is_full(&self) -> bool {
        point(Access::Load, &self.0.identity);
        self.0.state().is_full()
    }
}

impl<T> Receiver<T> {
    #[track_caller]
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        point(Access::Rmw, &self.0.identity);
        self.take()
    }

    fn take(&self) -> Result<T, TryRecvError> {
        let mut state = self.0.state();
        let item = state.items.pop_front();
        let none = if state.senders == 0 { TryRecvError::Disconnected } else { TryRecvError::Empty };
        drop(state);
        if item.is_some() {
            self.0.changed();
        }
        item.ok_or(none)
    }

    #[track_caller]
    pub(crate) fn recv(&self) -> Result<T, RecvError> {
        point(Access::Rmw, &self.0.identity);
        loop {
            match self.take() {
                Ok(item) => return Ok(item),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
                Err(TryRecvError::Empty) => wait(Waiting::Channel, &self.0.identity, None),
            };
        }
    }

    pub(crate) fn try_iter(&self) -> impl Iterator<Item = T> {
        std::iter::from_fn(|| self.try_recv().ok())
    }

    #[track_caller]
    pub(crate) fn len(&self) -> usize {
        point(Access::Load, &self.0.identity);
        self.0.state().items.len()
    }

    #[track_caller]
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        self.0.state().capacity
    }
}

/// Sends an item; waits for room until `closed` is disconnected.
#[track_caller]
pub(crate) fn send_unless_closed<T>(sender: &Sender<T>, item: T, closed: &Receiver<Infallible>) {
    let place = Location::caller();
    point(Access::Rmw, &sender.0.identity);
    let mut item = item;
    while closed.0.state().senders > 0 {
        item = match sender.put(item) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => return,
            Err(TrySendError::Full(item)) => item,
        };
        let objects = [Some(&sender.0.identity), Some(&closed.0.identity)];
        machine::with_run("a channel", |machine| machine.block(Waiting::Channel, objects, None, place));
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.state().senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        self.0.state().receivers += 1;
        Receiver(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        point(Access::Rmw, &self.0.identity);
        let mut state = self.0.state();
        state.senders -= 1;
        if state.senders == 0 {
            drop(state);
            self.0.changed();
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        point(Access::Rmw, &self.0.identity);
        let mut state = self.0.state();
        state.receivers -= 1;
        if state.receivers == 0 {
            // As in crossbeam: without receivers, the items cannot be taken. They are dropped after the lock is
            // released.
            let items = std::mem::take(&mut state.items);
            drop(state);
            self.0.changed();
            drop(items);
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
