//! The channels of worker pools: crossbeam's, or the simulated machine's.

#[cfg(not(sim))]
pub(crate) use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError, bounded, unbounded};

#[cfg(sim)]
pub(crate) use crate::sync::sim::channel::{
    Receiver, Sender, TryRecvError, TrySendError, bounded, send_unless_closed, unbounded,
};

/// Sends an item. Waits for room until `closed` is disconnected.
#[cfg(not(sim))]
pub(crate) fn send_unless_closed<T>(sender: &Sender<T>, item: T, closed: &Receiver<std::convert::Infallible>) {
    crossbeam_channel::select! {
        send(sender, item) -> _ => (),
        recv(closed) -> _ => (),
    }
}
