//! The current span of the crate `tracing`, and the subscriber that it is recorded by, as a carried context.

use super::captured::Captured;
use std::any::Any;
use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::span::EnteredSpan;
use tracing::{Span, span};

/// How many spans a thread leaves at most for a job that runs on top of its wait. There is a bound only because a subscriber may
/// not notice that a span was left.
const MOST_SPANS: usize = 4096;

/// True once the process has had a subscriber.
#[inline(always)]
pub(super) fn are_recorded() -> bool {
    dispatcher::has_been_set()
}

/// The span and the subscriber that are current on the calling thread.
pub(super) fn capture() -> Option<Box<dyn Captured>> {
    are_recorded().then(|| {
        let dispatch = dispatcher::get_default(Dispatch::clone);
        Box::new(SpanContext { dispatch, span: Span::current() }) as Box<dyn Captured>
    })
}

struct SpanContext {
    dispatch: Dispatch,
    /// A disabled one if there was none.
    span: Span,
}

/// The fields are dropped in this order.
struct SpanGuard {
    _entered: Option<EnteredSpan>,
    _left: LeftSpans,
    _subscriber: DefaultGuard,
}

impl Captured for SpanContext {
    fn enter(&self) -> Box<dyn Any> {
        let subscriber = dispatcher::set_default(&self.dispatch);
        let (left, entered) = if current_id(&self.dispatch) == self.span.id() {
            (LeftSpans(Vec::new()), None)
        } else {
            (LeftSpans::leave(), Some(self.span.clone().entered()))
        };
        Box::new(SpanGuard { _entered: entered, _left: left, _subscriber: subscriber })
    }
}

fn current_id(dispatch: &Dispatch) -> Option<span::Id> {
    dispatch.current_span().id().cloned()
}

/// The spans of the frames that a job runs on top of, the innermost first. The thread is in none of them while this lives. If
/// it were, and were in the job's span further out, that one would not be current when it is entered again.
struct LeftSpans(Vec<Span>);

impl LeftSpans {
    /// Leaves all spans that the thread is in.
    fn leave() -> Self {
        let mut left = Vec::new();
        while left.len() < MOST_SPANS {
            let span = Span::current();
            if span.with_subscriber(|(id, dispatch)| dispatch.exit(id)).is_none() {
                break;
            }
            left.push(span);
        }
        LeftSpans(left)
    }
}

impl Drop for LeftSpans {
    fn drop(&mut self) {
        for span in self.0.drain(..).rev() {
            span.with_subscriber(|(id, dispatch)| dispatch.enter(id));
        }
    }
}
