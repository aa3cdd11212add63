//! Streams, from the main thread: items of a sequential or a parallel iterator worked on in parallel and taken one by one,
//! against pariter and the plain loop.
//!
//! `cargo bench --bench stream`.

mod harness;
mod workload;

use harness::{Options, Rival, default_workers};
use workload::grind::steps_in;
use workload::streamed::{Order, contest};

fn main() {
    let options = Options::from_args();
    for (order, name) in [(Order::Items, "ordered"), (Order::Done, "unordered"), (Order::Parallel, "into_seq_iter")] {
        for window in [2 * default_workers(), 64 * default_workers()] {
            for microseconds in [1, 10, 100] {
                let items = options.sized(20_000 / microseconds, 5_000 / microseconds, 50);
                let title = format!("{name}, window {window}, items of {microseconds} us");
                let steps = steps_in(microseconds as f64 * 1e3);
                let Some(standings) = options.standings(&mut contest(title, order, items, steps, window)) else {
                    continue;
                };
                println!("{}", standings.ratio_table());
                let time = |rival| standings.call(rival, default_workers());
                println!("speed / pariter: {:.2}\n", time(Rival::Pariter) / time(Rival::Paceline));
            }
        }
    }
}
