//! The numbers of a paceline pool for Prometheus, by way of the `metrics` facade.
//!
//! [`publish`] hands a snapshot to the facade, and so to whatever recorder the program has installed. [`serve`] answers
//! Prometheus, which asks now and then by `GET /metrics`. A program that has an HTTP server already needs only the first.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use metrics::{counter, gauge};
use paceline::PoolMetrics;

/// How long a client may take to say what it wants, or to read the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands the numbers of a pool to the recorder of the `metrics` facade. Those of a worker have its index as a label.
///
/// What a pool counts since it was made is a counter that is set to the number so far; Prometheus makes rates of those. The
/// facade's counters are whole numbers, so times are gauges, in seconds.
pub fn publish(pool: &'static str, metrics: &PoolMetrics) {
    for (index, worker) in metrics.workers.iter().enumerate() {
        let labels = [("pool", pool.to_owned()), ("worker", index.to_string())];
        counter!("paceline_jobs_total", &labels).absolute(worker.jobs);
        counter!("paceline_forks_published_total", &labels).absolute(worker.forks_published);
        counter!("paceline_steals_total", &labels).absolute(worker.steals);
        counter!("paceline_empty_looks_total", &labels).absolute(worker.empty_looks);
        counter!("paceline_parks_total", &labels).absolute(worker.parks);
        counter!("paceline_wake_ups_total", &labels).absolute(worker.wake_ups);
        gauge!("paceline_busy_seconds", &labels).set(worker.busy.as_secs_f64());
        gauge!("paceline_searching_seconds", &labels).set(worker.searching.as_secs_f64());
        gauge!("paceline_asleep_seconds", &labels).set(worker.asleep.as_secs_f64());
    }
    let waiting = metrics.waiting;
    let queues = [
        ("injected", waiting.injected),
        ("high", waiting.high),
        ("low", waiting.low),
        ("deferred", waiting.deferred),
        ("mailboxes", waiting.mailboxes),
        ("deques", waiting.deques),
    ];
    for (queue, jobs) in queues {
        gauge!("paceline_waiting_jobs", "pool" => pool, "queue" => queue).set(jobs as f64);
    }
    gauge!("paceline_threads", "pool" => pool, "rule" => metrics.rule.to_string()).set(metrics.num_threads as f64);
    gauge!("paceline_standby_threads", "pool" => pool).set(metrics.standby_threads as f64);
    gauge!("paceline_standby_threads_in_use", "pool" => pool).set(metrics.standby_threads_in_use as f64);
    gauge!("paceline_external_callers", "pool" => pool).set(metrics.external_callers as f64);
}

/// Answers each `GET /metrics` with the text that `render` makes, one client after the other, for ever.
///
/// # Errors
///
/// If the listener fails. A client that does is told of on standard error.
pub fn serve(listener: &TcpListener, render: impl Fn() -> String) -> io::Result<()> {
    loop {
        let (client, address) = listener.accept()?;
        if let Err(error) = answer(client, &render) {
            eprintln!("metrics: {address}: {error}");
        }
    }
}

fn answer(mut client: TcpStream, render: impl Fn() -> String) -> io::Result<()> {
    client.set_read_timeout(Some(PATIENCE))?;
    client.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(&client).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The headers end with an empty line. An answer before that could be lost.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let (status, body) = match request.split(' ').collect::<Vec<_>>()[..] {
        ["GET", "/metrics", _] => ("200 OK", render()),
        _ => ("404 Not Found", String::from("Ask for GET /metrics.\n")),
    };
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
