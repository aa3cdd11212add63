//! A bounded queue in front of workers that each own a connection, until the input ends.
//!
//! ```text
//! cargo run --release --example worker_pool -- [ORDERS] [CONNECTIONS]
//! ```
//!
//! Sends ORDERS made-up orders (10,000 unless said) over CONNECTIONS connections (4 unless said) to a made-up shop, of
//! which every 1,000th cannot be read and breaks its connection: that worker connects anew and goes on. The replies
//! come back in the order of the orders. The exit code is 1 if one is missing or wrong.

use std::env;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use paceline::workers::{Order, WorkerPool};

const DEFAULT_ORDERS: u64 = 10_000;
const DEFAULT_CONNECTIONS: usize = 4;
const MOST_CONNECTIONS: usize = 256;

/// How many orders may wait for a connection, and how many replies to be read.
const CAPACITY: usize = 32;

/// One order in so many cannot be read.
const UNREADABLE: u64 = 1_000;

/// The shop, as far as its clients see it: how many connections it has opened and closed.
#[derive(Default)]
struct Shop {
    opened: AtomicUsize,
    closed: AtomicUsize,
}

/// A connection: costly to open, of use to one client at a time.
struct Connection {
    shop: Arc<Shop>,
    sent: u64,
}

impl Connection {
    fn open(shop: &Arc<Shop>) -> Self {
        shop.opened.fetch_add(1, Ordering::Relaxed);
        Connection { shop: Arc::clone(shop), sent: 0 }
    }

    /// Sends an order and returns the price.
    fn send(&mut self, order: u64) -> u64 {
        assert!(order % UNREADABLE != UNREADABLE - 1, "order {order} is not readable after {} others", self.sent);
        self.sent += 1;
        price(order)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shop.closed.fetch_add(1, Ordering::Relaxed);
    }
}

fn price(order: u64) -> u64 {
    (0..200).fold(order, |x, step| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step)) >> 40
}

/// What came back.
#[derive(Default, PartialEq, Debug)]
struct Replies {
    /// The prices, folded in the order of the orders.
    checksum: u64,
    priced: u64,
    failed: u64,
}

impl Replies {
    fn add(&mut self, price: Option<u64>) {
        match price {
            Some(price) => {
                self.priced += 1;
                self.checksum = self.checksum.wrapping_mul(31).wrapping_add(price);
            }
            None => self.failed += 1,
        }
    }
}

fn main() -> ExitCode {
    let Some((orders, connections)) = arguments() else {
        eprintln!("worker_pool: ORDERS must be a whole number, CONNECTIONS one from 1 to {MOST_CONNECTIONS}");
        return ExitCode::from(2);
    };
    // The broken orders are counted, not shown one by one.
    std::panic::set_hook(Box::new(|_| {}));
    let shop = Arc::default();
    let replies = match replies(orders, connections, &shop) {
        Ok(replies) => replies,
        Err(error) => {
            eprintln!("worker_pool: no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("Sent {orders} orders over {connections} connections; at most {CAPACITY} waited.");
    println!("  {:>8} prices came back, in order", replies.priced);
    println!("  {:>8} orders broke their connections", replies.failed);
    let [opened, closed] = [&shop.opened, &shop.closed].map(|count| count.load(Ordering::Relaxed));
    println!("  {opened:>8} connections were opened, {closed} closed again");

    let mut expected = Replies::default();
    for order in 0..orders {
        expected.add((order % UNREADABLE != UNREADABLE - 1).then(|| price(order)));
    }
    if replies != expected || opened != closed || opened != connections + replies.failed as usize {
        eprintln!("worker_pool: expected {expected:?} and got {replies:?}");
        return ExitCode::FAILURE;
    }
    println!("All are as they should be.");
    ExitCode::SUCCESS
}

/// Sends the orders, and reads the replies meanwhile.
fn replies(orders: u64, connections: usize, shop: &Arc<Shop>) -> io::Result<Replies> {
    let counted = Arc::clone(shop);
    let (pool, results) = WorkerPool::builder()
        .threads(connections)
        .capacity(CAPACITY)
        .name("connection")
        .init(move |_| Connection::open(&counted))
        .build_with_results(Order::Submission, |connection, order| connection.send(order))?;
    let mut replies = Replies::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            for order in 0..orders {
                // Waits while the queue is full; fails only when all connections were lost.
                if pool.submit(order).is_err() {
                    break;
                }
            }
            // The end of the input: what waits is still sent, then the connections are closed, and the results end.
            pool.shutdown()
        });
        results.for_each(|result| replies.add(result.ok()));
    });
    Ok(replies)
}

fn arguments() -> Option<(u64, usize)> {
    let mut arguments = env::args().skip(1);
    let orders = arguments.next().map_or(Some(DEFAULT_ORDERS), |text| text.parse().ok())?;
    let connections = arguments.next().map_or(Some(DEFAULT_CONNECTIONS), |text| text.parse().ok())?;
    (1..=MOST_CONNECTIONS).contains(&connections).then_some((orders, connections))
}
