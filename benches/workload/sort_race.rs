//! Contenders that put items in order, each in its own pool, in turn, on fresh copies of the same items.

use crate::harness::{Neighbours, Options, Quartiles, Rival, Stopwatch, Table, time};
use crate::workload::sorting::Item;
use std::time::{Duration, Instant};

/// How long the measuring of one row may take, within the limits on its rounds.
const BUDGET: Duration = Duration::from_millis(1500);

/// The fewest and the most rounds.
const ROUNDS: (usize, usize) = (4, 21);

/// How long a contender's turn takes, and the fewest samples of it. The first does not count: it finds the pool asleep,
/// and its threads on one processor.
const TURN: (Duration, usize) = (Duration::from_millis(25), 3);

/// Items in all the copies that are worked on between two looks at the clock.
const BATCH: usize = 30_000;

/// A library, and what it does with the items.
pub(crate) type Contender<T> = (Rival, fn(&mut [T]));

/// Where the contenders meet: a pool of each library, of equally many threads.
pub(crate) struct Arena<'a> {
    options: &'a Options,
    workers: usize,
    rayon: rayon::ThreadPool,
    paceline: paceline::ThreadPool,
}

impl<'a> Arena<'a> {
    pub(crate) fn new(options: &'a Options, workers: usize) -> Self {
        let rayon = rayon::ThreadPoolBuilder::new().num_threads(workers).build();
        let paceline = paceline::ThreadPoolBuilder::new().num_threads(workers).build();
        Self {
            options,
            workers,
            rayon: rayon.expect("the system grants the threads"),
            paceline: paceline.expect("the system grants the threads"),
        }
    }

    /// A race whose table has this title.
    pub(crate) fn race(&self, title: String) -> Race<'_, 'a> {
        let title = format!("{title}, {} workers (ns per item)", self.workers);
        let heads = [
            "input",
            "std",
            "rayon",
            "paceline",
            "quartiles",
            "time / std",
            "time / rayon",
            "cpu: std",
            "cpu: rayon",
            "cpu: paceline",
        ];
        Race {
            arena: self,
            wanted: self.options.wants(&title),
            table: Table::new(title, heads),
            neighbours: Neighbours::watch(),
        }
    }

    fn enter<R: Send>(&self, rival: Rival, work: impl FnOnce() -> R + Send) -> R {
        match rival {
            Rival::Rayon => self.rayon.install(work),
            Rival::Paceline => self.paceline.install(work),
            _ => work(),
        }
    }
}

/// One table in the making: a row for each input.
pub(crate) struct Race<'r, 'a> {
    arena: &'r Arena<'a>,
    wanted: bool,
    table: Table,
    neighbours: Neighbours,
}

/// The samples of one contender, in nanoseconds per item.
#[derive(Default)]
struct Samples {
    wall: Vec<f64>,
    processor: Vec<f64>,
}

impl Race<'_, '_> {
    /// Runs the contenders on copies of `input` and adds a row, or, where values alone count, compares their middle
    /// items with that of the first.
    pub(crate) fn run<T: Item>(&mut self, name: &str, input: &[T], contenders: &[Contender<T>]) {
        if !self.wanted {
            return;
        }
        let copies = if self.arena.options.checks() { 1 } else { BATCH.div_ceil(input.len()) };
        let mut batch: Vec<Vec<T>> = vec![input.to_vec(); copies];
        let mut samples: Vec<Samples> = contenders.iter().map(|_| Samples::default()).collect();
        let mut middle = None;
        let start = Instant::now();
        for round in 0..ROUNDS.1 {
            if round > ROUNDS.0 && start.elapsed() > BUDGET {
                break;
            }
            for (&(rival, work), samples) in contenders.iter().zip(&mut samples) {
                self.arena.enter(rival, || take_turn(&mut batch, input, work, samples));
                let found = &batch[0][input.len() / 2];
                let agrees = middle.get_or_insert_with(|| found.clone()).order(found).is_eq();
                assert!(agrees, "{name}: {rival} has another item in the middle");
            }
            if self.arena.options.checks() {
                return;
            }
        }
        self.push(name, contenders, &mut samples);
    }

    fn push<T>(&mut self, name: &str, contenders: &[Contender<T>], samples: &mut [Samples]) {
        let place = |rival| contenders.iter().position(|contender| contender.0 == rival);
        let mut wall = |rival| Some(Quartiles::of(&mut samples[place(rival)?].wall));
        let [std, rayon, ours] = [Rival::Plain, Rival::Rayon, Rival::Paceline].map(&mut wall);
        let mut processor = |rival| {
            let samples = &mut samples[place(rival)?].processor;
            (!samples.is_empty()).then(|| Quartiles::of(samples).median)
        };
        let used = [Rival::Plain, Rival::Rayon, Rival::Paceline].map(&mut processor);
        let cell = |value: Option<f64>| value.map_or_else(|| "–".into(), time);
        let ratio =
            |theirs: Option<Quartiles>| cell(ours.zip(theirs).map(|(ours, theirs)| ours.median / theirs.median));
        let median = |times: Option<Quartiles>| cell(times.map(|times| times.median));
        let quartiles = ours.map_or_else(|| "–".into(), |ours| format!("{} … {}", time(ours.low), time(ours.high)));
        let [used_std, used_rayon, used_ours] = used.map(cell);
        self.table.push([
            name.to_owned(),
            median(std),
            median(rayon),
            median(ours),
            quartiles,
            ratio(std),
            ratio(rayon),
            used_std,
            used_rayon,
            used_ours,
        ]);
    }

    /// Prints the table.
    pub(crate) fn finish(mut self) {
        if self.wanted {
            self.table.annotate(self.neighbours.note());
            self.arena.options.show(&self.table);
        }
    }
}

/// One contender's turn: again and again makes every slice of the batch a copy of `input`, then times the work on all.
fn take_turn<T: Item>(batch: &mut [Vec<T>], input: &[T], work: fn(&mut [T]), samples: &mut Samples) {
    let turn = Instant::now();
    for number in 0.. {
        for items in &mut *batch {
            items.clone_from_slice(input);
        }
        let watch = Stopwatch::start();
        for items in &mut *batch {
            work(items);
        }
        let (wall, processor) = watch.read();
        if number > 0 {
            let items = (batch.len() * input.len()) as f64;
            samples.wall.push(wall.as_nanos() as f64 / items);
            samples.processor.extend(processor.map(|time| time.as_nanos() as f64 / items));
        }
        if number + 1 >= TURN.1 && turn.elapsed() > TURN.0 {
            break;
        }
    }
}
