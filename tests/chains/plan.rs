//! Which chain a seed stands for.

use crate::adaptors::TYPED;
use crate::dice::{Dice, scramble};
use crate::expect::Expect;
use crate::finish::{self, Finish};
use crate::source::{BORROWED, OWNED, Source, TEXTS};
use crate::step::{self, Op, Step};

/// A chain: what it begins with, its adaptors, and how it ends.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) source: Source,
    /// The adaptors, each with whether it is put upon the type of the one before rather than upon a boxed one.
    pub(crate) steps: Vec<(Joint, Step)>,
    pub(crate) finish: Finish,
    /// One call in so many takes long; 0 for none.
    pub(crate) heavy: u64,
    pub(crate) expect: Expect,
    /// Which of the calls panics is this number, modulo how many there are.
    pub(crate) panic: u64,
}

/// How an adaptor is put upon the iterator before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    Boxed,
    Typed,
}

/// The most adaptors of a chain.
const MOST_STEPS: usize = 6;

impl Plan {
    pub(crate) fn of(seed: u64) -> Plan {
        let mut dice = Dice::of(scramble(seed));
        let source = source(&mut dice);
        let mut expect = source.expect();
        let with_positions = source.has_positions();
        expect.has_positions = with_positions;
        let mut steps: Vec<(Joint, Step)> = Vec::new();
        let wanted = dice.below(MOST_STEPS + 1);
        let mut previous_is_typed = false;
        while steps.len() < wanted {
            let step = a_step(&mut dice, &expect);
            let Some(after) = step.after(&expect) else { continue };
            let typed = !previous_is_typed && TYPED.contains(&step.op) && dice.one_in(2);
            previous_is_typed = typed;
            steps.push((if typed { Joint::Typed } else { Joint::Boxed }, step));
            expect = after;
        }
        let mut ends = [finish::COLLECTING, finish::FOLDING, finish::SEARCHING, finish::ORDERING].concat();
        if expect.has_positions {
            // As likely as half of the others together.
            ends.extend(finish::BY_POSITION.repeat(4));
        }
        // `intersperse` keeps the place of a separator open until what comes behind it is there, which may wait for it.
        if source.is_owned() && steps.iter().all(|(_, step)| step.op != Op::Intersperse) {
            ends.extend(finish::OF_OWNED.repeat(2));
        }
        let finish = Finish { end: dice.pick(&ends), n: length(&mut dice, 40), salt: dice.next() % 1_000 };
        let heavy = dice.pick(&[0, 0, 0, 7, 50]);
        Plan { source, steps, finish, heavy, expect, panic: dice.next() }
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.source)?;
        for (joint, step) in &self.steps {
            let joint = if *joint == Joint::Boxed { "boxed " } else { "" };
            write!(f, "\n  {joint}.{step:?}")?;
        }
        write!(f, "\n  .{:?}", self.finish)?;
        if self.heavy > 0 { write!(f, "; one call in {} takes long", self.heavy) } else { Ok(()) }
    }
}

/// A length of any order of magnitude, up to `most`.
fn length(dice: &mut Dice, most: usize) -> usize {
    let bound = dice.pick(&[1, 3, 10, 100, 1_000, most]).min(most);
    dice.below(bound + 1)
}

fn source(dice: &mut Dice) -> Source {
    let kinds = dice.pick(&[OWNED, OWNED, BORROWED, BORROWED, TEXTS]);
    let kind = dice.pick(kinds);
    Source { kind, len: length(dice, 2_000), n: length(dice, 20), salt: dice.next() % 1_000 }
}

/// An adaptor that may or may not be possible: one that needs positions every other time where there are any.
fn a_step(dice: &mut Dice, expect: &Expect) -> Step {
    let ops = match expect.has_positions {
        true => {
            dice.pick(&[step::ANYWHERE, step::ANYWHERE, step::BY_POSITION, step::BY_POSITION, step::WITHOUT_POSITIONS])
        }
        false => step::ANYWHERE,
    };
    Step { op: dice.pick(ops), n: length(dice, 300), salt: dice.next() % 1_000 }
}
