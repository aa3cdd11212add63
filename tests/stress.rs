//! Many short calls at once on more workers than cores: nothing is lost and nothing runs twice.

use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use std::{process, thread};

const WORKERS: usize = 16;
const CALLERS: usize = 6;

/// Ends the process with a message if a phase makes no progress for too long.
///
/// A deadlock of the pool could not be reported in any gentler way: its threads would never end.
#[derive(Clone)]
struct Watchdog(Sender<()>);

impl Watchdog {
    fn over(phase: &'static str) -> Self {
        let (beat, beats) = channel();
        thread::spawn(move || {
            loop {
                match beats.recv_timeout(Duration::from_secs(120)) {
                    Ok(()) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
            eprintln!("no progress for 120 s in the phase: {phase}");
            process::abort();
        });
        Watchdog(beat)
    }

    fn beat(&self) {
        self.0.send(()).expect("the watchdog outlives its phase");
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn of(seed: usize) -> Self {
        Dice((seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % n
    }
}

fn pool_of(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).panic_handler(drop).build().unwrap()
}

/// One counter per task: each must be raised exactly once.
struct Once(Vec<AtomicUsize>);

impl Once {
    fn new(tasks: usize) -> Self {
        Once((0..tasks).map(|_| AtomicUsize::new(0)).collect())
    }

    fn run(&self, task: usize) {
        self.0[task].fetch_add(1, Ordering::Relaxed);
    }

    #[track_caller]
    fn assert_all_ran(self) {
        for (task, runs) in self.0.into_iter().enumerate() {
            assert_eq!(runs.into_inner(), 1, "runs of task {task}");
        }
    }
}

/// Receives each of the numbers below `n` once, in any order.
#[track_caller]
fn receive_each(from: &Receiver<usize>, n: usize, watchdog: &Watchdog) {
    let mut seen = vec![0; n];
    for _ in 0..n {
        seen[from.recv().expect("a task was lost")] += 1;
        watchdog.beat();
    }
    assert_eq!(seen, vec![1; n]);
}

/// Halves `tasks` down to single ones by `join`, and panics in those that `dies` names.
fn fork(tasks: std::ops::Range<usize>, once: &Once, dies: &(dyn Fn(usize) -> bool + Sync)) {
    match tasks.len() {
        0 => {}
        1 => {
            once.run(tasks.start);
            if dies(tasks.start) {
                resume_unwind(Box::new(tasks.start));
            }
        }
        n => {
            let middle = tasks.start + n / 2;
            let (left, right) = (tasks.start..middle, middle..tasks.end);
            paceline::join(|| fork(left, once, dies), || fork(right, once, dies));
        }
    }
}

/// One short call of a random kind on the current pool, checked when it returns.
fn short_call(dice: &mut Dice) {
    let n = 1 + dice.below(24);
    let guilty = dice.below(4 * n);
    let once = Once::new(n);
    let call = || match guilty % 3 {
        0 => fork(0..n, &once, &|task| task == guilty),
        1 => paceline::scope(|scope| {
            for task in 0..n {
                let once = &once;
                scope.spawn(move |_| fork(task..task + 1, once, &|task| task == guilty));
            }
        }),
        _ => paceline::in_place_scope_fifo(|scope| {
            for task in 0..n {
                let once = &once;
                scope.spawn_fifo(move |_| fork(task..task + 1, once, &|task| task == guilty));
            }
        }),
    };
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(()) => assert!(guilty >= n, "the panic of task {guilty} was lost"),
        Err(payload) => assert_eq!(payload.downcast_ref(), Some(&guilty)),
    }
    once.assert_all_ran();
}

/// Runs `calls` on several threads at once, each with dice of its own.
fn from_outside(watchdog: &Watchdog, rounds: usize, call: impl Fn(&mut Dice) + Sync) {
    thread::scope(|callers| {
        for caller in 0..CALLERS {
            let (watchdog, call) = (watchdog.clone(), &call);
            callers.spawn(move || {
                let mut dice = Dice::of(caller);
                for _ in 0..rounds {
                    call(&mut dice);
                    watchdog.beat();
                }
            });
        }
    });
}

#[test]
fn short_calls_from_many_threads_into_one_pool() {
    let watchdog = Watchdog::over("short calls into one pool");
    let pool = pool_of(WORKERS);
    from_outside(&watchdog, 2_000, |dice| pool.install(|| short_call(dice)));
}

/// The callers stay outside, so each call enters the global pool in its own way.
#[test]
fn short_calls_from_many_threads_on_the_global_pool() {
    let watchdog = Watchdog::over("short calls on the global pool");
    from_outside(&watchdog, 2_000, short_call);
}

#[test]
fn calls_back_and_forth_between_pools() {
    let watchdog = Watchdog::over("calls between pools");
    let pools = [pool_of(WORKERS), pool_of(1), pool_of(3)];
    from_outside(&watchdog, 500, |dice| {
        let route = [0; 4].map(|_| dice.below(pools.len()));
        let [a, b, c, d] = route.map(|at| &pools[at]);
        a.install(|| b.install(|| c.join(|| d.install(|| short_call(dice)), || b.scope(|_| ()))));
    });
}

#[test]
fn detached_work_from_many_threads() {
    const TASKS: usize = 5_000;
    let watchdog = Watchdog::over("detached work");
    let pool = pool_of(WORKERS);
    let (to, from) = channel();
    thread::scope(|callers| {
        for caller in 0..CALLERS {
            let (pool, to) = (&pool, to.clone());
            callers.spawn(move || {
                for task in 0..TASKS {
                    let to = to.clone();
                    let number = caller * TASKS + task;
                    let work = move || {
                        to.send(number).unwrap();
                        if number % 16 == 0 {
                            resume_unwind(Box::new(number));
                        }
                    };
                    match task % 3 {
                        0 => pool.spawn(work),
                        1 => pool.spawn_fifo(work),
                        _ => pool.spawn(move || paceline::spawn(work)),
                    }
                }
            });
        }
    });
    drop(to);
    receive_each(&from, CALLERS * TASKS, &watchdog);
    assert!(from.recv().is_err(), "a task ran twice or was not dropped");
}

#[test]
fn broadcasts_amid_other_work() {
    let watchdog = Watchdog::over("broadcasts amid other work");
    let pool = pool_of(WORKERS);
    from_outside(&watchdog, 100, |dice| {
        let once = Once::new(WORKERS);
        pool.broadcast(|context| once.run(context.index()));
        once.assert_all_ran();
        pool.install(|| short_call(dice));
        let (to, from) = channel();
        pool.spawn_broadcast(move |context| to.send(context.index()).unwrap());
        receive_each(&from, WORKERS, &watchdog);
    });
}

#[test]
fn pools_come_and_go_with_work_queued() {
    const TASKS: usize = 50;
    let watchdog = Watchdog::over("pools come and go");
    let mut dice = Dice::of(0);
    for round in 0..200 {
        let (to, from) = channel();
        let pool = pool_of(1 + dice.below(8));
        for task in 0..TASKS {
            let to = to.clone();
            pool.spawn(move || paceline::spawn_fifo(move || to.send(task).unwrap()));
        }
        if round % 2 == 0 {
            pool.install(|| short_call(&mut dice));
        }
        drop((pool, to));
        receive_each(&from, TASKS, &watchdog);
        assert!(from.recv().is_err(), "a task ran twice or was not dropped");
    }
}

#[test]
fn pools_come_and_go_unused() {
    let watchdog = Watchdog::over("pools come and go unused");
    for round in 0..200 {
        let (to, from) = channel();
        let threads = 1 + round % 8;
        let exit = move |index| to.send(index).unwrap();
        let builder = ThreadPoolBuilder::new().num_threads(threads);
        drop(builder.exit_handler(exit).build().unwrap());
        receive_each(&from, threads, &watchdog);
    }
}

#[test]
fn a_storm_of_panics() {
    let watchdog = Watchdog::over("a storm of panics");
    let pool = pool_of(WORKERS);
    from_outside(&watchdog, 300, |dice| {
        let n = 1 + dice.below(64);
        let (once, salt) = (Once::new(n), dice.below(3));
        let dies = |task| task % 3 == salt;
        let call = || pool.install(|| fork(0..n, &once, &dies));
        // Of the panics in a tree of joins the leftmost one comes out.
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(()) => assert!(salt >= n),
            Err(payload) => assert_eq!(payload.downcast_ref(), Some(&salt)),
        }
        once.assert_all_ran();
    });
}

/// Scopes within scopes on every worker, with more spawns at once than workers.
#[test]
fn scopes_within_scopes() {
    let watchdog = Watchdog::over("scopes within scopes");
    let pool = pool_of(WORKERS);
    from_outside(&watchdog, 60, |_| {
        let once = Once::new(400);
        pool.scope(|outer| {
            for block in 0..20 {
                let once = &once;
                outer.spawn(move |outer| {
                    paceline::scope_fifo(|inner| {
                        for task in 0..10 {
                            inner.spawn_fifo(move |_| once.run(20 * block + task));
                        }
                    });
                    for task in 10..20 {
                        outer.spawn(move |_| once.run(20 * block + task));
                    }
                });
            }
        });
        once.assert_all_ran();
    });
}
