//! Where the outcomes of a pool's items go: nowhere, to the receiver of results, or to a handle for each item.

use super::worker_error::WorkerError;
use crate::sync::channel::Receiver;
use crate::sync::quiet::Quiet;
use std::convert::Infallible;

/// It lies in a channel of crossbeam's, which is not sound if a value that it drops panics.
pub(crate) type WorkOutcome<R> = Quiet<Result<R, WorkerError>>;

/// Takes the outcomes of a worker's items, which are of the type `T`.
pub(crate) trait Sink<T, R>: Clone + Send + 'static {
    /// The part of an item that `work` gets.
    type Work;
    /// Where the outcome of one item belongs.
    type Address;

    /// Waits until one more item may be begun, or the pool is closed: then there is room for all that is left.
    fn wait_for_room(&self, closed: &Receiver<Infallible>);

    /// Takes an item apart. Calls no code of the user's.
    fn begin(item: T) -> (Self::Work, Self::Address);

    /// Puts an outcome where it can be taken. Hands it back if the receiver is gone.
    fn put(&self, sequence: u64, address: Self::Address, outcome: WorkOutcome<R>) -> Result<(), WorkOutcome<R>>;

    /// Notes that no worker will begin the item.
    fn take_back(_item: &mut T) {}
}

/// For pools without results.
#[derive(Clone, Debug)]
pub(crate) struct Nowhere;

impl<T, R> Sink<T, R> for Nowhere {
    type Work = T;
    type Address = ();

    fn wait_for_room(&self, _: &Receiver<Infallible>) {}

    fn begin(item: T) -> (T, ()) {
        (item, ())
    }

    fn put(&self, _: u64, (): (), outcome: WorkOutcome<R>) -> Result<(), WorkOutcome<R>> {
        Err(outcome)
    }
}
