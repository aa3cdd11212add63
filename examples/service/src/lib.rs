//! A service over HTTP, by axum, that has its work done by a pool of paceline's: it counts primes.
//!
//! ```text
//! GET /primes/{below}     how many primes there are below a number
//! GET /load               how many more requests the pool would take at once
//! ```
//!
//! An async runtime is for waiting. A handler that computes for a millisecond holds up all others on its thread, so the
//! handler here has a pool compute, and awaits the answer. One thread of the runtime is then enough for all connections.
//! [`primes`] is the handler, and shows what such a handler has to see to:
//!
//! - The pool's work is bounded. A request that waits for its turn costs next to nothing in the runtime.
//! - A client that hangs up costs nothing more: its work never begins, or stops soon if it has begun.
//! - Each request has a time limit, wherever it is when the time is over.
//! - A panic of the work is the answer to one request, and no more.

use std::future::{Future, IntoFuture};
use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{CancelToken, TaskError, ThreadPool};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

/// The largest number that a client may ask for.
pub const MAX_BELOW: u64 = 1_000_000_000;

/// The work for one request: the pool calls it with a token that says when no one wants the answer any more. It gives `None` if
/// it stopped for that.
pub type Work = Box<dyn FnOnce(&CancelToken) -> Option<u64> + Send>;

/// What all handlers share.
pub struct Service {
    /// A pool of the service's own: its size is not that of the global one, and other parts of the program are not held up.
    pool: ThreadPool,
    /// Bound how much work the pool has in hand.
    permits: Arc<Semaphore>,
    /// The time limit for each request, in which it waits for its turn too.
    limit: Duration,
    /// Makes the work for the number in a request. `main` gives [`work`]; the tests give work that waits for a sign.
    work: Box<dyn Fn(u64) -> Work + Send + Sync>,
}

impl Service {
    /// A service that has `pool` work for at most `permits` requests at once. That wants to be a little more than the pool has
    /// threads, so that each finds the next work ready.
    pub fn new<W>(pool: ThreadPool, permits: usize, limit: Duration, work: W) -> Self
    where
        W: Fn(u64) -> Work + Send + Sync + 'static,
    {
        Service { pool, permits: Arc::new(Semaphore::new(permits)), limit, work: Box::new(work) }
    }

    /// The permits, which bound how much work the pool has in hand.
    pub fn permits(&self) -> &Arc<Semaphore> {
        &self.permits
    }

    /// Ends the pool, and waits for that for at most about `grace`. True if the pool has ended.
    ///
    /// # Panics
    ///
    /// If there are handlers left: the runtime must have ended.
    pub fn end(self: Arc<Self>, grace: Duration) -> bool {
        // `shutdown_timeout` takes the pool itself, so that none can use it afterwards. The handlers had copies of this `Arc`.
        let service = Arc::into_inner(self).expect("the end of the runtime drops the handlers");
        service.pool.shutdown_timeout(grace)
    }
}

/// The routes of a service.
pub fn routes(service: &Arc<Service>) -> Router {
    Router::new().route("/primes/{below}", get(primes)).route("/load", get(load)).with_state(Arc::clone(service))
}

/// Serves until `end` is ready. Then it accepts no more requests, and returns when the others are answered, or when `grace`
/// has passed: requests that are left then are given up.
///
/// # Errors
///
/// If the system gives no runtime.
pub fn serve<E>(listener: TcpListener, routes: Router, end: E, grace: Duration) -> io::Result<()>
where
    E: Future<Output = ()> + Send + 'static,
{
    listener.set_nonblocking(true)?;
    // One thread is enough: the work is elsewhere. When this runtime is dropped, so are the handlers that are left, which is
    // as if their clients had hung up.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        // Two futures wait for the end: a token can be awaited by any number of them.
        let ending = CancelToken::new();
        let told = ending.clone();
        tokio::spawn(async move {
            end.await;
            told.cancel();
        });
        let serving = axum::serve(listener, routes).with_graceful_shutdown(ending.cancelled());
        let too_late = async {
            ending.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            result = serving.into_future() => result,
            () = too_late => Ok(()),
        }
    })
}

/// The handler. If its client hangs up, axum drops this future at the `await` that it has come to.
pub async fn primes(
    State(service): State<Arc<Service>>,
    Path(below): Path<u64>,
) -> Result<String, (StatusCode, String)> {
    if below > MAX_BELOW {
        return Err((StatusCode::BAD_REQUEST, format!("numbers up to {MAX_BELOW} only\n")));
    }
    // Cancelled when the time is over. Work that has begun is never interrupted: it asks the token. The guard cancels the token
    // also when this future is dropped, so that such work stops for a client that has hung up.
    let wanted = CancelToken::new().with_timeout(service.limit);
    let _guard = wanted.clone().drop_guard();

    // Until there is a permit, the request waits here, and not in the pool. Requests get one in the order in which they came.
    let permit = tokio::select! {
        permit = Arc::clone(&service.permits).acquire_owned() => permit.expect("the semaphore is never closed"),
        () = wanted.cancelled() => return Err(busy()),
    };

    // The permit goes with the work. Were it kept in this future, a client that hangs up would give it back while a thread
    // still works for it, and the bound would hold for clients instead of for work.
    let (work, token) = ((service.work)(below), wanted.clone());
    let task = service.pool.spawn_task(move || {
        let count = work(&token);
        drop(permit);
        count
    });
    // A task that has not begun is dropped, with its permit, when the time is over, and when this future is dropped. (Dropping
    // a plain handle would let it go on.)
    let task = task.with_cancel(&wanted).cancel_on_drop();

    match task.await {
        Ok(Some(count)) => Ok(format!("{count}\n")),
        Ok(None) => Err((StatusCode::GATEWAY_TIMEOUT, "that took too long\n".to_owned())),
        Err(error) => Err(refusal(&error)),
    }
}

/// The answer to a request whose task has no result.
fn refusal(error: &TaskError) -> (StatusCode, String) {
    if error.is_cancelled() {
        // It was the time limit, before the task began.
        return busy();
    }
    // The pool lives on, and so do all other requests. A service that is open to all would rather log the message.
    (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n"))
}

fn busy() -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, "too busy: ask again later\n".to_owned())
}

async fn load(State(service): State<Arc<Service>>) -> String {
    format!("{} permits are free\n", service.permits.available_permits())
}

/// The work of this service.
pub fn work(below: u64) -> Work {
    Box::new(move |wanted| count_primes(below, wanted))
}

/// How many primes there are below a number, counted by the threads of the pool that this is called in. `None` if `wanted` was cancelled before it was done.
fn count_primes(below: u64, wanted: &CancelToken) -> Option<u64> {
    // The loop looks at the token between items. A plain loop would ask `wanted.is_cancelled()` now and then.
    let count = (2..below).into_par_iter().with_cancel(wanted).filter(|&n| is_prime(n)).count();
    // What a cancelled loop has counted is not all.
    if wanted.is_cancelled() { None } else { Some(count as u64) }
}

fn is_prime(n: u64) -> bool {
    (2..).take_while(|divisor| divisor * divisor <= n).all(|divisor| n % divisor != 0)
}
