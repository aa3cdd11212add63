//! Serves the numbers of a pool to Prometheus, on loopback, and checks what is served.
//!
//! ```text
//! cargo run --release --manifest-path examples/metrics/Cargo.toml -- [--serve ADDRESS]
//! ```
//!
//! Runs a parallel loop and some spawns on a pool, then reads the numbers back over HTTP, as Prometheus would, and compares
//! them with snapshots that it takes itself. The exit code is 1 if they disagree. With `--serve 127.0.0.1:9000` it goes on
//! with work and answers until it is stopped: `curl http://127.0.0.1:9000/metrics`.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use metrics_example::{publish, serve};
use metrics_exporter_prometheus::PrometheusBuilder;
use paceline::prelude::*;
use paceline::{PoolMetrics, ThreadPool, ThreadPoolBuilder};

const POOL: &str = "squares";

/// The spawns in each round of work.
const SPAWNS: u64 = 100;

/// How long the program waits for its own answer.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let address = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => None,
        ["--serve", address] => Some(address),
        _ => {
            eprintln!("usage: metrics-example [--serve ADDRESS]");
            return Ok(ExitCode::from(2));
        }
    };
    let pool = Arc::new(ThreadPoolBuilder::new().name(POOL).build()?);
    let recorder = PrometheusBuilder::new().install_recorder()?;
    let listener = TcpListener::bind(address.unwrap_or("127.0.0.1:0"))?;
    let served_at = listener.local_addr()?;
    let served = Arc::clone(&pool);
    let server = thread::spawn(move || {
        // A snapshot for each question: between two questions the pool has no cost at all.
        serve(&listener, || {
            publish(POOL, &served.metrics());
            recorder.render()
        })
    });

    work(&pool);
    let before = pool.metrics();
    let text = get(served_at, "/metrics")?;
    let after = pool.metrics();
    println!("{after}\n");
    let complaints = compare(&samples(&text), &before, &after);
    for complaint in &complaints {
        eprintln!("metrics: {complaint}");
    }
    if !complaints.is_empty() {
        eprintln!("{text}");
        return Ok(ExitCode::FAILURE);
    }
    println!("What http://{served_at}/metrics says agrees with it.");

    while address.is_some() && !server.is_finished() {
        work(&pool);
        thread::sleep(Duration::from_millis(100));
    }
    Ok(ExitCode::SUCCESS)
}

/// Some work for the pool, all of which has begun when this returns.
fn work(pool: &ThreadPool) {
    let sum: u64 = pool.install(|| (0..1_000_000_u64).into_par_iter().map(|x| x * x % 7).sum());
    assert_eq!(sum, (0..1_000_000_u64).map(|x| x * x % 7).sum());
    let (tell, told) = std::sync::mpsc::channel();
    for _ in 0..SPAWNS {
        let tell = tell.clone();
        pool.spawn(move || tell.send(()).expect("the receiver waits for all"));
    }
    drop(tell);
    assert_eq!(told.iter().count() as u64, SPAWNS);
}

/// The body of the answer to a GET.
fn get(address: SocketAddr, path: &str) -> Result<String, Box<dyn Error>> {
    let mut server = TcpStream::connect_timeout(&address, PATIENCE)?;
    server.set_read_timeout(Some(PATIENCE))?;
    write!(server, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    server.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the answer has no end of its head")?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("the answer is {head:?}").into());
    }
    Ok(body.to_owned())
}

/// The values in Prometheus' text format, by name and labels. The labels are sorted, each with a comma behind it.
fn samples(text: &str) -> HashMap<String, f64> {
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ')?;
        let (name, labels) = name.split_once('{').unwrap_or((name, ""));
        let mut labels: Vec<&str> = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty()).collect();
        labels.sort_unstable();
        Some((format!("{name} {}", labels.join(",")), value.parse().ok()?))
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(sample).collect()
}

/// What is wrong with the values: each must lie between those of a snapshot from before and one from after.
fn compare(samples: &HashMap<String, f64>, before: &PoolMetrics, after: &PoolMetrics) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut expect = |name: String, least: f64, most: f64| match samples.get(&name) {
        Some(value) if (least..=most).contains(value) => {}
        value => complaints.push(format!("{name} is {value:?}, and not between {least} and {most}")),
    };
    for (index, (least, most)) in before.workers.iter().zip(&after.workers).enumerate() {
        let mut of_worker = |name: &str, least: f64, most: f64| {
            expect(format!("paceline_{name} pool=\"{POOL}\",worker=\"{index}\""), least, most);
        };
        // No job was begun in between: these are equal.
        of_worker("jobs_total", least.jobs as f64, least.jobs as f64);
        of_worker("steals_total", least.steals as f64, most.steals as f64);
        of_worker("forks_published_total", least.forks_published as f64, most.forks_published as f64);
        of_worker("empty_looks_total", least.empty_looks as f64, most.empty_looks as f64);
        of_worker("parks_total", least.parks as f64, most.parks as f64);
        of_worker("wake_ups_total", least.wake_ups as f64, most.wake_ups as f64);
        // The rate of the processor's counter is measured anew for each snapshot.
        let slack = 1e-3 * after.elapsed.as_secs_f64();
        let mut time = |name: &str, least: Duration, most: Duration| {
            of_worker(name, least.as_secs_f64() - slack, most.as_secs_f64() + slack);
        };
        time("busy_seconds", least.busy, most.busy);
        time("searching_seconds", least.searching, most.searching);
        time("asleep_seconds", least.asleep, most.asleep);
    }
    let threads = after.num_threads as f64;
    expect(format!("paceline_threads pool=\"{POOL}\",rule=\"{}\"", after.rule), threads, threads);
    expect(format!("paceline_waiting_jobs pool=\"{POOL}\",queue=\"injected\""), 0.0, 0.0);
    let jobs: u64 = after.workers.iter().map(|worker| worker.jobs).sum();
    if jobs <= SPAWNS {
        complaints.push(format!("{jobs} jobs are fewer than were handed over"));
    }
    complaints
}
