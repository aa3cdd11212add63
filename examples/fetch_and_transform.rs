//! A stream that fetches concurrently, transforms in parallel, and hands on in order.
//!
//! ```text
//! cargo run --release --features stream --example fetch_and_transform -- [ITEMS] [MILLISECONDS]
//! ```
//!
//! Each of ITEMS (4 unless said) takes MILLISECONDS (200) to arrive, during which nobody computes, and about as long of a
//! processor's time to be transformed. One after the other that is twice ITEMS times MILLISECONDS. Here all are
//! fetched at once, by a runtime of tokio's with a single thread, and transformed by a pool of 4 threads: with 4 processors,
//! 4 items take the time of one. The exit code is 1 if the results do not come in the order of the items.

use std::env;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use paceline::stream::ParallelMapStream;

const THREADS: usize = 4;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (items, millis) = match (arguments.next().unwrap_or(Ok(4)), arguments.next().unwrap_or(Ok(200))) {
        (Ok(items @ 1..=1000), Ok(millis @ 0..=10_000)) => (items, millis),
        _ => {
            eprintln!("fetch_and_transform: ITEMS must be from 1 to 1000, and MILLISECONDS at most 10000");
            return ExitCode::from(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime with a clock");
    let pool = paceline::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("a pool of 4 threads");
    let time = Duration::from_millis(millis);
    let rounds = rounds_in(time);
    let begun = Instant::now();

    let arrivals = stream::iter(0..items).map(move |item| fetch(item, time)).buffered(64);
    // The stream belongs to the pool that it is made in.
    let results = pool.install(|| arrivals.par_map_ordered(2 * THREADS, move |item| transform(item, rounds)));
    let order: Vec<u64> = runtime.block_on(results.inspect(|item| report(*item, begun)).collect());

    let one_by_one = 2 * time * u32::try_from(items).expect("at most 1000");
    println!("{items} items in {:.0?}; one after the other they would take {one_by_one:.0?}", begun.elapsed());
    let is_in_order = order.into_iter().eq(0..items);
    if is_in_order { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Waits for an item, as for a page of some server's.
async fn fetch(item: u64, time: Duration) -> u64 {
    tokio::time::sleep(time).await;
    item
}

/// Keeps a processor busy, as the scaling of an image does.
fn transform(item: u64, rounds: u64) -> u64 {
    black_box((0..rounds).fold(item, |seed, round| black_box(seed ^ round).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
    item
}

/// How many rounds of `transform` take so long, when the processor does nothing else.
fn rounds_in(time: Duration) -> u64 {
    const TRIED: u64 = 2_000_000;
    let begun = Instant::now();
    transform(0, TRIED);
    let tried = begun.elapsed().as_nanos().max(1);
    u64::try_from(u128::from(TRIED) * time.as_nanos() / tried).unwrap_or(u64::MAX)
}

fn report(item: u64, begun: Instant) {
    println!("item {item} after {:.0?}", begun.elapsed());
}
