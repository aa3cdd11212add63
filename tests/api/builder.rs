//! `ThreadPoolBuilder`: names, numbers, stacks, what it refuses and how everything prints.

use crate::meeting::receive;
use crate::pools::at_each_size;
use paceline::{ThreadPoolBuildError, ThreadPoolBuilder};
use std::error::Error;
use std::io;
use std::sync::mpsc::channel;
use std::thread;

#[test]
fn threads_bear_the_names_they_are_given() {
    let pool = ThreadPoolBuilder::new().num_threads(3).thread_name(|index| format!("rider {index}")).build().unwrap();
    let names = pool.broadcast(|_| thread::current().name().map(String::from));
    let expected = ["rider 0", "rider 1", "rider 2"].map(|name| Some(name.to_owned()));
    assert_eq!(names, expected);
}

/// Recurses through `kilobytes` of stack; the array keeps the frames from being folded away.
fn use_stack(kilobytes: usize) -> u8 {
    let frame = std::hint::black_box([1_u8; 1024]);
    match kilobytes {
        0 => frame[0],
        _ => use_stack(kilobytes - 1) & frame[1023],
    }
}

#[test]
fn a_stack_is_as_large_as_was_asked() {
    let pool = ThreadPoolBuilder::new().num_threads(2).stack_size(64 << 20).build().unwrap();
    let depths = pool.broadcast(|_| use_stack(16 << 10));
    assert_eq!(depths, [1, 1]);
    assert_eq!(pool.join(|| use_stack(16 << 10), || use_stack(16 << 10)), (1, 1));
}

#[test]
fn zero_threads_means_the_default_number() {
    let unset = ThreadPoolBuilder::new().build().unwrap();
    let zero = ThreadPoolBuilder::new().num_threads(0).build().unwrap();
    assert!(unset.current_num_threads() >= 1);
    assert_eq!(zero.current_num_threads(), unset.current_num_threads());
}

#[test]
fn the_last_number_given_counts() {
    let pool = ThreadPoolBuilder::default().num_threads(5).num_threads(2).build();
    assert_eq!(pool.unwrap().current_num_threads(), 2);
}

#[test]
fn an_absurd_number_of_threads_is_refused_before_any_is_started() {
    for number in [65_536, 1_000_000, usize::MAX] {
        let mut handed_out = 0;
        let built = ThreadPoolBuilder::new()
            .num_threads(number)
            .spawn_handler(|_| {
                handed_out += 1;
                Err(io::Error::other("no thread for you"))
            })
            .build();
        let expected = format!("num_threads: {number} threads were asked for, but no pool has more than 65535");
        let error = built.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(error.source().is_none());
        assert_eq!(handed_out, 0);
    }
}

/// The handler refuses every thread, so that the number may be large and nothing is started.
#[test]
fn a_large_number_of_threads_is_at_most_reduced() {
    for number in [paceline::max_num_threads() - 1, paceline::max_num_threads(), 65_535] {
        let refused = ThreadPoolBuilder::new()
            .num_threads(number)
            .spawn_handler(|_| Err(io::Error::other("no thread for you")))
            .build();
        let expected =
            format!("could not start thread 1 of {}: no thread for you", number.min(paceline::max_num_threads()));
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
}

fn nested_in_a_pool() -> ThreadPoolBuildError {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let inner = || ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    pool.install(inner).unwrap_err()
}

#[test]
fn a_worker_cannot_join_a_second_pool() {
    let error = nested_in_a_pool();
    let text = error.to_string();
    assert!(text.contains("current thread"), "{text}");
    assert!(text.contains("already"), "{text}");
    assert!(error.source().is_none());
}

#[test]
fn an_error_of_the_system_is_passed_on() {
    let refuse = |_| Err(io::Error::other("no thread for you"));
    let built = ThreadPoolBuilder::new().num_threads(1).spawn_handler(refuse).build();
    let error = built.unwrap_err();
    assert!(error.to_string().contains("no thread for you"), "{error}");
    let source = error.source().and_then(|source| source.downcast_ref::<io::Error>());
    assert_eq!(source.map(io::Error::kind), Some(io::ErrorKind::Other));
}

#[test]
fn an_error_crosses_threads_and_boxes() {
    fn boxed(error: ThreadPoolBuildError) -> Box<dyn Error + Send + Sync> {
        error.into()
    }
    assert!(boxed(nested_in_a_pool()).to_string().contains("already"));
}

#[test]
fn every_public_type_prints() {
    let builder = ThreadPoolBuilder::new()
        .num_threads(2)
        .thread_name(|index| index.to_string())
        .stack_size(1 << 21)
        .start_handler(|_| ())
        .exit_handler(|_| ())
        .panic_handler(|_| ());
    assert!(format!("{builder:?}").contains("ThreadPoolBuilder"));
    let pool = builder.build().unwrap();
    assert!(format!("{pool:?}").contains("ThreadPool"));
    assert!(format!("{:?}", nested_in_a_pool()).contains("ThreadPoolBuildError"));

    let (context, _) = pool.install(|| paceline::join_context(|context| format!("{context:?}"), |_| ()));
    assert!(context.contains("FnContext"));
    assert!(pool.scope(|scope| format!("{scope:?}")).contains("Scope"));
    assert!(pool.scope_fifo(|scope| format!("{scope:?}")).contains("ScopeFifo"));
    let contexts = pool.broadcast(|context| format!("{context:?}"));
    assert!(contexts.iter().all(|context| context.contains("BroadcastContext")));

    let mut thread = String::new();
    let refused = ThreadPoolBuilder::new()
        .num_threads(1)
        .spawn_handler(|given| {
            thread = format!("{given:?}");
            Err(io::Error::other("printed"))
        })
        .build();
    assert!(refused.is_err() && thread.contains("ThreadBuilder"));
}

/// What users name in their own signatures must stay `Send` and `Sync`.
#[test]
fn pools_and_scopes_cross_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    at_each_size(|pool, _| {
        shared(pool);
        pool.scope(shared);
        pool.scope_fifo(shared);
    });
    shared(&nested_in_a_pool());
    let (to, from) = channel();
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    thread::spawn(move || to.send(pool.install(|| 1)).unwrap());
    assert_eq!(receive(&from, "the result of a moved pool"), 1);
}
