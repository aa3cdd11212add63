//! The state of a machine: its cores, its threads, and its time.

use super::config::Config;
use super::cost::Caches;
use super::counts::{Counts, Profile};
use super::machine::Objects;
use super::report::FaultKind;
use super::schedule::{Chance, Picker};
use super::trace::{Access, LastSteps, ThreadId, Trace};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::panic::Location;

mod buffers;
mod outcome;
mod waits;

/// The kind of object that a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// A mutex, and the thread that holds it.
    Mutex(ThreadId),
    RwLock,
    Condvar,
    Once,
    Channel,
    Join(ThreadId),
    Time,
}

/// The state of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// The thread has a core.
    Running(usize),
    /// The thread waits for a core.
    Ready,
    /// The kind of wait, and the numbers of the objects at which the thread can be woken; 0 is none.
    Blocked(Waiting, [u32; 2]),
    Done,
}

#[derive(Debug)]
pub(super) struct Thread {
    pub(super) name: String,
    life: Life,
    /// The core that it had last.
    last_core: usize,
    priority: i64,
    /// Counts its waits, so that the timeout of a wait that is over is recognised.
    waits: u64,
    timed_out: bool,
    last_steps: LastSteps,
    place: &'static Location<'static>,
    /// The thread is suspended while it panics.
    pub(super) panics: bool,
    /// The number of panics that have begun in the thread by `unwind::resume_unwind` and have not been caught.
    pub(super) unwinds: usize,
}

#[derive(Debug, Default)]
struct Core {
    thread: Option<ThreadId>,
    /// The core's own time, in the discrete schedule.
    time: u64,
    slice_end: u64,
    busy: u64,
}

/// A timeout: the time, its number, the thread, and the number of that thread's wait.
type Timer = Reverse<(u64, u64, ThreadId, u64)>;

#[derive(Debug)]
pub(super) struct MachineState {
    pub(super) config: Config,
    pub(super) threads: Vec<Thread>,
    cores: Vec<Core>,
    /// The cores that have a thread, in no particular order.
    busy: Vec<usize>,
    idle: BTreeSet<usize>,
    /// Threads that wait for a core.
    ready: VecDeque<ThreadId>,
    /// In the discrete schedule the busy cores but the running one, by their time.
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    /// The running core goes on until this time without a new choice.
    horizon: u64,
    pub(super) running: ThreadId,
    core: usize,
    /// The core that was chosen to go on.
    chosen: Option<usize>,
    /// The thread with the highest priority may have changed.
    is_stale: bool,
    /// The time that all cores have reached.
    clock: u64,
    timers: BinaryHeap<Timer>,
    waiters: BTreeMap<u32, VecDeque<ThreadId>>,
    picker: Picker,
    pub(super) chance: Chance,
    caches: Caches,
    pub(super) trace: Trace,
    pub(super) objects: Objects,
    pub(super) alive: usize,
    steps: u64,
    switches: u64,
    wake_ups: u64,
    timeouts: u64,
    jumps: u64,
    last_progress: u64,
    pub(super) counts: Counts,
    profile: Option<Profile>,
    /// Where the last point was.
    place: &'static Location<'static>,
    buffers: buffers::StoreBuffers,
    pub(super) fault: Option<FaultKind>,
    program_end: Option<u64>,
}

/// In the uniform schedule, one in this number of points takes the core from the running thread, if another thread
/// waits for a core.
const PREEMPT_ONE_OF: u64 = 128;

impl MachineState {
    pub(super) fn new(config: Config) -> Self {
        let mut chance = Chance::new(config.seed);
        let picker = Picker::new(config.schedule, &mut chance);
        let is_discrete = matches!(picker, Picker::Discrete);
        let caches = Caches::new(config.costs.clone(), config.topology.clone(), is_discrete);
        let trace = Trace::new(config.trace);
        let profile = config.profile.then(Profile::new);
        MachineState {
            cores: (0..config.cores).map(|_| Core::default()).collect(),
            idle: (0..config.cores).collect(),
            config,
            threads: Vec::new(),
            busy: Vec::new(),
            ready: VecDeque::new(),
            queue: BinaryHeap::new(),
            horizon: 0,
            running: 0,
            core: 0,
            chosen: None,
            is_stale: true,
            clock: 0,
            timers: BinaryHeap::new(),
            waiters: BTreeMap::new(),
            picker,
            chance,
            caches,
            trace,
            objects: Objects::default(),
            alive: 0,
            steps: 0,
            switches: 0,
            wake_ups: 0,
            timeouts: 0,
            jumps: 0,
            last_progress: 0,
            counts: Counts::default(),
            profile,
            place: Location::caller(),
            buffers: buffers::StoreBuffers::default(),
            fault: None,
            program_end: None,
        }
    }

    fn is_discrete(&self) -> bool {
        matches!(self.picker, Picker::Discrete)
    }

    /// The running thread's time.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        if self.is_discrete() { self.clock.max(self.cores[self.core].time) } else { self.clock }
    }

    /// Takes in a point of the running thread. True if other threads should go on first.
    #[inline]
    pub(super) fn step(
        &mut self,
        access: Access,
        object: u32,
        address: usize,
        place: &'static Location<'static>,
        may_switch: bool,
    ) -> bool {
        let charge = self.caches.cost(access, object, address, self.core, self.cores[self.core].time);
        self.pass(charge.own + charge.line);
        self.counts.add(access, charge);
        self.place = place;
        if let Some(profile) = &mut self.profile {
            profile.add(place, charge);
        }
        self.note(access, object, place);
        self.fault.is_some() || may_switch && self.is_to_switch(access)
    }

    /// Records a step of the running thread.
    #[inline]
    pub(super) fn note(&mut self, access: Access, object: u32, place: &'static Location<'static>) {
        self.steps += 1;
        self.leave_by_chance();
        let now = self.now();
        self.trace.note(now, self.running, self.core, access, object);
        self.threads[self.running].last_steps.note(now, access, object, place);
        if self.steps > self.config.most_steps {
            self.fault.get_or_insert(FaultKind::StepLimit);
        }
    }

    /// Lets the time of the running core pass.
    #[inline]
    pub(super) fn pass(&mut self, ns: u64) {
        let core = &mut self.cores[self.core];
        core.busy += ns;
        if matches!(self.picker, Picker::Discrete) {
            core.time += ns;
        } else {
            self.clock += ns;
        }
        self.last_progress += ns;
        if self.last_progress > self.config.most_ns_without_progress {
            self.fault.get_or_insert(FaultKind::NoProgress);
        }
    }

    /// Lets the time of work pass; all busy cores work at the same time.
    pub(super) fn pass_work(&mut self, ns: u64) {
        let at_once = if self.is_discrete() { 1 } else { self.busy.len().max(1) as u64 };
        self.progress();
        let ns = ns.div_ceil(at_once);
        self.pass(ns);
        self.counts.work_ns += ns;
        self.progress();
    }

    /// Records progress.
    pub(super) fn progress(&mut self) {
        (self.last_progress, self.jumps) = (0, 0);
    }

    #[inline]
    fn is_to_switch(&mut self, access: Access) -> bool {
        match &mut self.picker {
            Picker::Discrete => {
                let core = &mut self.cores[self.core];
                if matches!(access, Access::Yield) {
                    // The thread gives up the rest of its slice.
                    core.slice_end = core.time;
                }
                core.time > self.horizon || matches!(access, Access::Yield)
            }
            Picker::Uniform => {
                let chance = self.chance.next();
                let chosen = self.busy[(((chance >> 32) * self.busy.len() as u64) >> 32) as usize];
                let preempts = !self.ready.is_empty()
                    && (chance % PREEMPT_ONE_OF == 0 || matches!(access, Access::Yield | Access::Spin));
                if preempts {
                    self.preempt();
                    return true;
                }
                self.chosen = Some(chosen);
                chosen != self.core || self.timers.peek().is_some_and(|timer| timer.0.0 <= self.clock)
            }
            Picker::Pct(pct) => {
                if pct.is_to_fall(self.steps) || matches!(access, Access::Yield | Access::Spin) {
                    self.threads[self.running].priority = pct.fall();
                    self.is_stale = true;
                }
                self.is_stale || self.timers.peek().is_some_and(|timer| timer.0.0 <= self.clock)
            }
        }
    }

    /// Takes the core from the running thread and gives it to the next thread that waits for one.
    fn preempt(&mut self) {
        let (core, running) = (self.core, self.running);
        let Some(next) = self.ready.pop_front() else { return };
        self.threads[running].life = Life::Ready;
        self.ready.push_back(running);
        self.put_on(next, core);
    }

    fn put_on(&mut self, thread: ThreadId, core: usize) {
        self.threads[thread].life = Life::Running(core);
        self.threads[thread].last_core = core;
        let switch = self.caches.costs().context_switch;
        let slice = self.caches.costs().time_slice;
        let core = &mut self.cores[core];
        core.thread = Some(thread);
        core.time += switch;
        core.busy += switch;
        self.counts.switch_ns += switch;
        core.slice_end = core.time + slice;
    }

    /// Adds a thread that the running one starts.
    pub(super) fn add_thread(&mut self, name: String, place: &'static Location<'static>) -> ThreadId {
        let id = self.threads.len();
        let priority = (self.chance.next() >> 2) as i64;
        self.threads.push(Thread {
            name,
            life: Life::Ready,
            last_core: 0,
            priority,
            waits: 0,
            timed_out: false,
            last_steps: LastSteps::default(),
            place,
            panics: false,
            unwinds: 0,
        });
        self.alive += 1;
        self.progress();
        let from = self.now() + self.caches.costs().wake_up;
        self.make_ready(id, from);
        id
    }

    /// Gives a thread a core that is idle, or lets it wait for one.
    fn make_ready(&mut self, thread: ThreadId, from: u64) {
        self.is_stale = true;
        if matches!(self.picker, Picker::Pct(_)) && self.idle.is_empty() {
            // Under PCT every thread has a core.
            self.idle.insert(self.cores.len());
            self.cores.push(Core::default());
        }
        let last = self.threads[thread].last_core;
        let core = if self.idle.contains(&last) { Some(last) } else { self.idle.first().copied() };
        let Some(core) = core else {
            self.threads[thread].life = Life::Ready;
            self.ready.push_back(thread);
            self.horizon = self.horizon.min(self.cores[self.core].slice_end);
            return;
        };
        self.idle.remove(&core);
        self.busy.push(core);
        self.cores[core].time = self.cores[core].time.max(from);
        self.put_on(thread, core);
        if self.is_discrete() {
            let time = self.cores[core].time;
            self.queue.push(Reverse((time, core)));
            self.horizon = self.horizon.min(time);
        }
    }

    /// Takes the core from the running thread, which has blocked or ended.
    fn leave_core(&mut self) {
        let core = self.core;
        self.is_stale = true;
        if let Some(next) = self.ready.pop_front() {
            self.put_on(next, core);
            if self.is_discrete() {
                self.queue.push(Reverse((self.cores[core].time, core)));
            }
        } else {
            self.cores[core].thread = None;
            let place = self.busy.iter().position(|&busy| busy == core).expect("the running core is busy");
            self.busy.swap_remove(place);
            self.idle.insert(core);
        }
    }

    pub(super) fn is_done(&self, id: ThreadId) -> bool {
        self.threads[id].life == Life::Done
    }

    /// Keeps the running thread, which was suspended, on its core.
    fn keep_core(&mut self) {
        if self.is_discrete() && self.cores[self.core].thread == Some(self.running) {
            self.queue.push(Reverse((self.cores[self.core].time, self.core)));
        }
    }

    /// Chooses the thread that goes on, after the running thread was suspended or has ended. `None` if no thread can go
    /// on, or the run is given up.
    pub(super) fn choose(&mut self, was_suspended: bool) -> Option<ThreadId> {
        if was_suspended && self.threads[self.running].life == Life::Running(self.core) {
            self.keep_core();
        }
        let before = self.running;
        loop {
            if self.fault.is_some() {
                return None;
            }
            let first = if self.is_discrete() {
                self.queue.peek().map(|core| core.0.0)
            } else {
                (!self.busy.is_empty()).then_some(self.clock)
            };
            let timer = self.timers.peek().map(|timer| timer.0.0);
            match (first, timer) {
                (None, None) => return self.rest(),
                (first, Some(time)) if first.is_none_or(|first| time <= first) => self.fire(first.is_none()),
                _ if self.is_discrete() && self.rotate() => {}
                _ => break,
            }
        }
        self.core = self.pick();
        self.running = self.cores[self.core].thread.expect("a busy core has a thread");
        self.switches += u64::from(self.running != before);
        if let Picker::Pct(pct) = &mut self.picker {
            pct.since = if self.running == before { pct.since } else { self.steps };
        }
        Some(self.running)
    }

    /// Called when no thread can go on: a deadlock, unless the program has ended.
    fn rest(&mut self) -> Option<ThreadId> {
        if self.program_end.is_none() {
            self.fault = Some(FaultKind::Deadlock);
        }
        None
    }

    /// If the time slice of the first core is over, and a thread waits for a core, that thread goes on there.
    fn rotate(&mut self) -> bool {
        let Some(&Reverse((time, core))) = self.queue.peek() else { return false };
        if self.ready.is_empty() || time < self.cores[core].slice_end {
            return false;
        }
        self.queue.pop();
        let before = self.cores[core].thread.expect("a busy core has a thread");
        let next = self.ready.pop_front().expect("there is one");
        self.threads[before].life = Life::Ready;
        self.ready.push_back(before);
        self.put_on(next, core);
        self.queue.push(Reverse((self.cores[core].time, core)));
        true
    }

    /// Chooses the busy core that goes on.
    fn pick(&mut self) -> usize {
        let chosen = self.chosen.take();
        match &mut self.picker {
            Picker::Discrete => {
                let Some(Reverse((time, core))) = self.queue.pop() else { unreachable!("there is a busy core") };
                self.clock = self.clock.max(time);
                let others = self.queue.peek().map_or(u64::MAX, |other| other.0.0);
                let timer = self.timers.peek().map_or(u64::MAX, |timer| timer.0.0);
                let slice = if self.ready.is_empty() { u64::MAX } else { self.cores[core].slice_end };
                self.horizon = others.min(timer).min(slice);
                core
            }
            Picker::Uniform => {
                let busy = |core: &usize| self.cores[*core].thread.is_some();
                chosen.filter(busy).unwrap_or_else(|| self.busy[self.chance.below(self.busy.len())])
            }
            Picker::Pct(_) => {
                self.is_stale = false;
                let priority = |core: &usize| self.cores[*core].thread.map(|thread| self.threads[thread].priority);
                self.busy.iter().copied().max_by_key(priority).expect("there is a busy core")
            }
        }
    }

    /// The core of the running thread.
    pub(super) fn core(&self) -> usize {
        self.core
    }
}
