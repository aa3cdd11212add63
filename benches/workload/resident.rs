//! A contender as the one library of its process, with a global pool.

use std::num::NonZero;

use super::fib;
use super::outside::{Task, channel_thread};
use crate::harness::Rival;

/// Gives the contender a global pool of that many workers.
pub(crate) fn settle(rival: Rival, workers: usize) {
    const GRANTED: &str = "the system grants the threads, and nobody came before";
    match rival {
        Rival::Plain => {}
        Rival::Paceline => {
            paceline::ThreadPoolBuilder::new().num_threads(workers).build_global().expect(GRANTED);
        }
        Rival::Rayon => rayon::ThreadPoolBuilder::new().num_threads(workers).build_global().expect(GRANTED),
        Rival::Chili => {
            let config = chili::Config { thread_count: NonZero::new(workers), ..chili::Config::default() };
            chili::ThreadPool::with_config(config).set_global().expect(GRANTED);
        }
        Rival::Tokio => panic!("tokio has no forks"),
        _ => panic!("{rival} has no pool of its own here"),
    }
}

/// A little work with a fork at every call.
pub(crate) fn forks(rival: Rival) -> u64 {
    const N: u32 = 20;
    match rival {
        Rival::Plain => fib::plain(N),
        Rival::Paceline => fib::paceline(N),
        Rival::Rayon => fib::rayon(N),
        Rival::Chili => fib::chili(&mut chili::Scope::global(), N),
        Rival::Tokio => panic!("tokio has no forks"),
        _ => panic!("{rival} has no forks here"),
    }
}

/// The contender's way to spawn; the plain one is a thread that waits on a channel.
pub(crate) fn spawner(rival: Rival) -> Box<dyn Fn(Task)> {
    match rival {
        Rival::Plain => {
            let plain = channel_thread();
            Box::new(move |task| plain.send(task).expect("the thread lives"))
        }
        Rival::Paceline => Box::new(paceline::spawn),
        Rival::Rayon => Box::new(rayon::spawn),
        _ => panic!("{rival} takes no part in this"),
    }
}
