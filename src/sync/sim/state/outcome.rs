//! The outcome of a run.

use super::{Life, MachineState, Waiting};
use crate::sync::sim::counts::{Counts, Profile};
use crate::sync::sim::report::{Fault, Report, ThreadReport};
use crate::sync::sim::trace::ThreadId;

impl MachineState {
    /// The counters so far.
    pub(in crate::sync::sim) fn counts_now(&self) -> Counts {
        let busy_ns = self.cores.iter().map(|core| core.busy).sum();
        Counts { now: self.now(), busy_ns, wake_ups: self.wake_ups, ..self.counts }
    }

    /// The outcome of the run, at its end.
    pub(in crate::sync::sim) fn report(&mut self) -> Result<Report, Fault> {
        let asleep = self.threads.iter().filter(|thread| thread.life != Life::Done);
        match self.fault.clone() {
            None => Ok(Report {
                virtual_ns: self.program_end.unwrap_or(self.clock),
                busy_ns: self.cores.iter().map(|core| core.busy).sum(),
                steps: self.steps,
                switches: self.switches,
                wake_ups: self.wake_ups,
                timeouts: self.timeouts,
                threads: self.threads.len(),
                left_over: asleep.map(|thread| thread.name.clone()).collect(),
                counts: self.counts_now(),
                places: self.profile.as_ref().map_or_else(Vec::new, Profile::places),
                trace_hash: self.trace.hash(),
                trace: self.trace.take_text(),
            }),
            Some(kind) => Err(Fault {
                kind,
                seed: self.config.seed,
                virtual_ns: self.now(),
                steps: self.steps,
                threads: (0..self.threads.len()).filter_map(|id| self.thread_report(id)).collect(),
                trace_hash: self.trace.hash(),
                trace: self.trace.take_text(),
            }),
        }
    }

    fn thread_report(&self, id: ThreadId) -> Option<ThreadReport> {
        let thread = &self.threads[id];
        let waits_for = match thread.life {
            Life::Done => return None,
            Life::Running(_) | Life::Ready => None,
            Life::Blocked(waiting, [object, _]) => Some(match waiting {
                Waiting::Mutex(holder) => {
                    let name = self.threads.get(holder).map_or("outside of the run", |thread| &thread.name);
                    format!("mutex #{object}, held by thread {holder} ({name})")
                }
                Waiting::Join(other) => format!("the end of thread {other} ({})", self.threads[other].name),
                Waiting::Time => "a time".to_owned(),
                Waiting::RwLock => format!("read-write lock #{object}"),
                Waiting::Condvar => format!("condition variable #{object}"),
                Waiting::Once => format!("the maker of #{object}"),
                Waiting::Channel => format!("channel #{object}"),
            }),
        };
        let last_steps = thread.last_steps.lines();
        Some(ThreadReport { id, name: thread.name.clone(), waits_for, at: thread.place.to_string(), last_steps })
    }
}
