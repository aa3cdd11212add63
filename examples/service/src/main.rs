//! Starts the service, and ends it in order on Ctrl-C.
//!
//! ```text
//! cargo run --release --manifest-path examples/service/Cargo.toml -- [ADDRESS]
//! curl http://127.0.0.1:3000/primes/1000000
//! ```
//!
//! ADDRESS is `127.0.0.1:3000` unless said.

use std::env;
use std::error::Error;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use paceline::ThreadPoolBuilder;
use service::{Service, routes, serve, work};
use tokio::signal::ctrl_c;

const DEFAULT_ADDRESS: &str = "127.0.0.1:3000";
/// The time limit for a request.
const LIMIT: Duration = Duration::from_secs(10);
/// How long requests may go on when the service is to end, and how long the pool may after that.
const GRACE: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
    let listener = TcpListener::bind(&address)?;
    println!("Ask for http://{}/primes/1000000, say; Ctrl-C ends the service.", listener.local_addr()?);

    // Its threads are called `primes-0`, `primes-1` and so on, in a debugger and in messages of panics.
    let pool = ThreadPoolBuilder::new().name("primes").build()?;
    let permits = 2 * pool.current_num_threads();
    let service = Arc::new(Service::new(pool, permits, LIMIT, work));

    let end = async { ctrl_c().await.expect("the system tells of Ctrl-C") };
    serve(listener, routes(&service), end, GRACE)?;
    if !service.end(GRACE) {
        eprintln!("service: left with work that did not end");
    }
    Ok(())
}
