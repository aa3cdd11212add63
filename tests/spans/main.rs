//! Spans of the crate `tracing` follow the work, with nothing to be done but a subscriber set. The subscriber is the process's,
//! so these tests have a binary of their own.

#[path = "../support/gate.rs"]
mod gate;
#[expect(dead_code, reason = "not all of it is of use here")]
#[path = "../support/meeting.rs"]
mod meeting;
#[path = "../context/scenarios.rs"]
mod scenarios;
#[path = "../support/sharing.rs"]
mod sharing;

use meeting::join_with_theft;
use paceline::{ThreadPool, ThreadPoolBuilder};
use scenarios::{Setting, scenarios};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Once};
use tracing::{Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The name of the current span.
struct SpanName;

impl Setting for SpanName {
    fn prepare() {
        static PREPARED: Once = Once::new();
        PREPARED.call_once(|| tracing::subscriber::set_global_default(Registry::default()).unwrap());
    }

    fn within<R>(name: &'static str, f: impl FnOnce() -> R) -> R {
        let span = match name {
            "red" => info_span!("red"),
            "green" => info_span!("green"),
            "blue" => info_span!("blue"),
            other => unreachable!("no span is called {other}"),
        };
        span.in_scope(f)
    }

    fn current() -> Option<&'static str> {
        Span::current().metadata().map(|metadata| metadata.name())
    }
}

scenarios!(SpanName);

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// Counts the spans that were opened and closed.
#[derive(Clone, Default)]
struct SpanCount {
    opened: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
}

impl<S: tracing::Subscriber> Layer<S> for SpanCount {
    fn on_new_span(&self, _: &tracing::span::Attributes<'_>, _: &tracing::span::Id, _: Context<'_, S>) {
        self.opened.fetch_add(1, SeqCst);
    }

    fn on_close(&self, _: tracing::span::Id, _: Context<'_, S>) {
        self.closed.fetch_add(1, SeqCst);
    }
}

impl SpanCount {
    fn counts(&self) -> (usize, usize) {
        (self.opened.load(SeqCst), self.closed.load(SeqCst))
    }
}

/// A subscriber of one thread is current wherever its work runs, and no thread keeps it.
#[test]
fn the_subscriber_follows_too() {
    SpanName::prepare();
    let pool = pool(2);
    let count = SpanCount::default();
    tracing::subscriber::with_default(Registry::default().with(count.clone()), || {
        let (first, second) = join_with_theft(&pool, |_| drop(info_span!("here")), |_| drop(info_span!("there")));
        assert_eq!((first, second), ((), ()));
        pool.spawn_task(|| drop(info_span!("task"))).join().unwrap();
    });
    assert_eq!(count.counts(), (3, 3));
    pool.broadcast(|_| drop(info_span!("elsewhere")));
    assert_eq!(count.counts(), (3, 3));
}

/// What waits for the work finds its spans closed: no thread keeps one in its hands afterwards.
#[test]
fn a_span_is_closed_when_its_work_is_over() {
    SpanName::prepare();
    let pool = pool(2);
    let count = SpanCount::default();
    tracing::subscriber::with_default(Registry::default().with(count.clone()), || {
        for round in 1..=200 {
            pool.scope(|s| {
                info_span!("spawned").in_scope(|| s.spawn(|_| ()));
                info_span!("spawned").in_scope(|| s.spawn(|_| ()));
            });
            info_span!("joined").in_scope(|| join_with_theft(&pool, |_| (), |_| ()));
            info_span!("called").in_scope(|| pool.install(|| ()));
            info_span!("everywhere").in_scope(|| pool.broadcast(|_| ()));
            let task = info_span!("task").in_scope(|| pool.spawn_task(|| ()));
            task.join().unwrap();
            assert_eq!(count.counts(), (6 * round, 6 * round));
        }
    });
}

/// A thread leaves the spans of the frames beneath a job, and is in them again afterwards, each as often as before.
#[test]
fn a_span_that_was_entered_twice_is_left_and_entered_again() {
    SpanName::prepare();
    pool(1).install(|| {
        let (outer, inner) = (info_span!("red"), info_span!("blue"));
        let task = outer.in_scope(|| paceline::spawn_task(SpanName::current));
        let none = paceline::spawn_task(SpanName::current);
        let _outer = outer.enter();
        let innermost = inner.enter();
        let again = outer.enter();
        assert_eq!(task.join().unwrap(), Some("red"));
        assert_eq!(none.join().unwrap(), None);
        drop(again);
        assert_eq!(SpanName::current(), Some("blue"));
        drop(innermost);
        assert_eq!(SpanName::current(), Some("red"));
    });
}
