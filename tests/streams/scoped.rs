//! Streams in a scope: inputs that borrow or cannot be sent, and what is left when the scope ends.

use crate::gauge::{Gate, pool, until};
use paceline::extra::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Some microseconds, or some tens of them.
fn grind(rounds: usize) -> usize {
    (0..rounds).fold(rounds, |sum, n| std::hint::black_box(sum.wrapping_mul(31).wrapping_add(n)))
}

/// The numbers below `len`, by an iterator that stays on its thread and counts what is between.
fn unsendable<'a>(len: usize, pulled: &'a AtomicUsize) -> impl Iterator<Item = usize> + 'a {
    let here = std::thread::current().id();
    let unsendable = Rc::new(());
    (0..len).inspect(move |_| {
        let _keep = &unsendable;
        assert_eq!(std::thread::current().id(), here);
        pulled.fetch_add(1, SeqCst);
    })
}

#[test]
fn results_come_in_order_from_an_input_that_cannot_be_sent() {
    for threads in [1, 2, 4] {
        for window in [1, 2, 7, 64, 1000] {
            for rounds in [0, 10, 1000] {
                let (pool, pulled) = (pool(threads), AtomicUsize::new(0));
                let heavy = String::from("borrowed");
                let f = |n: usize| n + grind(rounds) - grind(rounds) + heavy.len();
                pool.in_place_scope(|s| {
                    let mut handed = 0;
                    let mut stream = unsendable(500, &pulled).par_map_ordered_in(s, window, f);
                    while let Some(n) = stream.next() {
                        assert_eq!(n, handed + 8);
                        handed += 1;
                        let between = pulled.load(SeqCst) - handed;
                        assert!(between < window, "{between} and one in a window of {window}");
                        assert_eq!(stream.size_hint(), (500 - handed, Some(500 - handed)));
                    }
                    assert_eq!(handed, 500);
                    assert!(stream.next().is_none());
                });
                // On a worker.
                let sum = pool.scope(|s| unsendable(500, &pulled).par_map_ordered_in(s, window, f).sum::<usize>());
                assert_eq!(sum, (8..508).sum());
            }
        }
    }
}

#[test]
fn in_the_global_pool_too() {
    let lines = (0..5000).map(|n| n.to_string()).collect::<Vec<_>>().join("\n");
    for window in [4, 2048] {
        let doubled = paceline::in_place_scope(|s| {
            let numbers = lines.lines().par_map_ordered_in(s, window, |line| line.parse::<u32>().unwrap());
            numbers.par_map_ordered_in(s, window, |n| 2 * n).collect::<Vec<_>>()
        });
        assert!(doubled.into_iter().eq((0..5000).map(|n| 2 * n)));
    }
}

#[test]
fn within_another_streams_closure_and_within_a_job_of_the_scope() {
    let words = ["row", "of", "riders"];
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        let sums = pool.scope(|s| {
            let inner = |n: usize| {
                paceline::scope(|s| words.iter().par_map_ordered_in(s, 2, |word| word.len() + n).sum::<usize>())
            };
            (0..20).par_map_ordered_in(s, 4, inner).collect::<Vec<_>>()
        });
        assert!(sums.into_iter().eq((0..20).map(|n| 11 + 3 * n)));
        let total = AtomicUsize::new(0);
        pool.scope(|s| {
            for _ in 0..4 {
                s.spawn(|s| {
                    let sum = words.iter().par_map_ordered_in(s, 2, |word| word.len()).sum::<usize>();
                    total.fetch_add(sum, SeqCst);
                });
            }
        });
        assert_eq!(total.into_inner(), 4 * 11);
    }
}

#[test]
fn the_scope_may_be_one_of_another_pool() {
    let (inner, outer) = (pool(2), pool(1));
    for rounds in [0, 1000] {
        let threads = outer.install(|| {
            inner.in_place_scope(|s| {
                let threads = (0..200).par_map_ordered_in(s, 8, |_| {
                    std::hint::black_box(grind(rounds));
                    paceline::current_num_threads()
                });
                threads.collect::<Vec<_>>()
            })
        });
        assert_eq!(threads, [2; 200]);
    }
}

/// What `next` gives: an item, a panic's payload, or the end.
fn ask(stream: &mut impl Iterator<Item = usize>) -> Option<Result<usize, usize>> {
    match catch_unwind(AssertUnwindSafe(|| stream.next())) {
        Ok(next) => next.map(Ok),
        Err(payload) => Some(Err(*payload.downcast::<usize>().expect("a number"))),
    }
}

#[test]
fn panics_surface_at_their_place_and_are_not_the_scopes() {
    for (threads, window, rounds) in [(1, 1, 0), (1, 4, 1000), (2, 3, 0), (2, 8, 1000), (4, 100, 0)] {
        for place in [0, 1, 19] {
            let pool = pool(threads);
            let panic_at = |n: usize| if n == place { resume_unwind(Box::new(n)) } else { n };
            pool.in_place_scope(|s| {
                let mut stream = (0..20).par_map_ordered_in(s, window, |n| {
                    std::hint::black_box(grind(rounds));
                    panic_at(n)
                });
                for n in 0..20 {
                    let expected = if n == place { Err(n) } else { Ok(n) };
                    assert_eq!(ask(&mut stream), Some(expected));
                }
                assert_eq!(ask(&mut stream), None);
                // The input's ends the stream, behind the items before it.
                let mut stream = (0..20).map(panic_at).par_map_ordered_in(s, window, |n| n);
                for n in 0..place {
                    assert_eq!(ask(&mut stream), Some(Ok(n)));
                }
                assert_eq!(ask(&mut stream), Some(Err(place)));
                assert_eq!(ask(&mut stream), None);
            });
        }
    }
}

/// Counts those that live.
struct Alive<'a>(&'a AtomicUsize);

impl<'a> Alive<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, SeqCst);
        Alive(count)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// How the owner of a stream gets rid of it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Leave {
    Drop,
    Forget,
    Unwind,
}

/// Whatever becomes of the stream, no item lives and no closure runs when the scope has ended; and none that had not begun
/// when the stream was dropped ever does.
#[test]
fn nothing_is_left_behind_a_scope() {
    leave_a_scope_by(&[Leave::Drop, Leave::Unwind]);
}

#[test]
fn a_leaked_one_leaves_no_closure_behind_its_scope() {
    leave_a_scope_by(&[Leave::Forget]);
}

fn leave_a_scope_by(ways: &[Leave]) {
    for threads in [1, 3] {
        for &leave in ways {
            let pool = pool(threads);
            let (items, running, begun) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
            let gate = Arc::<Gate>::default();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                pool.in_place_scope(|s| {
                    let input = (0..100).map(|n| (n, Alive::new(&items)));
                    let mut stream = input.par_map_ordered_in(s, 10, |(n, item)| {
                        let _running = Alive::new(&running);
                        begun.fetch_add(1, SeqCst);
                        // `next` waits for the first item, which need not be the first to be counted.
                        if n > 0 {
                            gate.pass("the opening of the gate");
                        }
                        item
                    });
                    drop(stream.next());
                    // All threads are in a closure, and stay there.
                    until(|| begun.load(SeqCst) == 1 + threads);
                    let opener = Arc::clone(&gate);
                    let open = move || opener.open();
                    match leave {
                        Leave::Drop => drop(stream),
                        Leave::Forget => std::mem::forget(stream),
                        Leave::Unwind => {
                            // The stream is dropped first.
                            let _open = OnDrop(open);
                            let _stream = stream;
                            resume_unwind(Box::new("through the scope"));
                        }
                    }
                    open();
                });
            }));
            assert_eq!(outcome.is_err(), leave == Leave::Unwind);
            assert_eq!(running.load(SeqCst), 0, "{leave:?}");
            if leave == Leave::Forget {
                // The window was full, and its results are leaked.
                assert_eq!(begun.load(SeqCst), 10);
                assert_eq!(items.load(SeqCst), 9);
            } else {
                assert_eq!(begun.load(SeqCst), 1 + threads, "{leave:?}");
                assert_eq!(items.load(SeqCst), 0, "{leave:?}");
            }
        }
    }
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn as_many_items_as_there_are_threads_are_worked_on_at_once() {
    let pool = pool(4);
    let arrived = AtomicUsize::new(0);
    pool.in_place_scope(|s| {
        let meet = |n: usize| {
            arrived.fetch_add(1, SeqCst);
            until(|| arrived.load(SeqCst) >= 4);
            n
        };
        assert!((0..4).par_map_ordered_in(s, 4, meet).eq(0..4));
    });
}

#[test]
fn a_window_of_nothing_is_refused() {
    let pulled = AtomicUsize::new(0);
    let refused = catch_unwind(AssertUnwindSafe(|| {
        paceline::in_place_scope(|s| drop(unsendable(3, &pulled).par_map_ordered_in(s, 0, |n| n)));
    }));
    assert!(refused.unwrap_err().downcast_ref::<&str>().unwrap().contains("`window`"));
    assert_eq!(pulled.into_inner(), 0);
}
