//! Layer 5: the same for async streams: a task of any runtime polls them, and the pool works on their items.

#[cfg(all(test, loom))]
mod loom;

use crate::fork::spawn;
use crate::job::context::CarriedContext;
use crate::stream::executor::PoolExecutor;
use crate::stream::map::check;
use crate::stream::reorder_buffer::{AsDone, InOrder, ItemOutcome, ItemTicket, ReorderBuffer, hand_out, outcome_of};
use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::{self, Payload};
use futures_core::Stream;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Maps the items of an async stream in a pool, within a window, and gives the results as a stream.
///
/// The input is polled only when the output is, by the same task, up to a window of items ahead. Each item is handed to
/// the pool in which the method was called, outside a pool to the global one, and worked on there even between polls of
/// the output. The task is woken when the next result in order is done. Polling never blocks, and never runs the
/// closure unless the pool has ended.
///
/// A panic in the closure goes on in the poll that would return that item; the next poll gives the item behind it. A
/// panic in the input goes on in the poll after the items that came before it, and ends the stream. Dropping the stream
/// drops the input, and items that have not begun never will. If a destructor panics then, in the stream or on its
/// threads, only the panic's message is seen.
///
/// ```
/// use futures_util::{StreamExt, stream};
/// use paceline::stream::ParallelMapStream;
///
/// async fn fetch(page: u32) -> String {
///     format!("the text of page {page}") // From somewhere far away.
/// }
///
/// // At most 4 pages are fetched at once, and at most 8 are in the hands of the pool.
/// let pages = stream::iter(1..=3).map(fetch).buffered(4);
/// let lengths = pages.par_map_ordered(8, |text| text.len());
/// assert_eq!(paceline::block_on(lengths.collect::<Vec<_>>()), [18, 18, 18]);
/// ```
pub trait ParallelMapStream: Stream + Sized {
    /// Maps the items by `f`; the results come in the order of the items.
    ///
    /// # Panics
    ///
    /// If `window` is 0.
    #[track_caller]
    fn par_map_ordered<F, R>(self, window: usize, f: F) -> ParMapOrderedStream<Self, R>
    where
        Self::Item: Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        ParMapOrderedStream(Mapped::new(self, window, f))
    }

    /// Maps the items by `f`; the results come in the order in which they are done.
    ///
    /// # Panics
    ///
    /// If `window` is 0.
    #[track_caller]
    fn par_map_unordered<F, R>(self, window: usize, f: F) -> ParMapUnorderedStream<Self, R>
    where
        Self::Item: Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        ParMapUnorderedStream(Mapped::new(self, window, f))
    }
}

impl<S: Stream> ParallelMapStream for S {}

/// The state that the stream and its jobs share.
struct SharedStream<T, R, H> {
    endpoint: Mutex<Endpoint<H>>,
    func: Quiet<Box<dyn Fn(T) -> R + Send + Sync>>,
}

struct Endpoint<H> {
    reorder_buffer: H,
    /// The waker of the last poll that found nothing.
    waker: Option<Quiet<Waker>>,
    is_gone: bool,
}

impl<T, R, H: ReorderBuffer<R>> SharedStream<T, R, H> {
    fn new(func: impl Fn(T) -> R + Send + Sync + 'static) -> Arc<Self> {
        let endpoint = Mutex::new(Endpoint { reorder_buffer: H::new(), waker: None, is_gone: false });
        Arc::new(SharedStream { endpoint, func: Quiet::new(Box::new(func)) })
    }

    /// Makes a place for the item that was pulled last.
    fn reserve(&self) -> ItemTicket {
        self.endpoint.lock().reorder_buffer.reserve()
    }

    /// The next outcome. If it is not there and `is_awaited`, `waker` is woken when it is, and no other waker.
    fn poll(&self, is_awaited: bool, waker: &Waker) -> Option<ItemOutcome<R>> {
        // The waker is cloned and dropped outside of the lock, like all values of other crates. It is cloned before
        // anything is changed, because the clone may panic.
        let mut waker = Some(Quiet::new(waker.clone()));
        let mut endpoint = self.endpoint.lock();
        let outcome: Option<ItemOutcome<R>> = endpoint.reorder_buffer.take();
        if outcome.is_none() && is_awaited {
            mem::swap(&mut endpoint.waker, &mut waker);
        }
        drop(endpoint);
        drop(waker);
        outcome
    }

    /// The stream is gone.
    fn close(&self) {
        // In a forked child the endpoint may be lost.
        let Some(mut endpoint) = self.endpoint.lock_unless_abandoned() else { return };
        endpoint.is_gone = true;
        let left = (mem::replace(&mut endpoint.reorder_buffer, H::new()), endpoint.waker.take());
        drop(endpoint);
        drop(left);
    }

    /// The whole of a job.
    fn map(&self, ticket: ItemTicket, item: Quiet<T>) {
        if self.endpoint.lock().is_gone {
            return;
        }
        let outcome = outcome_of(|| (*self.func)(item.into_inner()));
        let mut endpoint = self.endpoint.lock();
        if endpoint.is_gone {
            drop(endpoint);
            return drop(outcome);
        }
        endpoint.reorder_buffer.put(ticket, outcome);
        let waker = if endpoint.reorder_buffer.ready() > 0 { endpoint.waker.take() } else { None };
        drop(endpoint);
        if let Some(waker) = waker {
            // A waker is code of the runtime, or of the user.
            unwind::dispose(unwind::halt(|| waker.into_inner().wake()));
        }
    }
}

/// The source of the items.
enum PolledInput<S> {
    Here(Quiet<Pin<Box<S>>>),
    /// The input panicked, and is gone. The panic goes on when all items that were pulled before have been handed out.
    Broken(Quiet<Payload>),
    Over,
}

/// A stream of items that a pool maps.
struct Mapped<S: Stream, R, H: ReorderBuffer<R>> {
    input: PolledInput<S>,
    window: usize,
    /// How many items were pulled and not handed out.
    taken: usize,
    pool: PoolExecutor,
    /// That of the thread that made the stream.
    context: Option<CarriedContext>,
    shared: Arc<SharedStream<S::Item, R, H>>,
}

impl<S, R, H> Mapped<S, R, H>
where
    S: Stream<Item: Send + 'static>,
    R: Send + 'static,
    H: ReorderBuffer<R> + Send + 'static,
{
    #[track_caller]
    fn new(input: S, window: usize, func: impl Fn(S::Item) -> R + Send + Sync + 'static) -> Self {
        check(window);
        let shared = SharedStream::new(func);
        let input = PolledInput::Here(Quiet::new(Box::pin(input)));
        Mapped { input, window, taken: 0, pool: PoolExecutor::current(), context: CarriedContext::capture(), shared }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<R>> {
        self.pool.registry().check_process();
        self.pull(context);
        if let Some(outcome) = self.shared.poll(self.taken > 0, context.waker()) {
            self.taken -= 1;
            return Poll::Ready(Some(hand_out(outcome)));
        }
        match mem::replace(&mut self.input, PolledInput::Over) {
            PolledInput::Broken(payload) if self.taken == 0 => unwind::resume(payload.into_inner()),
            PolledInput::Over if self.taken == 0 => Poll::Ready(None),
            input => {
                self.input = input;
                Poll::Pending
            }
        }
    }

    /// Polls the input while it has items and there is room, and hands them to the pool.
    fn pull(&mut self, context: &mut Context<'_>) {
        while self.taken < self.window {
            let PolledInput::Here(input) = &mut self.input else { return };
            match unwind::halt(|| input.as_mut().poll_next(context)) {
                Ok(Poll::Pending) => return,
                Ok(Poll::Ready(None)) => self.input = PolledInput::Over,
                Err(payload) => self.input = PolledInput::Broken(Quiet::new(payload)),
                Ok(Poll::Ready(Some(item))) => {
                    self.taken += 1;
                    let (ticket, item) = (self.shared.reserve(), Quiet::new(item));
                    let shared = Arc::clone(&self.shared);
                    let _entered = self.context.as_ref().map(CarriedContext::enter);
                    spawn::spawn_or_run_in(self.pool.registry(), move || shared.map(ticket, item));
                }
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = match &self.input {
            PolledInput::Here(input) => input.size_hint(),
            PolledInput::Broken(_) | PolledInput::Over => (0, Some(0)),
        };
        (least.saturating_add(self.taken), most.and_then(|most| most.checked_add(self.taken)))
    }
}

impl<S: Stream, R, H: ReorderBuffer<R>> Drop for Mapped<S, R, H> {
    fn drop(&mut self) {
        self.shared.close();
    }
}

macro_rules! stream {
    ($(#[$doc:meta])* $name:ident, $reorder_buffer:ident) => {
        $(#[$doc])*
        #[must_use = "streams do nothing unless polled"]
        pub struct $name<S: Stream, R>(Mapped<S, R, $reorder_buffer<R>>);

        impl<S, R> Stream for $name<S, R>
        where
            S: Stream<Item: Send + 'static>,
            R: Send + 'static,
        {
            type Item = R;

            fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<R>> {
                self.0.poll_next(context)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.0.size_hint()
            }
        }

        impl<S: Stream, R> Unpin for $name<S, R> {}

        impl<S: Stream, R> fmt::Debug for $name<S, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("window", &self.0.window)
                    .field("taken", &self.0.taken)
                    .finish_non_exhaustive()
            }
        }
    };
}

stream! {
    /// A stream of results in the order of the items: what [`par_map_ordered`](ParallelMapStream::par_map_ordered)
    /// makes.
    ParMapOrderedStream, InOrder
}

stream! {
    /// A stream of results as they are done: what [`par_map_unordered`](ParallelMapStream::par_map_unordered) makes.
    ParMapUnorderedStream, AsDone
}
