//! Handlers of an async runtime that have their CPU work done by the pool: awaited, bounded, cancelled with the client.
//!
//! ```text
//! cargo run --release --example async_handlers -- [REQUESTS]
//! ```
//!
//! A runtime of tokio's with a single thread serves REQUESTS requests (500 unless said). Each asks for a password's hash,
//! made slow on purpose, and every tenth client hangs up. The exit code is 1 if a hash is not the one that a plain call
//! gives, or if the runtime's thread could do nothing else while the hashes were made.
//!
//! `examples/service` is a whole service: over HTTP, with time limits, errors and an end in order.

use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::sync::oneshot::{Sender, channel};
use tokio::task::yield_now;

const DEFAULT_REQUESTS: u64 = 500;
const MAX_REQUESTS: u64 = 1_000_000;

/// How often a hash is hashed again.
const ROUNDS: u32 = 50_000;

/// What all handlers share.
struct Server {
    /// Bounds how many hashes are in the pool's hands at once. A request that waits for a permit waits in the runtime,
    /// where it costs next to nothing and can still be called off.
    permits: Arc<Semaphore>,
    /// How many hashes were made.
    made: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

fn main() -> ExitCode {
    let requests = match env::args().nth(1).map(|argument| argument.parse()) {
        None => DEFAULT_REQUESTS,
        Some(Ok(requests)) if requests <= MAX_REQUESTS => requests,
        Some(_) => {
            eprintln!("async_handlers: REQUESTS must be a whole number up to {MAX_REQUESTS}");
            return ExitCode::from(2);
        }
    };
    let runtime = Builder::new_current_thread().build().expect("a runtime without timers and sockets can be built");
    runtime.block_on(serve_all(requests))
}

async fn serve_all(requests: u64) -> ExitCode {
    let permits = 2 * paceline::current_num_threads();
    println!("{requests} requests, at most {permits} of them in the pool at once.");
    let server = Arc::new(Server {
        permits: Arc::new(Semaphore::new(permits)),
        made: AtomicUsize::new(0),
        in_flight: AtomicUsize::new(0),
        most_in_flight: AtomicUsize::new(0),
    });
    let (over, beats) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let heart = tokio::spawn(beat(Arc::clone(&over), Arc::clone(&beats)));

    let clients: Vec<_> = (0..requests).map(|i| tokio::spawn(ask(Arc::clone(&server), i))).collect();
    let mut answers = Vec::new();
    for client in clients {
        answers.push(client.await.expect("a client does not panic"));
    }
    over.store(true, Ordering::Relaxed);
    heart.await.expect("the heart does not panic");
    let answered = answers.iter().flatten().count();
    let hung_up = answers.len() - answered;
    let wrong = (0..requests).zip(answers).filter(|&(i, hash)| hash.is_some_and(|hash| hash != slow_hash(i))).count();

    let (made, most) = (server.made.load(Ordering::Relaxed), server.most_in_flight.load(Ordering::Relaxed));
    let beats = beats.load(Ordering::Relaxed);
    println!("  answered   {answered:>9}");
    println!("  hung up    {hung_up:>9}");
    println!("  hashes     {made:>9} made by the pool, {most} of them in its hands at once at most");
    println!("  heartbeats {beats:>9} of the runtime's only thread meanwhile");
    if wrong > 0 || most > permits || (requests > 0 && beats == 0) {
        eprintln!("async_handlers: {wrong} wrong hashes, {most} in flight, {beats} heartbeats");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// One request. If this future is dropped, the pool does not begin its hash any more. `accepted` is told when the pool has
/// the request.
async fn handle(server: Arc<Server>, password: u64, accepted: Sender<()>) -> u64 {
    let permit = Arc::clone(&server.permits).acquire_owned().await.expect("the semaphore is never closed");
    let in_flight = InFlight::new(server);
    // The permit goes with the work, and not with the client: a hash that has begun runs to its end, and the pool is as busy
    // with it when its client has gone. If it is cancelled before it begins, its closure is dropped at once.
    let hashing = paceline::spawn_task(move || {
        let hash = in_flight.hash(password);
        drop(in_flight);
        drop(permit);
        hash
    });
    let hashing = hashing.cancel_on_drop();
    // A client that does not care has dropped the other end.
    let _ = accepted.send(());
    hashing.await.expect("hashing does not panic")
}

/// A client. Every tenth hangs up when its request has been accepted, and gets nothing.
async fn ask(server: Arc<Server>, i: u64) -> Option<u64> {
    let (tell, accepted) = channel();
    let handler = tokio::spawn(handle(server, i, tell));
    if i % 10 == 9 {
        let _ = accepted.await;
        handler.abort();
    }
    handler.await.ok()
}

/// Shows that the runtime's thread is free: it beats whenever nothing else is to be done.
async fn beat(over: Arc<AtomicBool>, beats: Arc<AtomicU64>) {
    while !over.load(Ordering::Relaxed) {
        beats.fetch_add(1, Ordering::Relaxed);
        yield_now().await;
    }
}

/// Counts a request in, and out when it is dropped.
struct InFlight(Arc<Server>);

impl InFlight {
    fn new(server: Arc<Server>) -> Self {
        let now = server.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        server.most_in_flight.fetch_max(now, Ordering::Relaxed);
        InFlight(server)
    }

    fn hash(&self, password: u64) -> u64 {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        slow_hash(password)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Stands in for a password hash (it is not one): the multiply and shift of splitmix64, over and over.
fn slow_hash(password: u64) -> u64 {
    let mut hash = password;
    for _ in 0..ROUNDS {
        hash = hash.wrapping_add(0x9E37_79B9_7F4A_7C15);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        hash ^= hash >> 31;
    }
    hash
}
