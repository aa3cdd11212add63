//! Clients over loopback, and some hang up: the bound on the pool's work is exact at each moment, work that had not
//! begun never begins, and each client that stays gets the right answer, whatever it is.
//!
//! No test sleeps, and none asserts a time. The work waits at a gate, so that each moment holds until the test has looked.

use std::future::{Future, poll_fn};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::pin;
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use paceline::{CancelToken, ThreadPool, ThreadPoolBuilder, block_on};
use service::{MAX_BELOW, Service, Work, routes, serve, work};
use tokio::sync::Semaphore;

/// Turns a hang into a failure.
const WATCHDOG: Duration = Duration::from_secs(60);

const THREADS: usize = 2;
const PERMITS: usize = 6;

/// What has happened to the requests, by the numbers that the clients ask with.
#[derive(Default)]
struct Story {
    /// Their handlers have a permit and have given the pool their work, or wait for a permit.
    accepted: Vec<u64>,
    /// Their work has begun.
    begun: Vec<u64>,
    /// Their handlers have been dropped: after the answer, or because the client has hung up.
    left: Vec<u64>,
    in_hand: usize,
    most_in_hand: usize,
    /// The gate, at which work waits.
    is_open: bool,
    /// The service has ended: whether its pool has, too.
    pool_has_ended: Option<bool>,
}

#[derive(Default)]
struct Stage {
    story: Mutex<Story>,
    changed: Condvar,
}

impl Stage {
    /// Failed assertions do not count: the service is to come to its end.
    fn lock(&self) -> MutexGuard<'_, Story> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Story)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits until the story is as `is_there` wants it.
    fn wait_until(&self, is_there: impl Fn(&Story) -> bool) {
        let waited = self.changed.wait_timeout_while(self.lock(), WATCHDOG, |story| !is_there(story));
        let (story, result) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(story);
        assert!(!result.timed_out(), "the watchdog: this has not happened");
    }

    /// The requests that work has begun for, in order of their numbers.
    fn begun(&self) -> Vec<u64> {
        let mut begun = self.lock().begun.clone();
        begun.sort_unstable();
        begun
    }

    /// Makes work that waits at the gate, whatever its token says.
    fn work_at_gate(self: &Arc<Self>) -> impl Fn(u64) -> Work + Send + Sync + use<> {
        let stage = Arc::clone(self);
        move |number| {
            let work = InHand::new(&stage);
            Box::new(move |_| {
                let stage = &work.0;
                stage.tell(|story| story.begun.push(number));
                stage.wait_until(|story| story.is_open);
                Some(answer(number))
            })
        }
    }

    /// Makes work that waits until it is told that it is not wanted any more.
    fn work_without_end(self: &Arc<Self>) -> impl Fn(u64) -> Work + Send + Sync + use<> {
        let stage = Arc::clone(self);
        move |number| {
            let work = InHand::new(&stage);
            Box::new(move |wanted| {
                work.0.tell(|story| story.begun.push(number));
                block_on(wanted.cancelled());
                None
            })
        }
    }

    /// How many works the pool has in hand, and the most that there have been.
    fn in_hand(&self) -> (usize, usize) {
        let story = self.lock();
        (story.in_hand, story.most_in_hand)
    }

    fn open(&self) {
        self.tell(|story| story.is_open = true);
    }

    /// Stands around the handler, and tells what becomes of the request.
    async fn watch(self: Arc<Self>, request: Request, next: Next) -> Response {
        let Some(number) = request.uri().path().strip_prefix("/primes/").and_then(|number| number.parse().ok()) else {
            return next.run(request).await;
        };
        // It is dropped after the handler, because it was there first.
        let _leaving = Leaving { stage: &self, number };
        let mut handler = pin!(next.run(request));
        // In its first poll the handler comes to where it waits for a permit, or for its work.
        let first = poll_fn(|context| Poll::Ready(handler.as_mut().poll(context))).await;
        self.tell(|story| story.accepted.push(number));
        match first {
            Poll::Ready(response) => response,
            Poll::Pending => handler.await,
        }
    }
}

/// Counts work: in when it is made for the pool, and out when it has ended, or is dropped without having begun. It knows
/// nothing of permits.
struct InHand(Arc<Stage>);

impl InHand {
    fn new(stage: &Arc<Stage>) -> Self {
        stage.tell(|story| {
            story.in_hand += 1;
            story.most_in_hand = story.most_in_hand.max(story.in_hand);
        });
        InHand(Arc::clone(stage))
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.tell(|story| story.in_hand -= 1);
    }
}

struct Leaving<'s> {
    stage: &'s Stage,
    number: u64,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.stage.tell(|story| story.left.push(self.number));
    }
}

fn answer(number: u64) -> u64 {
    3 * number + 1
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).name("primes").build().unwrap()
}

/// How long a request may take, and how long they may go on when the service is to end.
#[derive(Clone, Copy)]
struct Limits {
    request: Duration,
    grace: Duration,
}

/// The watchdog comes first.
const NO_LIMITS: Limits = Limits { request: Duration::from_secs(3_600), grace: WATCHDOG };

/// A service that runs on a thread of its own.
struct Server {
    address: SocketAddr,
    all_permits: usize,
    permits: Arc<Semaphore>,
    stage: Arc<Stage>,
    end: CancelToken,
}

impl Server {
    fn start<W>(pool: ThreadPool, all_permits: usize, limits: Limits, stage: &Arc<Stage>, work: W) -> Self
    where
        W: Fn(u64) -> Work + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let service = Arc::new(Service::new(pool, all_permits, limits.request, work));
        let permits = Arc::clone(service.permits());
        let (end, stage) = (CancelToken::new(), Arc::clone(stage));
        let watched = {
            let stage = Arc::clone(&stage);
            routes(&service).layer(from_fn(move |request, next| Arc::clone(&stage).watch(request, next)))
        };
        let (signal, teller) = (end.cancelled(), Arc::clone(&stage));
        thread::spawn(move || {
            serve(listener, watched, signal, limits.grace).unwrap();
            let pool_has_ended = service.end(WATCHDOG);
            teller.tell(|story| story.pool_has_ended = Some(pool_has_ended));
        });
        Server { address, all_permits, permits, stage, end }
    }

    fn free_permits(&self) -> usize {
        self.permits.available_permits()
    }

    /// A request that has been sent.
    fn send(&self, path: &str) -> Client {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(WATCHDOG)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: loopback\r\nConnection: close\r\n\r\n").unwrap();
        Client(stream)
    }

    /// A request that the server has accepted.
    fn ask(&self, number: u64) -> Client {
        let client = self.send(&format!("/primes/{number}"));
        self.stage.wait_until(|story| story.accepted.contains(&number));
        client
    }

    /// Sees to it that all handlers that were woken before have gone on: the runtime's only thread takes them in turn.
    fn let_handlers_go_on(&self) {
        assert_eq!(self.send("/load").answer().0, 200);
    }

    /// Waits until the server accepts no more connections.
    fn wait_until_closed(&self) {
        let begin = Instant::now();
        while TcpStream::connect(self.address).is_ok() {
            assert!(begin.elapsed() < WATCHDOG, "the watchdog: the server has been told to end");
            thread::yield_now();
        }
    }

    /// Ends the service. All permits must be back.
    fn end(self) {
        self.end.cancel();
        self.stage.wait_until(|story| story.pool_has_ended.is_some());
        let pool_has_ended = self.stage.lock().pool_has_ended.take();
        assert_eq!(pool_has_ended, Some(true));
        assert_eq!(self.stage.in_hand().0, 0);
        assert_eq!(self.free_permits(), self.all_permits);
    }
}

/// A client. Dropping it hangs up.
struct Client(TcpStream);

impl Client {
    /// The status and the body; 0 and nothing if the server hangs up without an answer.
    fn answer(mut self) -> (u16, String) {
        let mut text = String::new();
        self.0.read_to_string(&mut text).expect("the server answers or hangs up");
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return (0, text) };
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("an answer has a status"), body.to_owned())
    }
}

/// The bound while clients hang up, whose work has begun, is in the pool's queue, or waits for a permit.
#[test]
fn the_bound_is_exact_and_work_of_clients_that_hung_up_never_begins() {
    const CLIENTS: u64 = 60;
    let hangs_up = |number: u64| number % 3 == 1;
    let stage = Arc::new(Stage::default());
    let server = Server::start(pool(THREADS), PERMITS, NO_LIMITS, &stage, stage.work_at_gate());

    // The first two have work that has begun, four more have theirs in the pool's queue, and all others wait for a permit.
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        clients.push(server.ask(number));
        if clients.len() <= THREADS {
            stage.wait_until(|story| story.begun.contains(&number));
        }
    }
    assert_eq!(stage.in_hand(), (PERMITS, PERMITS));
    assert_eq!(server.free_permits(), 0);

    // One of each kind hangs up at least: number 1, number 4, and from 7 on.
    let (hung_up, stayed): (Vec<_>, Vec<_>) = (0..).zip(clients).partition(|&(number, _)| hangs_up(number));
    let hung_up: Vec<u64> = hung_up.into_iter().map(|(number, _)| number).collect();
    stage.wait_until(|story| story.left.len() == hung_up.len());
    server.let_handlers_go_on();
    // The work of number 1 runs on and keeps its permit. That of number 4 has been dropped, and number 6 has its permit.
    assert_eq!(stage.in_hand(), (PERMITS, PERMITS));
    assert_eq!(server.free_permits(), 0);
    assert_eq!(stage.begun(), [0, 1]);

    stage.open();
    let mut expected: Vec<u64> = stayed.iter().map(|&(number, _)| number).collect();
    for (number, client) in stayed {
        assert_eq!(client.answer(), (200, format!("{}\n", answer(number))));
    }
    expected.push(1);
    expected.sort_unstable();
    assert_eq!(stage.begun(), expected);
    assert_eq!(stage.in_hand().1, PERMITS);
    server.end();
}

/// Clients that hang up at any moment, while work runs through.
#[test]
fn the_bound_holds_while_clients_come_and_go() {
    const CROWDS: u64 = 4;
    const ROUNDS: u64 = 60;
    let stage = Arc::new(Stage::default());
    stage.open();
    let server = Server::start(pool(THREADS), PERMITS, NO_LIMITS, &stage, stage.work_at_gate());
    thread::scope(|scope| {
        for crowd in 0..CROWDS {
            let server = &server;
            scope.spawn(move || {
                for number in (0..ROUNDS).map(|round| round * CROWDS + crowd) {
                    let path = format!("/primes/{number}");
                    match number % 5 {
                        // Before the server has seen the request, perhaps.
                        0 => drop(server.send(&path)),
                        1 => drop(server.ask(number)),
                        _ => assert_eq!(server.send(&path).answer(), (200, format!("{}\n", answer(number)))),
                    }
                }
            });
        }
    });
    assert!(stage.in_hand().1 <= PERMITS);
    server.end();
}

#[test]
fn answers_are_right() {
    let stage = Arc::new(Stage::default());
    let server = Server::start(pool(THREADS), PERMITS, NO_LIMITS, &stage, work);
    for (path, expected) in [
        ("/primes/0", (200, "0\n")),
        ("/primes/10", (200, "4\n")),
        ("/primes/10000", (200, "1229\n")),
        ("/primes/1000000001", (400, "numbers up to 1000000000 only\n")),
        ("/load", (200, "6 permits are free\n")),
    ] {
        assert_eq!(server.send(path).answer(), (expected.0, expected.1.to_owned()));
    }
    assert_eq!(server.send("/primes/ten").answer().0, 400);
    server.end();
}

#[test]
fn a_panic_is_the_answer_to_one_request() {
    let stage = Arc::new(Stage::default());
    let work = |number| -> Work { Box::new(move |_| if number == 7 { panic!("no such luck") } else { Some(number) }) };
    let server = Server::start(pool(1), 1, NO_LIMITS, &stage, work);
    let message = "the task panicked on thread `primes-0`: no such luck\n";
    assert_eq!(server.send("/primes/7").answer(), (500, message.to_owned()));
    assert_eq!(server.send("/primes/8").answer(), (200, "8\n".to_owned()));
    server.end();
}

const IN_A_MOMENT: Duration = Duration::from_millis(20);

/// A request that the service has no time for is refused, and its work never begins.
#[test]
fn the_time_limit_ends_waits() {
    let stage = Arc::new(Stage::default());
    let limits = Limits { request: IN_A_MOMENT, ..NO_LIMITS };
    let busy = (503, "too busy: ask again later\n".to_owned());

    // Without permits, it waits for one in vain.
    let server = Server::start(pool(1), 0, limits, &stage, stage.work_at_gate());
    assert_eq!(server.send("/primes/0").answer(), busy);
    server.end();

    // The pool's only thread does something else, so the task waits in the pool's queue.
    let pool = pool(1);
    let (release, held) = channel::<()>();
    pool.spawn(move || _ = held.recv());
    let server = Server::start(pool, 1, limits, &stage, stage.work_at_gate());
    assert_eq!(server.send("/primes/1").answer(), busy);
    // The permit is there again, for the next.
    assert_eq!(server.send("/primes/2").answer(), busy);
    drop(release);
    server.end();
    assert_eq!(stage.begun(), []);
}

#[test]
fn the_time_limit_ends_work() {
    let stage = Arc::new(Stage::default());
    let server =
        Server::start(pool(1), 1, Limits { request: IN_A_MOMENT, ..NO_LIMITS }, &stage, stage.work_without_end());
    // On a machine that is very busy, the time is over before the work begins: then another request is made.
    let has_ever_begun = (0..1_000).any(|number| {
        let (status, _) = server.send(&format!("/primes/{number}")).answer();
        let has_begun = stage.begun().contains(&number);
        assert_eq!(status, if has_begun { 504 } else { 503 });
        has_begun
    });
    assert!(has_ever_begun);
    server.end();
}

/// The service's own work, which would take minutes.
#[test]
fn the_time_limit_ends_the_count_of_primes() {
    let stage = Arc::new(Stage::default());
    let limits = Limits { request: IN_A_MOMENT, ..NO_LIMITS };
    let server = Server::start(pool(1), 1, limits, &stage, work);
    let (status, _) = server.send(&format!("/primes/{MAX_BELOW}")).answer();
    // 503 if it has not begun in that time.
    assert!(status == 504 || status == 503);
    server.end();
}

#[test]
fn work_stops_when_its_client_hangs_up() {
    let stage = Arc::new(Stage::default());
    let server = Server::start(pool(1), 1, NO_LIMITS, &stage, stage.work_without_end());
    let client = server.ask(0);
    stage.wait_until(|story| story.begun == [0]);
    drop(client);
    // The only thread goes on with the next, though the limit is far away.
    let client = server.ask(1);
    stage.wait_until(|story| story.begun == [0, 1]);
    drop(client);
    server.end();
}

#[test]
fn the_end_waits_for_requests_and_then_gives_them_up() {
    let stage = Arc::new(Stage::default());
    let server = Server::start(pool(1), 1, NO_LIMITS, &stage, stage.work_at_gate());
    let (begun, waiting) = (server.ask(0), server.ask(1));
    server.end.cancel();
    server.wait_until_closed();
    stage.open();
    assert_eq!(begun.answer(), (200, "1\n".to_owned()));
    assert_eq!(waiting.answer(), (200, "4\n".to_owned()));
    server.end();

    let stage = Arc::new(Stage::default());
    let limits = Limits { grace: Duration::ZERO, ..NO_LIMITS };
    let server = Server::start(pool(1), 1, limits, &stage, stage.work_without_end());
    let client = server.ask(0);
    stage.wait_until(|story| story.begun == [0]);
    server.end();
    assert_eq!(client.answer(), (0, String::new()));
}
