//! What else ran on the machine meanwhile: the note that tells whether a table can be trusted.

use std::fs;

use super::clock::Stopwatch;

/// Less than this many processors taken by others is not worth a note.
const NOTEWORTHY: f64 = 0.1;

/// Watches the other processes of the machine, and the hypervisor, from its creation on.
pub(crate) struct Neighbours {
    watch: Stopwatch,
    before: Option<Ticks>,
}

/// Ticks of all processors since the machine started.
struct Ticks {
    busy: u64,
    all: u64,
    processors: usize,
}

impl Neighbours {
    pub(crate) fn watch() -> Self {
        Self { watch: Stopwatch::start(), before: Ticks::now() }
    }

    /// Says how many processors others took on average, if that was enough to blur the measurement.
    pub(crate) fn note(&self) -> Option<String> {
        let (wall, own) = self.watch.read();
        let (before, now) = (self.before.as_ref()?, Ticks::now()?);
        let all = (now.all.saturating_sub(before.all)).max(1);
        let share = now.busy.saturating_sub(before.busy) as f64 / all as f64;
        let busy = share * now.processors as f64;
        let others = busy - own?.as_secs_f64() / wall.as_secs_f64();
        (others > NOTEWORTHY).then(|| {
            let processors = now.processors;
            format!("Disturbed: others took {others:.1} of {processors} processors meanwhile.")
        })
    }
}

impl Ticks {
    /// Reads Linux's count, in which time stolen by the hypervisor is busy time.
    fn now() -> Option<Self> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let is_processor =
            |line: &&str| line.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let processors = stat.lines().filter(is_processor).count();
        let sum = stat.lines().next()?.strip_prefix("cpu ")?;
        // User, nice, system, idle, waiting, interrupt, soft interrupt, stolen; guests are already in the first two.
        let ticks: Vec<u64> = sum.split_whitespace().take(8).map_while(|ticks| ticks.parse().ok()).collect();
        let all: u64 = ticks.iter().sum();
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(Self { busy: all - idle, all, processors })
    }
}
