//! The machine: one real thread that runs the virtual ones, each on a stack of its own.

use super::config::Config;
use super::counts::Counts;
use super::local::Locals;
use super::report::{Fault, FaultKind, Report};
use super::stack;
use super::state::{MachineState, Waiting};
use super::trace::{Access, ThreadId};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::mem;
use std::panic::{self, AssertUnwindSafe, Location};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// One run.
///
/// 1. While `CURRENT` of a real thread points to a machine, that machine is alive: `run` puts the pointer there, keeps the
///    machine in its frame, and takes the pointer out before it returns.
/// 2. `yielders` has a pointer to the yielder of each thread that has begun and not ended; the yielder is at the base
///    of the thread's stack. Only that thread uses it, while it is the running thread.
pub(super) struct Machine {
    state: RefCell<MachineState>,
    yielders: RefCell<Vec<*const Yielder<(), ()>>>,
    /// Threads that the root has not taken over yet.
    newborn: RefCell<Vec<Born>>,
    locals: RefCell<Vec<Rc<Locals>>>,
    at_end: RefCell<Vec<Box<dyn FnOnce()>>>,
    after: RefCell<Vec<Box<dyn FnOnce()>>>,
    /// The numbers of pieces of code, by their address.
    code: RefCell<HashMap<usize, usize>>,
    /// Identifies this run among all runs of the process; not 0.
    number: u32,
    has_store_buffers: bool,
    /// The number of threads that are suspended while they panic.
    suspended_panics: Cell<usize>,
}

/// The body of a thread.
pub(super) type ThreadBody = Box<dyn FnOnce()>;

struct Born {
    coroutine: Coroutine<(), (), (), DefaultStack>,
    is_stack_kept: bool,
}

std::thread_local! {
    static CURRENT: Cell<*const Machine> = const { Cell::new(ptr::null()) };
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Calls `f` with the machine that the calling thread runs on, if it is a virtual thread.
#[inline]
pub(super) fn with<R>(f: impl FnOnce(Option<&Machine>) -> R) -> R {
    let machine = CURRENT.get();
    // SAFETY: it is null or alive (invariant 1); `f` runs on a virtual thread, or in `run`, while `run`'s frame is there.
    f(unsafe { machine.as_ref() })
}

/// As [`with`], for functions that make sense only in a run.
///
/// # Panics
///
/// Outside of runs.
pub(super) fn with_run<R>(what: &str, f: impl FnOnce(&Machine) -> R) -> R {
    with(|machine| match machine {
        Some(machine) => f(machine),
        None => panic!("{what} outside of a run of the simulated machine"),
    })
}

/// The number that the trace uses for an object; objects are numbered in the order of their first use in a run. It is
/// stored in the object, because another object may later have the same address. The first run that uses the object
/// stores the object's number there, together with its own. Later runs, and runs on other real threads, find the number
/// by the object's address: such an object outlives runs, for instance as a static.
#[derive(Debug)]
pub(super) struct Identity(AtomicU64);

/// The numbers of a run's objects.
#[derive(Debug, Default)]
pub(super) struct Objects {
    count: u32,
    /// The numbers of objects that another run has used before, by their address.
    elder: BTreeMap<usize, u32>,
}

impl Identity {
    pub(super) const fn new() -> Self {
        Identity(AtomicU64::new(0))
    }

    /// Resets it, as if it had not been used.
    pub(super) fn forget(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    #[inline]
    fn number(&self, run: u32, objects: &mut Objects) -> u32 {
        let known = self.0.load(Ordering::Relaxed);
        if (known >> 32) as u32 == run { known as u32 } else { self.first_number(run, objects) }
    }

    #[cold]
    fn first_number(&self, run: u32, objects: &mut Objects) -> u32 {
        let next = objects.count + 1;
        let named = u64::from(run) << 32 | u64::from(next);
        let number = match self.0.compare_exchange(0, named, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => next,
            Err(_) => *objects.elder.entry(ptr::from_ref(self).addr()).or_insert(next),
        };
        objects.count = objects.count.max(number);
        number
    }
}

/// A point of the running thread, before its operation on an object. Other threads may go on first.
#[inline]
#[track_caller]
pub(super) fn point(access: Access, object: &Identity) {
    let place = Location::caller();
    with(|machine| {
        if let Some(machine) = machine {
            machine.point(access, Some(object), place);
        }
    });
}

/// As [`point`], for an operation without an object.
#[inline]
#[track_caller]
pub(super) fn point_alone(access: Access) {
    let place = Location::caller();
    with(|machine| {
        if let Some(machine) = machine {
            machine.point(access, None, place);
        }
    });
}

/// Changes the counters, for events that only the caller knows.
pub(super) fn count(f: impl FnOnce(&mut Counts)) {
    with(|machine| {
        if let Some(machine) = machine {
            f(&mut machine.state.borrow_mut().counts);
        }
    });
}

/// Registers a hook that the program's thread runs when the program has ended, the last one first.
pub(crate) fn at_end_of_run(hook: impl FnOnce() + 'static) {
    with(|machine| {
        if let Some(machine) = machine {
            machine.at_end.borrow_mut().push(Box::new(hook));
        }
    });
}

/// Registers a hook that is called when the run is over, if all of its threads have ended.
pub(crate) fn after_run(hook: impl FnOnce() + 'static) {
    with(|machine| {
        if let Some(machine) = machine {
            machine.after.borrow_mut().push(Box::new(hook));
        }
    });
}

/// The number of the code at an address, in the order of its first use in the run.
pub(crate) fn number_of_code(address: usize) -> usize {
    with(|machine| {
        machine.map_or(address, |machine| {
            let mut code = machine.code.borrow_mut();
            let next = code.len() + 1;
            // At distances like those of function addresses.
            *code.entry(address).or_insert(next * 16)
        })
    })
}

/// Prints the seed of the current run, if there is one, before the process is aborted.
pub(crate) fn say_seed() {
    with(|machine| {
        if let Some(config) = machine.and_then(|machine| Some(machine.state.try_borrow().ok()?.config.clone())) {
            eprintln!("in a run of the simulated machine with seed {}, {:?}", config.seed, config.schedule);
        }
    });
}

impl Machine {
    fn new(config: Config) -> Self {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        Machine {
            has_store_buffers: config.store_buffers,
            state: RefCell::new(MachineState::new(config)),
            yielders: RefCell::default(),
            newborn: RefCell::default(),
            locals: RefCell::default(),
            at_end: RefCell::default(),
            after: RefCell::default(),
            code: RefCell::default(),
            number: RUNS.fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1),
            suspended_panics: Cell::new(0),
        }
    }

    #[inline]
    pub(super) fn has_store_buffers(&self) -> bool {
        self.has_store_buffers
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    pub(super) fn config<R>(&self, f: impl FnOnce(&Config) -> R) -> R {
        f(&self.state.borrow().config)
    }

    pub(super) fn with_state<R>(&self, f: impl FnOnce(&mut MachineState) -> R) -> R {
        f(&mut self.state.borrow_mut())
    }

    /// The number of an object in the trace.
    pub(super) fn number_of(&self, object: &Identity) -> u32 {
        object.number(self.number, &mut self.state.borrow_mut().objects)
    }

    #[inline]
    fn point(&self, access: Access, object: Option<&Identity>, place: &'static Location<'static>) {
        // std counts panics for each real thread. So a thread that panics goes on until it blocks, spins or yields.
        let may_switch = !self.is_panicking() || matches!(access, Access::Spin | Access::Yield);
        let switches = {
            let state = &mut *self.state.borrow_mut();
            let number = object.map_or(0, |object| object.number(self.number, &mut state.objects));
            let address = object.map_or(0, |object| ptr::from_ref(object).addr());
            state.step(access, number, address, place, may_switch)
        };
        if switches {
            self.suspend();
        }
        if self.has_store_buffers {
            self.state.borrow_mut().pass_buffers(access);
        }
    }

    /// True if the running thread panics: exact, unless its panic began elsewhere than in `unwind` while another thread was
    /// suspended in a panic.
    pub(super) fn is_panicking(&self) -> bool {
        let unwinds = || self.with_state(|state| state.threads[state.running].unwinds > 0);
        std::thread::panicking() && (self.suspended_panics.get() == 0 || unwinds())
    }

    /// The running thread begins to panic.
    pub(super) fn begin_unwinding(&self) {
        self.with_state(|state| state.threads[state.running].unwinds += 1);
    }

    /// A panic of the running thread has been caught.
    pub(super) fn end_unwinding(&self) {
        self.with_state(|state| {
            let unwinds = &mut state.threads[state.running].unwinds;
            *unwinds = unwinds.saturating_sub(1);
        });
    }

    /// Suspends the running thread to the root, which resumes it later.
    fn suspend(&self) {
        let running = self.state.borrow().running;
        let panics = self.is_panicking();
        self.suspended_panics.set(self.suspended_panics.get() + usize::from(panics));
        self.state.borrow_mut().threads[running].panics = panics;
        let yielder = self.yielders.borrow()[running];
        // SAFETY: the calling thread is the running one, and the yielder is at the base of its stack (invariant 2).
        unsafe { &*yielder }.suspend(());
        self.state.borrow_mut().threads[running].panics = false;
        self.suspended_panics.set(self.suspended_panics.get() - usize::from(panics));
    }

    /// Blocks the running thread until it is woken at one of the objects. False if the deadline passed first.
    pub(super) fn block(
        &self,
        waiting: Waiting,
        objects: [Option<&Identity>; 2],
        deadline: Option<u64>,
        place: &'static Location<'static>,
    ) -> bool {
        let numbers = objects.map(|object| object.map_or(0, |object| self.number_of(object)));
        self.state.borrow_mut().block(waiting, numbers, deadline, place);
        self.suspend();
        !self.state.borrow().has_timed_out()
    }

    /// Wakes a thread that waits at the object, if there is one.
    pub(super) fn wake_one(&self, object: &Identity) -> bool {
        let number = self.number_of(object);
        self.state.borrow_mut().wake_one(number)
    }

    /// Wakes all threads that wait at the object.
    pub(super) fn wake_all(&self, object: &Identity) {
        let number = self.number_of(object);
        self.state.borrow_mut().wake_all(number);
    }

    /// The locals of the running thread.
    pub(super) fn locals(&self) -> Rc<Locals> {
        let running = self.state.borrow().running;
        Rc::clone(&self.locals.borrow()[running])
    }

    /// Starts a thread.
    pub(super) fn spawn(
        &self,
        name: String,
        stack_size: Option<usize>,
        body: ThreadBody,
        place: &'static Location<'static>,
    ) -> io::Result<ThreadId> {
        if self.state.borrow().alive >= self.config(|config| config.most_threads) {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        let (stack, is_stack_kept) = stack::take(stack_size)?;
        let id = self.state.borrow_mut().add_thread(name, place);
        self.locals.borrow_mut().push(Rc::new(Locals::new()));
        self.yielders.borrow_mut().push(ptr::null());
        let begin =
            move |yielder: &Yielder<(), ()>, ()| with_run("a thread", |machine| machine.begin(id, yielder, body));
        let coroutine = Coroutine::with_stack(stack, begin);
        self.newborn.borrow_mut().push(Born { coroutine, is_stack_kept });
        Ok(id)
    }

    /// The main function of a thread, on its own stack. `body` does not unwind.
    fn begin(&self, id: ThreadId, yielder: &Yielder<(), ()>, body: ThreadBody) {
        self.yielders.borrow_mut()[id] = yielder;
        self.point(Access::Begin, None, Location::caller());
        body();
        let locals = self.locals();
        locals.destroy();
        let state = &mut *self.state.borrow_mut();
        state.pass_buffers(Access::End);
        state.note(Access::End, 0, Location::caller());
    }

    /// Runs all threads until none can go on, or the run is given up.
    fn run_threads(&self) {
        let mut threads: Vec<Option<Born>> = Vec::new();
        let mut next = self.state.borrow_mut().choose(false);
        while let Some(id) = next {
            threads.extend(self.newborn.borrow_mut().drain(..).map(Some));
            let thread = threads[id].as_mut().expect("a thread that is chosen has not ended");
            let is_suspended = matches!(thread.coroutine.resume(()), CoroutineResult::Yield(()));
            if !is_suspended {
                self.state.borrow_mut().end_thread();
                if let Some(Born { coroutine, is_stack_kept: true }) = threads[id].take() {
                    stack::give_back(coroutine.into_stack());
                }
            }
            next = self.state.borrow_mut().choose(is_suspended);
        }
        // The threads that are left are never run again. Unwinding them would run the library's code, which must not
        // unwind everywhere. So they are leaked, with the contents of their frames.
        threads.extend(self.newborn.borrow_mut().drain(..).map(Some));
        threads.into_iter().for_each(mem::forget);
    }
}

/// Resets `CURRENT` when the run ends, also by a panic.
struct CurrentMachine;

impl Drop for CurrentMachine {
    fn drop(&mut self) {
        CURRENT.set(ptr::null());
    }
}

/// Runs a program. See [`run`](super::run).
#[track_caller]
pub(super) fn run(config: Config, program: ThreadBody) -> Result<Report, Fault> {
    let place = Location::caller();
    assert!(CURRENT.get().is_null(), "a run within a run of the simulated machine");
    #[cfg(unix)]
    let _memory = super::memory::OwnMemory::begin();
    let machine = Machine::new(config);
    CURRENT.set(&raw const machine);
    let running = CurrentMachine;
    let main = move || {
        if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(program)) {
            let message = message_of(&*payload);
            with_run("a program", |machine| {
                machine.with_state(|state| state.fault.get_or_insert(FaultKind::Panic(message)).clone())
            });
            return;
        }
        while let Some(hook) = with_run("a program", |machine| machine.at_end.borrow_mut().pop()) {
            hook();
        }
    };
    machine.spawn("program".to_owned(), None, Box::new(main), place).expect("there is memory for a stack");
    machine.run_threads();
    let (report, alive) = machine.with_state(|state| (state.report(), state.alive));
    drop(running);
    let after = machine.after.take();
    if alive == 0 {
        after.into_iter().for_each(|hook| hook());
    } else {
        // Threads that are never run again may have references to the hooks' captures.
        mem::forget((after, machine.at_end.take()));
    }
    report
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a payload that is no text".to_owned())
}
