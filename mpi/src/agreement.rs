//! How ranks notice, in debug builds, that they do not make the same call.
//!
//! Before each collective call the ranks exchange a header. If the headers differ, every rank panics with a message that names
//! the calls. The end of a `World` is a call in this sense, so a rank that has ended early is noticed too.

use std::fmt;

use mpi::collective::CommunicatorCollectives;

use crate::link::Link;

/// The collective calls of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Block,
    Scatter,
    Dynamic,
    Combine,
    ReduceAll,
    SumAll,
    DeterministicReduceAll,
    DeterministicSumAll,
    CollectAt,
    GatherOrdered,
    Barrier,
    End,
}

impl Operation {
    const ALL: [Operation; 12] = [
        Operation::Block,
        Operation::Scatter,
        Operation::Dynamic,
        Operation::Combine,
        Operation::ReduceAll,
        Operation::SumAll,
        Operation::DeterministicReduceAll,
        Operation::DeterministicSumAll,
        Operation::CollectAt,
        Operation::GatherOrdered,
        Operation::Barrier,
        Operation::End,
    ];

    fn name(self) -> &'static str {
        match self {
            Operation::Block => "block",
            Operation::Scatter => "scatter",
            Operation::Dynamic => "dynamic",
            Operation::Combine => "combine_all",
            Operation::ReduceAll => "reduce_all",
            Operation::SumAll => "sum_all",
            Operation::DeterministicReduceAll => "reduce_all of deterministic_in",
            Operation::DeterministicSumAll => "sum_all of deterministic_in",
            Operation::CollectAt => "collect_at",
            Operation::GatherOrdered => "gather_ordered",
            Operation::Barrier => "barrier",
            Operation::End => "the end of its World",
        }
    }
}

/// A collective call, as far as all ranks must agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    /// The number of items of all ranks together, where the caller names it.
    pub(crate) len: Option<u64>,
    /// The size of an item in memory, where items travel.
    pub(crate) item_size: Option<u64>,
    pub(crate) root: Option<u64>,
    /// The number of items that are drawn or sent at a time.
    pub(crate) grain: Option<u64>,
}

/// The numbers of a header.
const FIELDS: usize = 5;

/// Stands for `None` in a header.
const NONE: u64 = u64::MAX;

impl Call {
    pub(crate) fn new(operation: Operation) -> Self {
        Call { operation, len: None, item_size: None, root: None, grain: None }
    }

    pub(crate) fn len(self, len: usize) -> Self {
        Call { len: Some(len as u64), ..self }
    }

    pub(crate) fn items<T>(self) -> Self {
        Call { item_size: Some(size_of::<T>() as u64), ..self }
    }

    pub(crate) fn root(self, root: usize) -> Self {
        Call { root: Some(root as u64), ..self }
    }

    pub(crate) fn grain(self, grain: usize) -> Self {
        Call { grain: Some(grain as u64), ..self }
    }

    fn header(self) -> [u64; FIELDS] {
        let fields = [self.len, self.item_size, self.root, self.grain].map(|field| field.unwrap_or(NONE));
        [self.operation as u64, fields[0], fields[1], fields[2], fields[3]]
    }

    fn from_header(header: &[u64]) -> Self {
        let field = |index: usize| (header[index] != NONE).then_some(header[index]);
        let operation = Operation::ALL.get(header[0] as usize).copied().expect("a header that a rank has sent");
        Call { operation, len: field(1), item_size: field(2), root: field(3), grain: field(4) }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.name())?;
        let fields = [
            ("length", self.len),
            ("bytes for an item", self.item_size),
            ("root", self.root),
            ("grain or window", self.grain),
        ];
        let known = fields.iter().filter_map(|(name, value)| Some((name, (*value)?)));
        for (index, (name, value)) in known.enumerate() {
            write!(f, "{}{name} {value}", if index == 0 { " (" } else { ", " })?;
        }
        if fields.iter().any(|(_, value)| value.is_some()) { f.write_str(")") } else { Ok(()) }
    }
}

/// In debug builds, waits until every rank has come to a collective call, and panics if the calls differ.
pub(crate) fn check(link: &Link, call: Call) {
    if !cfg!(debug_assertions) {
        return;
    }
    let mut headers = vec![0; FIELDS * link.size()];
    link.communicator().all_gather_into(&call.header()[..], &mut headers[..]);
    let calls: Vec<Call> = headers.chunks_exact(FIELDS).map(Call::from_header).collect();
    if let Some(other) = calls.iter().position(|other| *other != calls[0]) {
        panic!("the ranks do not make the same call: rank 0 comes to {}, rank {other} to {}", calls[0], calls[other]);
    }
}
