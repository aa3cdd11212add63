//! A timeline of a program with phases: it decodes pictures one after the other, filters them all in parallel, sorts the
//! pixels, and stores the result in a call that blocks.
//!
//! ```text
//! cargo run --release --example timeline -- [PICTURES] [out.json]
//! ```
//!
//! Writes `out.json`, for <https://ui.perfetto.dev>, and `out.html`, for any browser. Without a path it records nothing
//! itself; `PACELINE_TRACE=out.json` then records the whole process. The exit code is 1 if the sorted pixels are wrong.

use std::process::ExitCode;
use std::{env, hint, io};

use paceline::prelude::*;
use paceline::trace;

const DEFAULT_PICTURES: usize = 24;

/// The pixels of a picture.
const PIXELS: usize = 10_000;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let Ok(pictures) = arguments.next().map_or(Ok(DEFAULT_PICTURES), |pictures| pictures.parse()) else {
        eprintln!("timeline: PICTURES must be a whole number");
        return ExitCode::from(2);
    };
    let recorded = match arguments.next() {
        Some(path) => trace::record(path, || work(pictures)),
        None => Ok(work(pictures)),
    };
    match recorded {
        Ok(is_sorted) => ExitCode::from(u8::from(!is_sorted)),
        Err(error) => {
            eprintln!("timeline: nothing is recorded: {error}");
            ExitCode::FAILURE
        }
    }
}

fn work(pictures: usize) -> bool {
    let mut album: Vec<Vec<u32>> = trace::named("decode", || (0..pictures).map(decode).collect());
    trace::named("filter", || album.par_iter_mut().for_each(|picture| filter(picture)));
    let mut pixels: Vec<u32> = trace::named("gather", || album.par_iter().flatten_iter().copied().collect());
    trace::named("sort", || pixels.par_sort_unstable());
    let stored = paceline::spawn_task(move || trace::named("store", || store(&pixels).map(|()| pixels.is_sorted())));
    stored.join().unwrap().unwrap()
}

/// Makes a picture up, from its number.
fn decode(number: usize) -> Vec<u32> {
    let mut state = number as u32 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    (0..PIXELS).map(|_| next()).collect()
}

/// Some pictures take much longer than others.
fn filter(picture: &mut [u32]) {
    let rounds = 1 + picture[0] % 16;
    for _ in 0..rounds {
        for at in 1..picture.len() {
            picture[at] = hint::black_box(picture[at - 1] / 2 + picture[at] / 2);
        }
    }
}

/// Writes the pixels to nowhere, which may block all the same.
fn store(pixels: &[u32]) -> io::Result<()> {
    let bytes: Vec<u8> = pixels.par_iter().flat_map_iter(|pixel| pixel.to_le_bytes()).collect();
    paceline::blocking(|| io::copy(&mut bytes.as_slice(), &mut io::sink()).map(drop))
}
