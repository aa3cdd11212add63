//! Layer 5: the state of `into_seq_iter`, all of it under one lock: the items that a parallel iterator has made and the
//! reader has not taken, in order. The methods are the transitions of `README.md`; none of them runs the user's code.
//! The user's values are [`Quiet`], so they can be dropped wherever the lock is not held.

use crate::iter::schedule::in_order::Patience;
use crate::sync::parker::Parker;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::Payload;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;

/// A segment, by its index: the items of one part, between those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentId(usize);

/// No segment.
const NONE: SegmentId = SegmentId(usize::MAX);

/// The segments of one iterator, in their order.
///
/// 1. `taken` counts the items that lie in segments, and the places that folders have taken for their next items. It
///    exceeds `window` only by items that were forced in.
/// 2. `first_open` is the first segment that may still get items. Only its folder takes the last place of the window.
/// 3. While there is a place for a sleeping folder, a folder that can take it has been notified and is not in
///    `sleepers`.
/// 4. Behind a broken segment there are no items, and none are put there any more.
pub(super) struct SegmentList<T> {
    window: usize,
    taken: usize,
    nodes: Vec<SegmentNode<T>>,
    free: Vec<SegmentId>,
    head: SegmentId,
    first_open: SegmentId,
    has_broken: bool,
    /// Folders that wait for a place.
    sleepers: Vec<(SegmentId, Arc<Parker>)>,
    reader: Reader,
    /// The outcome of the whole work, once it has ended.
    outcome: Option<Result<(), Quiet<Payload>>>,
}

struct SegmentNode<T> {
    before: SegmentId,
    behind: SegmentId,
    items: VecDeque<Quiet<T>>,
    /// What the segment's folder may wait for; `None` before there is one.
    patience: Option<Patience>,
    state: SegmentState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SegmentState {
    Open,
    Ended,
    /// Its folder panicked, or the code that would have made the folder.
    Broken,
}

enum Reader {
    Awake,
    Asleep(Arc<Parker>),
    Gone,
}

/// The answer to a folder that asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PlaceGrant {
    Granted,
    /// There is no place now.
    Full,
    /// No more items of this segment are wanted.
    Refused,
}

/// How a segment has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SegmentEnd {
    Done,
    Panicked,
}

/// The next step of the reader.
pub(super) enum ReaderTurn<T> {
    Item(Quiet<T>),
    Wait,
    Panic(Quiet<Payload>),
    Over,
}

/// The threads to notify once the lock is released.
#[must_use = "somebody may have to be notified"]
#[derive(Debug, Default)]
pub(super) struct Wakes(Vec<Arc<Parker>>, Option<Arc<Parker>>);

impl Wakes {
    /// True if the reader is among them.
    pub(super) fn has_reader(&self) -> bool {
        self.1.is_some()
    }

    pub(super) fn notify(self) {
        self.0.into_iter().chain(self.1).for_each(|parker| parker.notify());
    }
}

impl<T> SegmentList<T> {
    /// A list of one segment, for all items.
    pub(super) fn new(window: usize) -> (Self, SegmentId) {
        let all = SegmentId(0);
        let node = SegmentNode {
            before: NONE,
            behind: NONE,
            items: VecDeque::new(),
            patience: None,
            state: SegmentState::Open,
        };
        let segments = SegmentList {
            window,
            taken: 0,
            nodes: vec![node],
            free: Vec::new(),
            head: all,
            first_open: all,
            has_broken: false,
            sleepers: Vec::new(),
            reader: Reader::Awake,
            outcome: None,
        };
        (segments, all)
    }

    fn node(&mut self, segment: SegmentId) -> &mut SegmentNode<T> {
        &mut self.nodes[segment.0]
    }

    /// Makes a segment in front of one that is open.
    pub(super) fn split_before(&mut self, segment: SegmentId) -> SegmentId {
        let before = mem::replace(&mut self.node(segment).before, NONE);
        let node =
            SegmentNode { before, behind: segment, items: VecDeque::new(), patience: None, state: SegmentState::Open };
        let new = match self.free.pop() {
            Some(free) => {
                *self.node(free) = node;
                free
            }
            None => {
                self.nodes.push(node);
                SegmentId(self.nodes.len() - 1)
            }
        };
        self.node(segment).before = new;
        if before == NONE {
            self.head = new;
        } else {
            self.node(before).behind = new;
        }
        if self.first_open == segment {
            self.first_open = new;
        }
        new
    }

    /// True if further items of the segment would be dropped.
    pub(super) fn is_refused(&self, segment: SegmentId) -> bool {
        if matches!(self.reader, Reader::Gone) {
            return true;
        }
        if !self.has_broken {
            return false;
        }
        let mut at = self.head;
        while at != segment && at != NONE {
            if self.nodes[at.0].state == SegmentState::Broken {
                return true;
            }
            at = self.nodes[at.0].behind;
        }
        false
    }

    fn has_place(&self, segment: SegmentId) -> bool {
        let kept = usize::from(segment != self.first_open);
        self.window - self.window.min(self.taken) > kept || self.is_next(segment) || self.waits_for_itself(segment)
    }

    /// True if the window waits for a segment that this one's thread may have to begin when this one has ended.
    fn waits_for_itself(&self, segment: SegmentId) -> bool {
        let patience = |segment: SegmentId| self.nodes[segment.0].patience;
        patience(segment) == Some(Patience::Begun) && patience(self.first_open).is_none()
    }

    /// The segment has a folder now.
    pub(super) fn begin(&mut self, segment: SegmentId, patience: Patience) {
        self.node(segment).patience = Some(patience);
    }

    /// True if no item can be handed out before this segment gets one. Then it must get one, whatever was forced in
    /// before.
    fn is_next(&self, segment: SegmentId) -> bool {
        self.head == segment && self.nodes[segment.0].items.is_empty()
    }

    /// Takes a place for the next item of the segment.
    pub(super) fn ask(&mut self, segment: SegmentId) -> PlaceGrant {
        if self.is_refused(segment) {
            PlaceGrant::Refused
        } else if self.nodes[segment.0].patience == Some(Patience::Nothing) || self.has_place(segment) {
            self.taken += 1;
            PlaceGrant::Granted
        } else {
            PlaceGrant::Full
        }
    }

    /// The folder of the segment, which was told that there is no place, sleeps until it is notified.
    pub(super) fn sleep(&mut self, segment: SegmentId, parker: &Arc<Parker>) {
        self.sleepers.retain(|(other, _)| *other != segment);
        self.sleepers.push((segment, Arc::clone(parker)));
    }

    /// Puts an item at the place that its folder has taken. Gives the item back if it is not wanted.
    pub(super) fn put(&mut self, segment: SegmentId, item: Quiet<T>) -> Option<Quiet<T>> {
        if self.is_refused(segment) {
            self.taken -= 1;
            return Some(item);
        }
        self.node(segment).items.push_back(item);
        None
    }

    /// A folder does not need the place that it has taken.
    pub(super) fn give_back(&mut self) {
        self.taken -= 1;
    }

    /// The segment gets no more items. Returns the values that must be dropped outside of the lock.
    pub(super) fn end(&mut self, segment: SegmentId, end: SegmentEnd) -> Vec<VecDeque<Quiet<T>>> {
        self.sleepers.retain(|(other, _)| *other != segment);
        let mut dropped = Vec::new();
        match end {
            SegmentEnd::Done => self.node(segment).state = SegmentState::Ended,
            SegmentEnd::Panicked => {
                self.node(segment).state = SegmentState::Broken;
                self.has_broken = true;
                let mut at = self.node(segment).behind;
                while at != NONE {
                    let items = mem::take(&mut self.node(at).items);
                    self.taken -= items.len();
                    dropped.push(items);
                    at = self.node(at).behind;
                }
            }
        }
        if self.first_open == segment {
            let mut at = segment;
            while at != NONE && self.node(at).state != SegmentState::Open {
                at = self.node(at).behind;
            }
            self.first_open = at;
        }
        if end == SegmentEnd::Done && self.node(segment).items.is_empty() {
            self.unlink(segment);
        }
        dropped
    }

    fn unlink(&mut self, segment: SegmentId) {
        let SegmentNode { before, behind, .. } = *self.node(segment);
        if before == NONE {
            self.head = behind;
        } else {
            self.node(before).behind = behind;
        }
        if behind != NONE {
            self.node(behind).before = before;
        }
        // Its buffer goes with it: most segments are short, and a long one may use the place next.
        self.node(segment).items = VecDeque::new();
        self.free.push(segment);
    }

    /// The work has ended, with a result or with a panic.
    pub(super) fn finish(&mut self, outcome: Result<(), Payload>) {
        self.outcome = Some(outcome.map_err(Quiet::new));
    }

    /// The next step of the reader. If it gets an item, a place becomes free.
    pub(super) fn turn(&mut self) -> ReaderTurn<T> {
        self.reader = Reader::Awake;
        let head = self.head;
        if head != NONE {
            let node = self.node(head);
            if let Some(item) = node.items.pop_front() {
                if node.items.is_empty() && node.state == SegmentState::Ended {
                    self.unlink(head);
                }
                self.taken -= 1;
                return ReaderTurn::Item(item);
            }
            if node.state == SegmentState::Open {
                return ReaderTurn::Wait;
            }
        }
        match self.outcome.take() {
            None => ReaderTurn::Wait,
            Some(Ok(())) => ReaderTurn::Over,
            Some(Err(payload)) => ReaderTurn::Panic(payload),
        }
    }

    /// The reader goes to sleep, as it was told.
    pub(super) fn reader_sleeps(&mut self, parker: &Arc<Parker>) {
        self.reader = Reader::Asleep(Arc::clone(parker));
    }

    fn is_reader_due(&self) -> bool {
        let is_head = |state| self.nodes.get(self.head.0).is_some_and(|node| node.state == state);
        self.nodes.get(self.head.0).is_some_and(|node| !node.items.is_empty())
            || (self.outcome.is_some() && !is_head(SegmentState::Open))
    }

    /// The reader, if it sleeps and would find an item or the end.
    pub(super) fn wake_reader(&mut self) -> Wakes {
        if self.is_reader_due() {
            if let Reader::Asleep(parker) = &self.reader {
                let parker = Arc::clone(parker);
                self.reader = Reader::Awake;
                return Wakes(Vec::new(), Some(parker));
            }
        }
        Wakes::default()
    }

    /// A sleeping folder that has a place now: the one of the first open segment if it sleeps, else any.
    pub(super) fn wake_folder(&mut self) -> Wakes {
        let is_first = |(segment, _): &(SegmentId, _)| *segment == self.first_open;
        let can_go_on = |(segment, _): &(SegmentId, _)| self.has_place(*segment);
        let mut sleepers = self.sleepers.iter();
        let found = sleepers.position(is_first).or_else(|| self.sleepers.iter().position(can_go_on));
        let found = found.filter(|&place| self.has_place(self.sleepers[place].0));
        Wakes(found.map(|place| self.sleepers.remove(place).1).into_iter().collect(), None)
    }

    /// All sleeping folders: they must look again.
    pub(super) fn wake_folders(&mut self) -> Wakes {
        Wakes(self.sleepers.drain(..).map(|(_, parker)| parker).collect(), None)
    }

    /// The reader is gone. Returns the values that must be dropped outside of the lock.
    pub(super) fn close(&mut self) -> impl Sized + use<T> {
        self.reader = Reader::Gone;
        let items = self.nodes.iter_mut().map(|node| mem::take(&mut node.items)).collect::<Vec<_>>();
        self.taken -= items.iter().map(VecDeque::len).sum::<usize>();
        (items, self.outcome.take())
    }
}
