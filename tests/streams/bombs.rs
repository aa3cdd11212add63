//! Items, results, payloads, inputs and closures whose destructors panic: nothing comes of it but the message, and all are
//! dropped.

use crate::gauge::{Gate, pool, until};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// Panics when it is dropped, with a payload that does the same, once more.
pub(crate) struct Bomb {
    nested: bool,
    alive: Arc<()>,
}

impl Bomb {
    pub(crate) fn new(alive: &Arc<()>) -> Self {
        Bomb { nested: true, alive: Arc::clone(alive) }
    }

    /// Has nothing come of its end.
    pub(crate) fn disarm(self) {
        let mut bomb = std::mem::ManuallyDrop::new(self);
        // SAFETY: the value is not used again.
        unsafe { std::ptr::drop_in_place(&raw mut bomb.alive) };
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.nested {
            resume_unwind(Box::new(Bomb { nested: false, alive: Arc::clone(&self.alive) }));
        }
        resume_unwind(Box::new("nothing more"));
    }
}

/// All are gone, once the threads that have them are through.
pub(crate) fn assert_gone(alive: &Arc<()>) {
    until(|| Arc::strong_count(alive) == 1);
}

#[test]
fn results_and_payloads_in_the_window_are_dropped_with_the_stream() {
    for threads in [1, 2] {
        for asked in [0, 1, 3] {
            for panics in [false, true] {
                for is_ordered in [false, true] {
                    let (alive, pool) = (Arc::new(()), pool(threads));
                    let made = Arc::clone(&alive);
                    let map = move |n: usize| {
                        let bomb = Bomb::new(&made);
                        if panics && n >= asked { resume_unwind(Box::new(bomb)) } else { bomb }
                    };
                    if is_ordered {
                        let mut stream = pool.install(|| (0..40).par_map_ordered(8, map));
                        (0..asked).for_each(|_| stream.next().unwrap().disarm());
                        drop(stream);
                    } else {
                        let mut stream = pool.install(|| (0..40).par_map_unordered(8, map));
                        (0..asked).for_each(|_| match catch_unwind(AssertUnwindSafe(|| stream.next().unwrap())) {
                            Ok(bomb) => bomb.disarm(),
                            Err(payload) => payload.downcast::<Bomb>().unwrap().disarm(),
                        });
                        drop(stream);
                    }
                    pool.shutdown();
                    assert_gone(&alive);
                }
            }
        }
    }
}

/// Gives bombs for ever, says that it has more, and is one itself.
struct Arsenal {
    _bomb: Bomb,
    alive: Arc<()>,
}

impl Iterator for Arsenal {
    type Item = Bomb;

    fn next(&mut self) -> Option<Bomb> {
        Some(Bomb::new(&self.alive))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}

#[test]
fn inputs_items_and_closures_are_dropped_with_the_stream() {
    for threads in [1, 2] {
        for asked in [0, 1, 5] {
            let (alive, pool) = (Arc::new(()), pool(threads));
            let captured = Bomb::new(&alive);
            let map = move |bomb: Bomb| {
                let _captured = &captured;
                bomb
            };
            let input = Arsenal { _bomb: Bomb::new(&alive), alive: Arc::clone(&alive) };
            let mut stream = pool.install(|| input.par_map_ordered(4, map));
            (0..asked).for_each(|_| stream.next().unwrap().disarm());
            drop(stream);
            pool.shutdown();
            assert_gone(&alive);
        }
    }
}

#[test]
fn a_closure_that_outlives_the_stream_is_dropped_by_its_last_job() {
    let (alive, pool) = (Arc::new(()), pool(1));
    let (begun, gate) = (Arc::<Gate>::default(), Arc::<Gate>::default());
    let (begin, pass, captured) = (Arc::clone(&begun), Arc::clone(&gate), Bomb::new(&alive));
    let mut stream = pool.install(|| {
        (0..9).par_map_ordered(2, move |n| {
            let _captured = &captured;
            if n == 1 {
                begin.open();
                pass.pass("the opening of the gate");
            }
        })
    });
    stream.next();
    begun.pass("the opening of the gate");
    drop(stream);
    gate.open();
    pool.shutdown();
    assert_gone(&alive);
}

#[test]
fn an_input_that_ends_is_dropped_at_its_end() {
    let (alive, pool) = (Arc::new(()), pool(2));
    let bomb = Bomb::new(&alive);
    let input = (0..5).inspect(move |_| {
        let _bomb = &bomb;
    });
    let mut stream = pool.install(|| input.par_map_ordered(2, |n| n));
    assert!(stream.by_ref().eq(0..5));
    assert_eq!(stream.next(), None);
    assert_gone(&alive);
}

#[test]
fn an_input_whose_hint_panics_ends_and_its_item_is_dropped() {
    struct BadHint(Arc<()>, usize);
    impl Iterator for BadHint {
        type Item = Bomb;
        fn next(&mut self) -> Option<Bomb> {
            self.1 += 1;
            Some(Bomb::new(&self.0))
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            if self.1 == 3 { resume_unwind(Box::new("hint")) } else { (9, None) }
        }
    }
    let (alive, pool) = (Arc::new(()), pool(2));
    let mut stream = pool.install(|| BadHint(Arc::clone(&alive), 0).par_map_ordered(2, |bomb| bomb));
    (0..2).for_each(|_| stream.next().unwrap().disarm());
    let panic = catch_unwind(AssertUnwindSafe(|| stream.next().map(Bomb::disarm))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"hint"));
    assert!(stream.next().is_none());
    assert_gone(&alive);
}

#[test]
fn an_input_that_panics_comes_last_in_any_order() {
    for place in 0..3 {
        let (pool, gate) = (pool(4), Arc::<Gate>::default());
        let (open, pass) = (Arc::clone(&gate), gate);
        let input = (0..20).inspect(move |&n| {
            if n == place {
                // All that came before is being mapped still.
                open.open();
                resume_unwind(Box::new(n));
            }
        });
        let map = move |n: usize| {
            pass.pass("the opening of the gate");
            n
        };
        let mut stream = pool.install(|| input.par_map_unordered(16, map));
        let mut found: Vec<usize> = stream.by_ref().take(place).collect();
        found.sort_unstable();
        assert!(found.into_iter().eq(0..place));
        let panic = catch_unwind(AssertUnwindSafe(|| stream.next())).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&place));
        assert_eq!(stream.next(), None);
    }
}

#[test]
fn items_of_parallel_iterators_are_dropped_with_their_reader() {
    for threads in [1, 3] {
        for asked in [0, 1, 5] {
            for panics in [false, true] {
                let (alive, pool) = (Arc::new(()), pool(threads));
                // A closure that unwinds drops what it has captured: two panics at a time would end the process.
                let (made, captured) = (Arc::clone(&alive), (!panics).then(|| Bomb::new(&alive)));
                let make = move |n: usize| {
                    let _captured = &captured;
                    let bomb = Bomb::new(&made);
                    if panics && n >= asked { resume_unwind(Box::new(bomb)) } else { bomb }
                };
                let mut items = pool.install(|| (0..50).into_par_iter().map(make).into_seq_iter(6));
                (0..asked).for_each(|_| items.next().unwrap().disarm());
                if panics && asked > 0 {
                    let panic = catch_unwind(AssertUnwindSafe(|| items.next().map(Bomb::disarm))).unwrap_err();
                    panic.downcast::<Bomb>().unwrap().disarm();
                    assert!(items.next().is_none());
                }
                drop(items);
                assert_gone(&alive);
            }
        }
    }
}
