//! Where public jobs come from: the track, the name and the moment of each, by the address of the job.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::process::PerProcess;
use crate::trace::span::now;

/// Where a job was made public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) track: usize,
    pub(super) name: usize,
    pub(super) at: usize,
}

/// The number of places. Two jobs with one place: the origin of the older one is lost.
const PLACES: usize = 1 << 12;

/// Names from this one on are not passed on.
const MOST_NAMES: usize = 1 << 16;

/// The words of one place. Relaxed suffices for all: the thread that takes a job has it from a queue, which orders the
/// words before that. If another job with the same place is made public at that moment, the words may be of both. So an
/// arrow may begin in the wrong place, or be missing.
#[derive(Debug, Default)]
struct OriginWords {
    address: AtomicUsize,
    /// The track, and the name in the lowest bits.
    from: AtomicUsize,
    at: AtomicUsize,
}

#[derive(Debug)]
struct Origins(Box<[OriginWords]>);

impl Default for Origins {
    fn default() -> Self {
        Origins((0..PLACES).map(|_| OriginWords::default()).collect())
    }
}

static ORIGINS: PerProcess<Origins> = PerProcess::new();

fn words_of(address: usize) -> &'static OriginWords {
    // The bits above the alignment of a job, folded, so that frames of different stacks have different places.
    let bits = address >> 4;
    &ORIGINS.get().0[(bits ^ bits >> 13) % PLACES]
}

/// Stores the origin of a job that the thread of that track makes public now, within that name.
pub(super) fn store(address: usize, track: usize, name: usize) {
    let words = words_of(address);
    words.address.store(address, Ordering::Relaxed);
    words.from.store(track * MOST_NAMES + if name < MOST_NAMES { name } else { 0 }, Ordering::Relaxed);
    words.at.store(now(), Ordering::Relaxed);
}

/// The origin of a job that begins now. It is forgotten: the next job at this address has another.
pub(super) fn take(address: usize) -> Option<Origin> {
    let words = words_of(address);
    if words.address.load(Ordering::Relaxed) != address {
        return None;
    }
    let (from, at) = (words.from.load(Ordering::Relaxed), words.at.load(Ordering::Relaxed));
    words.address.store(0, Ordering::Relaxed);
    Some(Origin { track: from / MOST_NAMES, name: from % MOST_NAMES, at })
}
