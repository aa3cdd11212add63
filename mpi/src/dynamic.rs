//! `Dynamic`: the numbers of a range, drawn by the ranks as they have time.
//!
//! The thread that called `init` draws, because it alone may call MPI; the pool works. So that no thread waits at the end of a
//! draw for the last number of it, the pool has two draws at a time: when one is done, the thread draws the next.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use paceline::iter::plumbing::{Folder, Reducer, UnindexedConsumer};
use paceline::iter::{IntoParallelIterator, ParallelIterator};
use paceline::{blocking, in_place_scope};

use crate::World;
use crate::agreement::{Call, Operation};
use crate::block::Block;
use crate::counter::Counter;

/// The draws that the pool has at a time.
const OPEN_DRAWS: usize = 2;

/// The time after which the rank that has the counter lets MPI serve the draws of ranks on other nodes. It is short beside the
/// work of a draw that is worth a message, and a call takes less than a thousandth of it.
const SERVE: Duration = Duration::from_millis(1);

/// The numbers of a range, each given to the rank that first has time for it: a parallel iterator, made by
/// [`World::dynamic`](crate::World::dynamic).
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Dynamic<'w> {
    world: &'w World,
    range: Range<usize>,
    grain: usize,
}

impl<'w> Dynamic<'w> {
    pub(crate) fn new(world: &'w World, range: Range<usize>, grain: usize) -> Self {
        Self { world, range, grain }
    }

    /// The next numbers, as places in the range; `None` if all are drawn.
    fn draw(&self, counter: &Counter<'_>) -> Option<Range<usize>> {
        let len = self.range.len();
        let start = usize::try_from(counter.draw(self.grain as u64)).ok().filter(|start| *start < len)?;
        Some(start..len.min(start.saturating_add(self.grain)))
    }
}

impl ParallelIterator for Dynamic<'_> {
    type Item = usize;

    fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
        let mpi = self.world.call(Call::new(Operation::Dynamic).len(self.range.len()).grain(self.grain));
        let counter = Counter::new(&mpi.link);
        let mut results = InOrder { next: 0, early: BTreeMap::new(), so_far: None };
        let (done, finished) = channel();
        in_place_scope(|scope| {
            let (mut number, mut open) = (0, 0);
            let mut is_over = false;
            loop {
                while !is_over && open < OPEN_DRAWS {
                    let drawn = if consumer.full() { None } else { self.draw(&counter) };
                    let Some(drawn) = drawn else {
                        is_over = true;
                        break;
                    };
                    let part = consumer.split_off_left();
                    let items = Block::of_all(self.range.clone().into_par_iter(), drawn);
                    let report = Report { number, result: None, to: done.clone() };
                    scope.spawn(move |_| report.give(|| items.drive_unindexed(part)));
                    (number, open) = (number + 1, open + 1);
                }
                if open == 0 {
                    return;
                }
                let (number, result) = if mpi.has_other_nodes && counter.is_here() {
                    serve_until(&finished, &counter)
                } else {
                    blocking(|| finished.recv()).expect("this thread has a sender too")
                };
                open -= 1;
                match result {
                    Some(result) => results.insert(number, result, || consumer.to_reducer()),
                    // The job has panicked; the end of the scope hands its panic on.
                    None => is_over = true,
                }
            }
        });
        let reducer = consumer.to_reducer();
        let nothing = consumer.into_folder().complete();
        match results.so_far {
            None => nothing,
            Some(so_far) => reducer.reduce(so_far, nothing),
        }
    }
}

/// Waits for a result, and meanwhile lets MPI serve the draws of other ranks.
fn serve_until<R: Send>(finished: &Receiver<R>, counter: &Counter<'_>) -> R {
    loop {
        match blocking(|| finished.recv_timeout(SERVE)) {
            Ok(result) => return result,
            Err(RecvTimeoutError::Timeout) => counter.serve(),
            Err(RecvTimeoutError::Disconnected) => unreachable!("the waiting thread has a sender too"),
        }
    }
}

/// Tells the thread that draws the result of a draw, or, if the job panics, that there is none.
struct Report<R> {
    number: usize,
    result: Option<R>,
    to: Sender<(usize, Option<R>)>,
}

impl<R> Report<R> {
    fn give(mut self, work: impl FnOnce() -> R) {
        self.result = Some(work());
    }
}

impl<R> Drop for Report<R> {
    fn drop(&mut self) {
        // It fails if the thread that draws panics, and wants no results.
        let _ = self.to.send((self.number, self.result.take()));
    }
}

/// Combines the results of draws in the order of the draws.
struct InOrder<R> {
    /// The draw to be combined next.
    next: usize,
    /// Results of later draws.
    early: BTreeMap<usize, R>,
    so_far: Option<R>,
}

impl<R> InOrder<R> {
    fn insert<D: Reducer<R>>(&mut self, number: usize, result: R, reducer: impl Fn() -> D) {
        self.early.insert(number, result);
        while let Some(result) = self.early.remove(&self.next) {
            self.next += 1;
            self.so_far = Some(match self.so_far.take() {
                None => result,
                Some(so_far) => reducer().reduce(so_far, result),
            });
        }
    }
}
