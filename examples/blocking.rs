//! Downloads beside computation, in one pool.
//!
//! Each job fetches a document, which takes long and no processor time, and then counts its words, which does. Said
//! inside of `blocking`, the waiting keeps no thread of the pool from the work of the others: all the downloads are
//! under way at the same time, though the pool has two threads, and the counting never has more than those two.
//!
//! ```text
//! cargo run --release --example blocking [DOCUMENTS]
//! ```

use paceline::prelude::*;
use std::collections::HashMap;
use std::env;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A request to the server below, and where the answer goes.
struct Request {
    document: usize,
    answer: Sender<String>,
}

/// Stands for a server far away: it answers nobody before all have asked.
fn serve(requests: &Receiver<Request>, documents: usize) {
    let asked: Vec<Request> = requests.iter().take(documents).collect();
    println!("the server has {} requests at a time", asked.len());
    for Request { document, answer } in asked {
        let words = (0..20_000).map(|i| ["row", "rider", "wind", "front", "turn"][i * i % (document + 5) % 5]);
        answer.send(words.collect::<Vec<_>>().join(" ")).expect("somebody waits for it");
    }
}

/// Waits for a document.
fn download(server: &Sender<Request>, document: usize) -> String {
    let (answer, answered) = channel();
    server.send(Request { document, answer }).expect("the server is there");
    answered.recv().expect("the server answers")
}

/// How often each word comes in a text.
fn count_words(text: &str) -> HashMap<&str, usize> {
    let counts = text.par_split_whitespace().fold(HashMap::new, |mut counts, word| {
        *counts.entry(word).or_insert(0) += 1;
        counts
    });
    counts.reduce(HashMap::new, |mut all, counts| {
        for (word, count) in counts {
            *all.entry(word).or_insert(0) += count;
        }
        all
    })
}

fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    let documents = env::args().nth(1).map_or(16, |number| number.parse().expect("DOCUMENTS is a number"));
    // As many standby threads as there are downloads at a time.
    let pool = paceline::ThreadPoolBuilder::new().num_threads(2).max_blocking_threads(documents).build()?;
    let (ask, asked) = channel();
    let server = thread::spawn(move || serve(&asked, documents));

    let mut riders = vec![0; documents];
    pool.scope(|s| {
        for (document, riders) in riders.iter_mut().enumerate() {
            let ask = ask.clone();
            s.spawn(move |_| {
                let text = paceline::blocking(|| download(&ask, document));
                *riders = count_words(&text)["rider"];
            });
        }
    });
    println!("riders: {riders:?}");
    assert!(riders.iter().all(|&riders| riders > 0));

    pool.shutdown();
    server.join().expect("the server has answered all");
    Ok(())
}
