//! Contexts that follow the work: a thread-local setting, carried by hooks. The hooks are the process's, so these tests have a
//! binary of their own.

#[path = "../support/child.rs"]
mod child;
#[path = "../support/gate.rs"]
mod gate;
#[expect(dead_code, reason = "not all of it is of use here")]
#[path = "../support/meeting.rs"]
mod meeting;
mod scenarios;
#[path = "../support/sharing.rs"]
mod sharing;

use paceline::ThreadPoolBuilder;
use paceline::prelude::*;
use scenarios::{NAMES, Setting, scenarios};
use std::cell::Cell;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static NAME: Cell<Option<&'static str>> = const { Cell::new(None) };
    /// How often the name has been set on this thread by a hook, and not been restored yet.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    /// A second setting: the length of the name, if the name was entered before it.
    static LENGTH: Cell<usize> = const { Cell::new(0) };
}

/// The name that a thread-local has.
struct LocalName;

/// Sets the name while it lives.
struct Named {
    before: Option<&'static str>,
}

impl Named {
    fn begin(name: Option<&'static str>) -> Self {
        Named { before: NAME.replace(name) }
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        NAME.set(self.before);
    }
}

/// As [`Named`], by a hook.
struct Carried {
    _named: Named,
}

impl Drop for Carried {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// The second setting while it lives.
struct Measured {
    before: usize,
}

impl Drop for Measured {
    fn drop(&mut self) {
        assert!(DEPTH.get() > 0, "guards are dropped in reverse order");
        LENGTH.set(self.before);
    }
}

impl Setting for LocalName {
    fn prepare() {
        static PREPARED: Once = Once::new();
        PREPARED.call_once(|| {
            let enter = |name: &Option<&'static str>| {
                DEPTH.set(DEPTH.get() + 1);
                Carried { _named: Named::begin(*name) }
            };
            paceline::carry_context(|| NAME.get(), enter);
            let measure = |name: &Option<&'static str>| {
                assert_eq!(NAME.get(), *name, "contexts are entered in the order of the hooks");
                Measured { before: LENGTH.replace(name.map_or(0, str::len)) }
            };
            paceline::carry_context(|| NAME.get(), measure);
        });
    }

    fn within<R>(name: &'static str, f: impl FnOnce() -> R) -> R {
        let _named = Named::begin(Some(name));
        f()
    }

    fn current() -> Option<&'static str> {
        NAME.get()
    }
}

scenarios!(LocalName);

/// In a process of its own: there, pools have worked before anything is carried.
#[test]
fn pools_that_have_worked_before_carry_the_context() {
    if child::role().is_none() {
        return child::run_to_success(child::again("pools_that_have_worked_before_carry_the_context", "child"));
    }
    let pools = [1, 2, 4].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    let work = || (0..10_000).into_par_iter().with_max_len(1).map(|n| paceline::join(|| n, || 1).0).sum::<usize>();
    for pool in &pools {
        assert_eq!(pool.install(work), 49_995_000);
    }
    assert_eq!(work(), 49_995_000);
    LocalName::prepare();
    for pool in &pools {
        assert_eq!(LocalName::within("red", || pool.install(|| scenarios::tree::<LocalName>(10, "red"))), 1 << 10);
    }
    pools[1..].iter().for_each(scenarios::publish_in_an_inner_context::<LocalName>);
    scenarios::a_tree_of_joins_from_outside::<LocalName>();
}

/// In a process of its own, where nothing has been carried before. The only thread of the pool has served all requests by
/// then, so its forks would be made without a look at anything.
#[test]
fn each_fork_of_a_job_is_captured_once_contexts_are_carried() {
    static CAPTURED: AtomicUsize = AtomicUsize::new(0);
    if child::role().is_none() {
        let test = "each_fork_of_a_job_is_captured_once_contexts_are_carried";
        return child::run_to_success(child::again(test, "child"));
    }
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let captured_for_forks = || {
        let before = CAPTURED.load(Ordering::Relaxed);
        (0..5).for_each(|_| _ = paceline::join(|| (), || ()));
        CAPTURED.load(Ordering::Relaxed) - before
    };
    assert_eq!(pool.install(captured_for_forks), 0);
    paceline::carry_context(|| CAPTURED.fetch_add(1, Ordering::Relaxed), |_| ());
    assert_eq!(pool.install(captured_for_forks), 5, "in a call");
    let (tell, told) = std::sync::mpsc::channel();
    pool.spawn(move || tell.send(captured_for_forks()).unwrap());
    assert_eq!(told.recv(), Ok(5), "in a spawned job");
}

/// A panic in a hook ends the process.
#[test]
fn a_hook_that_panics_ends_the_process() {
    let test = "a_hook_that_panics_ends_the_process";
    let pool = || ThreadPoolBuilder::new().num_threads(1).panic_handler(|_| ()).build().unwrap();
    match child::role().as_deref() {
        Some("capture") => {
            paceline::carry_context(|| panic!("no context"), |(): &()| ());
            pool().spawn(|| ());
        }
        Some("enter") => {
            paceline::carry_context(|| (), |()| panic!("no entrance"));
            pool().install(|| ());
        }
        Some("guard") => {
            paceline::carry_context(|| (), |()| ThrowsWhenDropped);
            pool().install(|| ());
        }
        _ => {
            for (role, what) in [("capture", "the `capture`"), ("enter", "the `enter`"), ("guard", "the guard")] {
                let ended = child::run(child::again(test, role));
                assert!(!ended.status.success(), "{role}: {ended:?}");
                assert!(ended.stderr.contains(&format!("paceline: {what} of a carried context panicked")), "{ended:?}");
            }
        }
    }
}

struct ThrowsWhenDropped;

impl Drop for ThrowsWhenDropped {
    fn drop(&mut self) {
        panic!("no exit");
    }
}

#[test]
fn several_contexts_are_carried() {
    LocalName::prepare();
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for name in NAMES {
        assert_eq!(LocalName::within(name, || pool.install(|| (DEPTH.get(), LENGTH.get()))), (1, name.len()));
    }
    assert_eq!(pool.spawn_task(|| (DEPTH.get(), LENGTH.get())).join().unwrap(), (1, 0));
}
