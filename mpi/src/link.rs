//! Bytes from one rank to another, in messages below MPI's limit of 2^31 - 1 bytes.
//!
//! MPI counts in a C `int`. So bytes travel in messages of [`Link::piece`] bytes; the first shorter one, which may be empty, is
//! the last. The receiver learns each message's length by a probe, so no length travels ahead.

use mpi::collective::CommunicatorCollectives;
use mpi::point_to_point::{Destination, Source};
use mpi::topology::{Communicator, SimpleCommunicator};

use crate::transfer::Transfer;

/// The bytes of a full message, unless a test asks for fewer.
pub(crate) const PIECE: usize = 1 << 30;

/// The communicator of the library, which no other code sends on.
pub(crate) struct Link {
    communicator: SimpleCommunicator,
    /// The same on all ranks.
    piece: usize,
}

impl Link {
    pub(crate) fn new(communicator: SimpleCommunicator, piece: usize) -> Self {
        assert!((1..=PIECE).contains(&piece), "a message of {piece} bytes");
        Self { communicator, piece }
    }

    pub(crate) fn communicator(&self) -> &SimpleCommunicator {
        &self.communicator
    }

    pub(crate) fn rank(&self) -> usize {
        self.communicator.rank() as usize
    }

    pub(crate) fn size(&self) -> usize {
        self.communicator.size() as usize
    }

    /// The messages that carry `bytes`.
    fn messages<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> + use<'b> {
        let full = bytes.len() / self.piece * self.piece;
        bytes[..full].chunks_exact(self.piece).chain([&bytes[full..]])
    }

    /// Sends bytes. Returns when they may be changed; the receiver may not have them yet.
    pub(crate) fn send(&self, to: usize, bytes: &[u8]) {
        let to = self.communicator.process_at_rank(to as i32);
        self.messages(bytes).for_each(|message| to.send(message));
    }

    /// Sends bytes, and returns when the receiver has begun to receive the last of them.
    pub(crate) fn send_when_wanted(&self, to: usize, bytes: &[u8]) {
        let to = self.communicator.process_at_rank(to as i32);
        self.messages(bytes).for_each(|message| to.synchronous_send(message));
    }

    /// Waits for bytes.
    pub(crate) fn receive(&self, from: usize) -> Vec<u8> {
        let from = self.communicator.process_at_rank(from as i32);
        let mut bytes = Vec::new();
        loop {
            let (message, status) = from.matched_probe();
            let len = status.count(<u8 as mpi::traits::Equivalence>::equivalent_datatype()) as usize;
            let begun = bytes.len();
            bytes.resize(begun + len, 0);
            message.matched_receive_into(&mut bytes[begun..]);
            if len < self.piece {
                return bytes;
            }
        }
    }

    /// Sends bytes to a rank that calls this too, and waits for its bytes.
    pub(crate) fn exchange(&self, with: usize, bytes: &[u8]) -> Vec<u8> {
        let other = self.communicator.process_at_rank(with as i32);
        mpi::request::scope(|scope| {
            let sends: Vec<_> = self.messages(bytes).map(|message| other.immediate_send(scope, message)).collect();
            let received = self.receive(with);
            for send in sends {
                send.wait_without_status();
            }
            received
        })
    }

    /// One number from each rank, by rank.
    pub(crate) fn all_numbers(&self, number: u64) -> Vec<u64> {
        let mut numbers = vec![0; self.size()];
        self.communicator.all_gather_into(&number, &mut numbers[..]);
        numbers
    }

    /// Combines the values of all ranks, as neighbours in the order of the ranks. Every rank gets the same result.
    ///
    /// Pairs of ranks exchange their values and combine them, then pairs of pairs, and so on. If the number of ranks is no
    /// power of two, some first give theirs to a neighbour, and receive the result in the end.
    pub(crate) fn combine<T: Transfer>(&self, value: T, op: impl Fn(T, T) -> T) -> T {
        let (rank, size) = (self.rank(), self.size());
        let members = 1 << size.ilog2();
        let spare = size - members;
        let is_paired = rank < 2 * spare;
        let encode = |value: &T| {
            let mut bytes = Vec::with_capacity(size_of::<T>());
            value.write(&mut bytes);
            bytes
        };
        let decode = |bytes: Vec<u8>| T::read(&mut bytes.as_slice());

        if is_paired && rank % 2 == 0 {
            self.send(rank + 1, &encode(&value));
            return decode(self.receive(rank + 1));
        }
        let mut so_far = if is_paired { op(decode(self.receive(rank - 1)), value) } else { value };
        let member = if is_paired { rank / 2 } else { rank - spare };
        let mut distance = 1;
        while distance < members {
            let partner = member ^ distance;
            let partner_rank = if partner < spare { 2 * partner + 1 } else { partner + spare };
            let other = decode(self.exchange(partner_rank, &encode(&so_far)));
            so_far = if partner < member { op(other, so_far) } else { op(so_far, other) };
            distance *= 2;
        }
        if is_paired {
            self.send(rank - 1, &encode(&so_far));
        }
        so_far
    }
}
