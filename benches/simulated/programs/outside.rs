//! Many callers from outside, and bursts of short loops.

use super::super::program::Program;
use paceline::prelude::*;
use paceline::sim;

const CALLERS: usize = 32;
const CALLS: usize = 10;
const ITEMS: u64 = 128;

fn short_loop() {
    (0..ITEMS).into_par_iter().for_each(|_| sim::work(1_000));
}

fn plain_loop() {
    (0..ITEMS).for_each(|_| sim::work(1_000));
}

fn callers() {
    let calls = || (0..CALLS).for_each(|_| short_loop());
    let threads: Vec<_> = (0..CALLERS).map(|_| sim::spawn(calls)).collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no caller panics"));
}

const BURSTS: u64 = 10;

fn bursts(name: &'static str, title: &'static str, pause: u64) -> Program {
    let run = move |short: fn()| {
        move || {
            for _ in 0..BURSTS {
                short();
                sim::work(pause);
            }
        }
    };
    Program::new(name, title, run(plain_loop), run(short_loop)).alone(BURSTS * (pause + pause.div_ceil(10_000)))
}

pub(super) fn all() -> Vec<Program> {
    vec![
        Program::new(
            "callers",
            "32 threads from outside, each 10 loops of 128 items of 1 us",
            || (0..CALLERS * CALLS).for_each(|_| plain_loop()),
            callers,
        ),
        bursts("burst-5us", "10 loops of 128 items of 1 us, 5 us of serial work between them", 5_000),
        bursts("burst-50us", "10 loops of 128 items of 1 us, 50 us of serial work between them", 50_000),
        bursts("burst-200us", "10 loops of 128 items of 1 us, 200 us of serial work between them", 200_000),
        bursts("burst-1ms", "10 loops of 128 items of 1 us, 1 ms of serial work between them", 1_000_000),
    ]
}
