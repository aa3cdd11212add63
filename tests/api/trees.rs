//! Random trees of forks, scopes and installs, checked against an interpreter that runs in order.

use crate::pools::pool_of;
use crate::tally::{Tally, Token};
use paceline::{Scope, ThreadPool};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Clone, Debug)]
enum Tree {
    /// Gives a value, or panics with its own number.
    Leaf(u64, Fate),
    /// Both always run; of two panics the left one's counts.
    Join(Box<Tree>, Box<Tree>),
    /// The body spawns all but the first and then runs the first itself.
    Scope(Vec<Tree>),
    /// Each runs in a spawn, which then spawns the next: a panic cuts the chain.
    Chain(Vec<Tree>),
    /// Runs in the pool that is not the current one.
    Install(Box<Tree>),
    /// Yields to other work, then runs.
    Yield(Box<Tree>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Returns,
    Panics,
}

use Tree::{Chain, Install, Join, Leaf, Scope as Spawning, Yield};

fn combine(values: impl IntoIterator<Item = u64>) -> u64 {
    let mix = |sum: u64, value| sum.wrapping_mul(31).wrapping_add(value);
    values.into_iter().fold(17, mix)
}

/// What the interpreter says of a tree: its value, or every panic that may come out of it.
type Verdict = Result<u64, BTreeSet<usize>>;

/// Walks a tree in order and notes how often each leaf must run: once, or never after a cut.
struct Interpreter {
    runs: Vec<usize>,
}

impl Interpreter {
    fn run(&mut self, tree: &Tree) -> Verdict {
        match tree {
            Leaf(value, fate) => {
                self.runs.push(1);
                match fate {
                    Fate::Returns => Ok(*value),
                    Fate::Panics => Err(BTreeSet::from([self.runs.len() - 1])),
                }
            }
            Join(left, right) => {
                let (left, right) = (self.run(left), self.run(right));
                Ok(combine([left?, right?]))
            }
            Spawning(children) => {
                let verdicts: Vec<Verdict> = children.iter().map(|child| self.run(child)).collect();
                any_panic_or_all_values(verdicts)
            }
            Chain(children) => self.run_chain(children),
            Install(child) | Yield(child) => self.run(child),
        }
    }

    fn run_chain(&mut self, children: &[Tree]) -> Verdict {
        let mut values = Vec::new();
        let mut verdict = Ok(0);
        for child in children {
            if verdict.is_err() {
                self.runs.resize(self.runs.len() + leaves(child), 0);
                continue;
            }
            verdict = self.run(child);
            values.extend(verdict.as_ref().ok());
        }
        verdict.map(|_| combine(values))
    }
}

fn any_panic_or_all_values(verdicts: Vec<Verdict>) -> Verdict {
    let (mut values, mut panics) = (Vec::new(), BTreeSet::new());
    for verdict in verdicts {
        match verdict {
            Ok(value) => values.push(value),
            Err(payloads) => panics.extend(payloads),
        }
    }
    if panics.is_empty() { Ok(combine(values)) } else { Err(panics) }
}

fn leaves(tree: &Tree) -> usize {
    match tree {
        Leaf(..) => 1,
        Join(left, right) => leaves(left) + leaves(right),
        Spawning(children) | Chain(children) => children.iter().map(leaves).sum(),
        Install(child) | Yield(child) => leaves(child),
    }
}

/// A value with an object that must be dropped once, wherever the value ends.
type Outcome = (u64, Token);

/// Runs a tree on two pools and notes how often each leaf has run.
struct Runner {
    pools: [ThreadPool; 2],
    runs: Vec<AtomicUsize>,
    tally: Tally,
}

/// Where the children of a scope leave their values.
type Places = Vec<Mutex<Option<Outcome>>>;

fn places(children: &[Tree]) -> Places {
    children.iter().map(|_| Mutex::new(None)).collect()
}

impl Runner {
    /// Runs `tree`, whose first leaf has the number `leaf`, on a worker of the pool `here`.
    fn run(&self, tree: &Tree, leaf: usize, here: usize) -> Outcome {
        let owned = self.tally.token();
        match tree {
            Leaf(value, fate) => self.run_leaf(leaf, *value, *fate),
            Join(left, right) => {
                let (left, right) = paceline::join(
                    || self.run(left, leaf, here),
                    || {
                        let _owned = owned;
                        self.run(right, leaf + leaves(left), here)
                    },
                );
                (combine([left.0, right.0]), self.tally.token())
            }
            Spawning(children) => self.run_scope(children, leaf, here),
            Chain(children) => {
                let places = places(children);
                paceline::scope(|scope| self.run_link(scope, children, &places, leaf, here));
                self.collect(places)
            }
            Install(child) => self.pools[1 - here].install(move || {
                let _owned = owned;
                self.run(child, leaf, 1 - here)
            }),
            Yield(child) => {
                paceline::yield_now();
                self.run(child, leaf, here)
            }
        }
    }

    fn run_leaf(&self, leaf: usize, value: u64, fate: Fate) -> Outcome {
        self.runs[leaf].fetch_add(1, Ordering::SeqCst);
        let token = self.tally.token();
        match fate {
            Fate::Returns => (value, token),
            Fate::Panics => resume_unwind(Box::new((leaf, token))),
        }
    }

    fn run_scope(&self, children: &[Tree], leaf: usize, here: usize) -> Outcome {
        let places = places(children);
        paceline::scope_fifo(|scope| {
            let mut next = leaf + leaves(&children[0]);
            for (child, place) in children.iter().zip(&places).skip(1) {
                let (first, owned) = (next, self.tally.token());
                next += leaves(child);
                scope.spawn_fifo(move |_| {
                    let _owned = owned;
                    *place.lock().unwrap() = Some(self.run(child, first, here));
                });
            }
            *places[0].lock().unwrap() = Some(self.run(&children[0], leaf, here));
        });
        self.collect(places)
    }

    /// Spawns the first of `children`, which runs and then does the same for the rest.
    fn run_link<'scope>(
        &'scope self,
        scope: &Scope<'scope>,
        children: &'scope [Tree],
        places: &'scope [Mutex<Option<Outcome>>],
        leaf: usize,
        here: usize,
    ) {
        let Some((child, rest)) = children.split_first() else {
            return;
        };
        let owned = self.tally.token();
        scope.spawn(move |scope| {
            let _owned = owned;
            *places[0].lock().unwrap() = Some(self.run(child, leaf, here));
            self.run_link(scope, rest, &places[1..], leaf + leaves(child), here);
        });
    }

    fn collect(&self, places: Places) -> Outcome {
        let values = places.into_iter().map(|place| {
            let outcome = place.into_inner().unwrap();
            outcome.expect("a scope waits for its spawns").0
        });
        (combine(values), self.tally.token())
    }
}

/// Runs `tree` on pools of the given sizes and compares all that can be seen of it.
fn check(tree: &Tree, sizes: [usize; 2]) -> Result<(), TestCaseError> {
    let mut interpreter = Interpreter { runs: Vec::new() };
    let expected = interpreter.run(tree);
    let runner = Runner {
        pools: sizes.map(pool_of),
        runs: interpreter.runs.iter().map(|_| AtomicUsize::new(0)).collect(),
        tally: Tally::default(),
    };
    let run = || runner.pools[0].install(|| runner.run(tree, 0, 0));
    match (catch_unwind(AssertUnwindSafe(run)), expected) {
        (Ok((value, _token)), expected) => prop_assert_eq!(Ok(value), expected),
        (Err(payload), Ok(value)) => {
            prop_assert!(false, "a panic, {:?}, in place of {}", payload, value);
        }
        (Err(payload), Err(allowed)) => {
            let (leaf, _token) = *payload.downcast::<(usize, Token)>().unwrap();
            prop_assert!(allowed.contains(&leaf), "{} is none of {:?}", leaf, allowed);
        }
    }
    let runs: Vec<_> = runner.runs.iter().map(|runs| runs.load(Ordering::SeqCst)).collect();
    prop_assert_eq!(runs, interpreter.runs, "runs of each leaf");
    runner.tally.wait_until_settled(runner.tally.made());
    Ok(())
}

/// Trees of up to some forty leaves, of which one in `1 + calm` panics.
fn trees(calm: u32) -> impl Strategy<Value = Tree> {
    let fate = prop_oneof![1 => Just(Fate::Panics), calm => Just(Fate::Returns)];
    let leaf = (any::<u64>(), fate).prop_map(|(value, fate)| Leaf(value, fate));
    leaf.prop_recursive(5, 40, 4, |tree| {
        let boxed = || tree.clone().prop_map(Box::new);
        prop_oneof![
            4 => (boxed(), boxed()).prop_map(|(left, right)| Join(left, right)),
            2 => prop::collection::vec(tree.clone(), 1..5).prop_map(Spawning),
            2 => prop::collection::vec(tree.clone(), 0..5).prop_map(Chain),
            1 => boxed().prop_map(Install),
            1 => boxed().prop_map(Yield),
        ]
    })
}

fn sizes() -> impl Strategy<Value = [usize; 2]> {
    prop_oneof![
        1 => Just([1, 1]),
        3 => (1_usize..=8, 1_usize..=8).prop_map(|(here, there)| [here, there]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn calm_trees_give_the_interpreters_value(tree in trees(1_000_000), sizes in sizes()) {
        check(&tree, sizes)?;
    }

    #[test]
    fn trees_with_a_rare_panic_agree_with_the_interpreter(tree in trees(20), sizes in sizes()) {
        check(&tree, sizes)?;
    }

    #[test]
    fn trees_full_of_panics_agree_with_the_interpreter(tree in trees(2), sizes in sizes()) {
        check(&tree, sizes)?;
    }
}

/// The interpreter itself, on a tree small enough to work out by hand.
#[test]
fn the_interpreter_cuts_a_chain_and_prefers_the_left() {
    let leaf = |fate| Leaf(1, fate);
    let both = Join(Box::new(leaf(Fate::Panics)), Box::new(leaf(Fate::Panics)));
    let tree = Chain(vec![leaf(Fate::Returns), both, leaf(Fate::Returns)]);
    let mut interpreter = Interpreter { runs: Vec::new() };
    assert_eq!(interpreter.run(&tree), Err(BTreeSet::from([1])));
    assert_eq!(interpreter.runs, [1, 1, 1, 0]);
}
