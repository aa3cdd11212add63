//! Items that come one by one through a bounded queue to threads: a worker pool, and what is built by hand for it.
//!
//! Every call is a whole life: threads or tasks are started, fed from one thread, and waited for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use crossbeam_channel::bounded;
use paceline::workers::{Order, WorkerPool};

use super::grind::grind;
use crate::harness::{Contest, Rival, repeat};

/// How many items may wait, and how many results.
const CAPACITY: usize = 64;

/// Where the values of the items go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// Each worker adds its own up; they meet when the workers end.
    Kept,
    /// Through a second bounded queue to a thread that adds them up as they come.
    Sent,
    /// The same in the order of the items. By hand it is not done here: in that place stands what sends them.
    SentInOrder,
}

/// How many items there are, how many steps each takes, and how many threads there are for them.
#[derive(Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) items: u64,
    pub(crate) steps: u32,
    pub(crate) workers: usize,
}

/// Adds its sum to the total when the worker ends.
struct Sum {
    own: u64,
    total: Arc<AtomicU64>,
}

impl Drop for Sum {
    fn drop(&mut self) {
        self.total.fetch_add(self.own, Ordering::Relaxed);
    }
}

fn kept_by_pool(Feed { items, steps, workers }: Feed) -> u64 {
    let total = Arc::new(AtomicU64::new(0));
    let known = Arc::clone(&total);
    let pool = WorkerPool::builder()
        .threads(workers)
        .capacity(CAPACITY)
        .init(move |_| Sum { own: 0, total: Arc::clone(&known) })
        .build(move |sum, seed| sum.own += grind(seed, steps))
        .expect("the system grants the threads");
    for seed in 0..items {
        pool.submit(seed).expect("nobody closes it");
    }
    drop(pool);
    total.load(Ordering::Relaxed)
}

fn sent_by_pool(Feed { items, steps, workers }: Feed, order: Order) -> u64 {
    let builder = WorkerPool::builder().threads(workers).capacity(CAPACITY);
    let work = move |_: &mut (), seed| grind(seed, steps);
    let (pool, results) = builder.build_with_results(order, work).expect("the system grants the threads");
    thread::scope(|scope| {
        scope.spawn(move || {
            for seed in 0..items {
                pool.submit(seed).expect("nobody closes it");
            }
        });
        results.map(|result| result.expect("no panic")).sum()
    })
}

/// Threads of std's that share the receiver of a `sync_channel`.
fn kept_by_threads(Feed { items, steps, workers }: Feed) -> u64 {
    let (queue, seeds) = mpsc::sync_channel::<u64>(CAPACITY);
    let seeds = Arc::new(Mutex::new(seeds));
    let threads: Vec<_> = (0..workers)
        .map(|_| {
            let seeds = Arc::clone(&seeds);
            let next = move || seeds.lock().expect("no panic").recv().ok();
            thread::spawn(move || std::iter::from_fn(next).map(|seed| grind(seed, steps)).sum::<u64>())
        })
        .collect();
    for seed in 0..items {
        queue.send(seed).expect("the threads listen");
    }
    drop(queue);
    threads.into_iter().map(|thread| thread.join().expect("no panic")).sum()
}

fn sent_by_threads(Feed { items, steps, workers }: Feed) -> u64 {
    let (queue, seeds) = mpsc::sync_channel::<u64>(CAPACITY);
    let (outlet, values) = mpsc::sync_channel::<u64>(CAPACITY);
    let seeds = Arc::new(Mutex::new(seeds));
    for _ in 0..workers {
        let (seeds, outlet) = (Arc::clone(&seeds), outlet.clone());
        let next = move || seeds.lock().expect("no panic").recv().ok();
        thread::spawn(move || {
            for seed in std::iter::from_fn(next) {
                outlet.send(grind(seed, steps)).expect("somebody adds them up");
            }
        });
    }
    drop(outlet);
    thread::spawn(move || (0..items).for_each(|seed| queue.send(seed).expect("the threads listen")));
    values.iter().sum()
}

/// Tasks in a scope of rayon's that share the receiver of a bounded channel of crossbeam's.
fn kept_by_rayon(pool: &rayon::ThreadPool, Feed { items, steps, workers }: Feed) -> u64 {
    let total = AtomicU64::new(0);
    let (queue, seeds) = bounded(CAPACITY);
    pool.in_place_scope(|scope| {
        for _ in 0..workers {
            let (seeds, total) = (seeds.clone(), &total);
            scope.spawn(move |_| {
                let own = seeds.iter().map(|seed| grind(seed, steps)).sum();
                total.fetch_add(own, Ordering::Relaxed);
            });
        }
        for seed in 0..items {
            queue.send(seed).expect("the tasks listen");
        }
        drop(queue);
    });
    total.into_inner()
}

fn sent_by_rayon(pool: &rayon::ThreadPool, Feed { items, steps, workers }: Feed) -> u64 {
    let (queue, seeds) = bounded(CAPACITY);
    let (outlet, values) = bounded(CAPACITY);
    pool.in_place_scope(|scope| {
        for _ in 0..workers {
            let (seeds, outlet) = (seeds.clone(), outlet.clone());
            scope.spawn(move |_| {
                for seed in seeds {
                    outlet.send(grind(seed, steps)).expect("somebody adds them up");
                }
            });
        }
        drop(outlet);
        thread::scope(|threads| {
            threads.spawn(move || (0..items).for_each(|seed| queue.send(seed).expect("the tasks listen")));
            values.iter().sum()
        })
    })
}

/// One feed, through a worker pool and through what is built by hand: "plain" are std's threads and channels, "rayon"
/// is its scope with crossbeam's channels.
pub(crate) fn contest(title: String, feed: Feed, values: Values, rayon: &rayon::ThreadPool) -> Contest<'_> {
    let mut contest = Contest::new(title, "item", feed.items);
    let workers = feed.workers;
    contest.enter(Rival::Plain, workers, move |times| {
        repeat(times, || if values == Values::Kept { kept_by_threads(feed) } else { sent_by_threads(feed) })
    });
    contest.enter(Rival::Paceline, workers, move |times| {
        repeat(times, || match values {
            Values::Kept => kept_by_pool(feed),
            Values::Sent => sent_by_pool(feed, Order::Completion),
            Values::SentInOrder => sent_by_pool(feed, Order::Submission),
        })
    });
    contest.enter(Rival::Rayon, workers, move |times| {
        repeat(times, || if values == Values::Kept { kept_by_rayon(rayon, feed) } else { sent_by_rayon(rayon, feed) })
    });
    contest
}
