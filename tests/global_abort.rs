//! A panic that nobody waits for and nobody handles ends the process, and says why.

#[path = "support/bomb.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod bomb;
#[path = "support/child.rs"]
mod child;

use bomb::Alive;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::any::Any;
use std::panic::resume_unwind;
use std::sync::mpsc::channel;
use std::time::Duration;

fn pool() -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(2).build().unwrap()
}

fn throw() {
    resume_unwind(Box::new("nobody is there"));
}

/// Something whose captured value panics when it is dropped.
fn capture() -> impl Fn() + Send + Sync + 'static {
    let bomb = Alive::default().bomb(0);
    move || _ = &bomb
}

/// The child's part: sets off a panic in the way that the role names, then waits for its own end.
fn panic_in(role: &str) {
    let builder = ThreadPoolBuilder::new().num_threads(2);
    let mut kept = None;
    match role {
        "spawn" => paceline::spawn(throw),
        "spawn_fifo" => paceline::spawn_fifo(throw),
        "spawn_broadcast" => paceline::spawn_broadcast(|_| throw()),
        "spawn in a pool" => pool().spawn(throw),
        "spawn_broadcast in a pool" => pool().spawn_broadcast(|_| throw()),
        "spawn from a worker" => pool().install(|| paceline::spawn(throw)),
        "spawn in a scope" => paceline::scope(|scope| scope.spawn(|_| paceline::spawn(throw))),
        "start handler" => kept = builder.start_handler(|_| throw()).build().ok(),
        "exit handler" => drop(builder.exit_handler(|_| throw()).build()),
        "capture of spawn" => paceline::spawn(capture()),
        "capture of spawn_fifo" => pool().spawn_fifo(capture()),
        "capture of spawn_broadcast" => {
            let captured = capture();
            paceline::spawn_broadcast(move |_| captured());
        }
        "capture of an exit handler" => {
            let captured = capture();
            builder.exit_handler(move |_| captured()).build().unwrap().shutdown();
        }
        "payload in the panic handler" => {
            let handler = |payload: Box<dyn Any + Send>| drop(payload);
            builder.panic_handler(handler).build().unwrap().spawn(|| Alive::default().throw(0));
        }
        "panic handler" => builder.panic_handler(|_| throw()).build().unwrap().spawn(throw),
        _ => panic!("no such role: {role}"),
    }
    let (_to, from) = channel::<()>();
    let waited = from.recv_timeout(Duration::from_secs(30));
    eprintln!("still alive: {waited:?}, {kept:?}");
}

#[track_caller]
fn stderr_of_abort(test: &str, role: &str) -> String {
    let ended = child::run(child::again(test, role));
    assert!(!ended.status.success(), "{role}: {ended:?}");
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(ended.status.signal(), Some(libc::SIGABRT), "{role}: {ended:?}");
    }
    ended.stderr
}

#[test]
fn a_detached_panic_without_a_handler_aborts() {
    if let Some(role) = child::role() {
        return panic_in(&role);
    }
    for role in [
        "spawn",
        "spawn_fifo",
        "spawn_broadcast",
        "spawn in a pool",
        "spawn_broadcast in a pool",
        "spawn from a worker",
        "spawn in a scope",
        "capture of spawn",
        "capture of spawn_fifo",
        "capture of spawn_broadcast",
    ] {
        stderr_of_abort("a_detached_panic_without_a_handler_aborts", role);
    }
}

#[test]
fn a_handlers_panic_aborts() {
    if let Some(role) = child::role() {
        return panic_in(&role);
    }
    for role in
        ["start handler", "exit handler", "panic handler", "capture of an exit handler", "payload in the panic handler"]
    {
        stderr_of_abort("a_handlers_panic_aborts", role);
    }
}

/// The last words name the way out: a panic handler, or somebody who waits.
#[test]
fn the_abort_says_why() {
    if let Some(role) = child::role() {
        return panic_in(&role);
    }
    for role in ["spawn", "spawn_broadcast in a pool", "capture of spawn_broadcast", "payload in the panic handler"] {
        let said = stderr_of_abort("the_abort_says_why", role);
        assert!(said.contains("aborting"), "{said}");
        let reason = said.contains("panic_handler") || said.contains("nobody waits");
        assert!(reason, "{said}");
    }
}

#[test]
fn with_a_handler_the_process_lives() {
    if child::role().is_none() {
        return child::run_to_success(child::again("with_a_handler_the_process_lives", "handled"));
    }
    let (to, from) = channel();
    let handler = move |_| to.send(()).unwrap();
    let builder = ThreadPoolBuilder::new().num_threads(2);
    builder.panic_handler(handler).build_global().unwrap();
    for _ in 0..10 {
        paceline::spawn(throw);
        from.recv_timeout(Duration::from_secs(60)).unwrap();
    }
    assert_eq!(paceline::broadcast(|_| ()).len(), 2);
}
