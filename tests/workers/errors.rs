//! Errors as values: what they say, and that programs can pass them on.

use std::error::Error;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use paceline::workers::{Order, Request, WorkerError, WorkerPool};

use crate::with_watchdog;

type Anything = Box<dyn Error + Send + Sync>;

fn panicking_pool() -> WorkerPool<&'static str> {
    let work = |_: &mut (), item: &str| assert_ne!(item, "bad");
    WorkerPool::builder().threads(1).capacity(4).name("inspector").build(work).unwrap()
}

/// A program that hands everything on.
fn program(item: &'static str, closed: bool) -> Result<(), Anything> {
    let pool = panicking_pool();
    if closed {
        pool.close();
    }
    pool.submit(item)?;
    pool.try_submit("good")?;
    pool.submit_timeout("good", Duration::from_secs(3600))?;
    paceline::block_on(pool.submit_async("good"))?;
    pool.shutdown()?;
    let (pool, results) = WorkerPool::builder().build_with_results(Order::Submission, |_, item: u32| item)?;
    pool.submit(7)?;
    drop(pool);
    for result in results {
        result?;
    }
    let pool = WorkerPool::builder().build_with_handles(|_, item: u32| item)?;
    pool.submit_with_handle(7)?.join()?;
    let (request, handle) = Request::new(8);
    pool.try_submit(request)?;
    handle.join()?;
    Ok(())
}

#[test]
fn every_error_can_be_passed_on() {
    with_watchdog(|| {
        assert!(program("good", false).is_ok());
        assert_eq!(program("good", true).unwrap_err().to_string(), "the worker pool is closed");
        let error = program("bad", false).unwrap_err();
        assert!(error.to_string().starts_with("item 0 panicked on thread `inspector-0`: "), "{error}");
        let error = error.downcast::<WorkerError>().unwrap();
        let kinds = (error.is_panic(), error.is_cancelled(), error.source().is_none());
        assert_eq!(kinds, (true, false, true));
        assert_eq!((error.worker(), error.thread_name()), (Some(0), Some("inspector-0")));
        assert!(error.message().unwrap().contains("left != right"));
        assert!(format!("{error:?}").starts_with("WorkerError(item 0 panicked on thread `inspector-0`: "));
        let payload = catch_unwind(|| error.resume()).unwrap_err();
        assert!(payload.downcast_ref::<String>().unwrap().contains("left != right"));
    });
}

#[test]
fn an_error_that_is_no_panic_has_no_payload() {
    with_watchdog(|| {
        let cancelled = || {
            let (request, handle) = Request::<u32, u32>::new(7);
            drop(request);
            handle.join().unwrap_err()
        };
        let error = cancelled();
        let says = "the item was dropped or taken back before a worker began it";
        assert_eq!(error.to_string(), says);
        assert_eq!((error.is_panic(), error.is_cancelled(), error.message()), (false, true, None));
        assert_eq!((error.worker(), error.thread_name(), error.sequence()), (None, None, None));
        let payload = catch_unwind(|| cancelled().resume()).unwrap_err();
        assert_eq!(payload.downcast_ref::<String>().unwrap(), says);
        let payload = catch_unwind(|| cancelled().into_panic()).unwrap_err();
        assert!(payload.downcast_ref::<String>().unwrap().contains(says));
    });
}

/// An error of the user's own.
#[derive(Debug, PartialEq)]
struct NoServer(u16);

impl std::fmt::Display for NoServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no server at port {}", self.0)
    }
}

impl Error for NoServer {}

fn failing<E: Into<Anything> + 'static>(error: impl Fn() -> E + Send + Sync + 'static) -> io::Error {
    let builder = WorkerPool::builder().threads(3).name("client");
    let builder = builder.try_init(move |index| if index == 1 { Err(error()) } else { Ok(index) });
    builder.build(|_, _: u32| {}).unwrap_err()
}

#[test]
fn a_first_state_that_cannot_be_made_is_the_error_of_build() {
    with_watchdog(|| {
        let error = failing(|| NoServer(80));
        assert_eq!(error.kind(), io::ErrorKind::Other);
        assert_eq!(error.to_string(), "init failed on thread `client-1`: no server at port 80");
        assert_eq!(error.source().unwrap().downcast_ref(), Some(&NoServer(80)));
        let inner = error.into_inner().unwrap().downcast::<WorkerError>().unwrap();
        assert_eq!((inner.worker(), inner.is_panic(), inner.is_cancelled()), (Some(1), false, false));

        let error = failing(|| io::Error::from(io::ErrorKind::ConnectionRefused));
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert_eq!(failing(|| "plain text").to_string(), "init failed on thread `client-1`: plain text");
    });
}

#[test]
fn an_error_of_one_init_does_not_hide_that_another_panicked_nor_the_reverse() {
    with_watchdog(|| {
        let builder = WorkerPool::builder().threads(2).try_init(|index| match index {
            0 => panic!("first"),
            _ => Err::<(), _>("second"),
        });
        match catch_unwind(AssertUnwindSafe(|| builder.build(|_, _: u32| {}))) {
            Ok(built) => assert_eq!(built.unwrap_err().source().unwrap().to_string(), "second"),
            Err(payload) => assert_eq!(payload.downcast_ref(), Some(&"first")),
        }
    });
}
