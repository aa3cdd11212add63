//! What a program is: the same items by plain calls and in parallel, and the best that a schedule could make of them.

use std::rc::Rc;

/// A program.
pub(crate) struct Program {
    /// For `--only`.
    pub(crate) name: &'static str,
    /// For titles.
    pub(crate) title: &'static str,
    /// By plain calls; a run on one core measures it.
    pub(crate) serial: Rc<dyn Fn()>,
    /// By the library, from the main thread.
    pub(crate) parallel: Rc<dyn Fn()>,
    /// What comes before the call that is measured.
    pub(crate) before: Before,
    /// For so long only the main thread has something to do, in nanoseconds.
    pub(crate) alone_ns: u64,
    /// The longest chain of items, in nanoseconds: each item of a chain waits for the one before.
    pub(crate) span_ns: u64,
    /// Items of this length cannot be cut.
    pub(crate) whole_ns: u64,
    /// It runs on machines of at most so many cores.
    pub(crate) most_cores: usize,
}

/// What comes before the call that is measured. The first call, which starts the threads, always comes long before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Another such call.
    Alike,
    /// 20 ms without any.
    Rest,
}

impl Program {
    /// A program that comes in a burst of calls and can be cut anywhere.
    pub(crate) fn new(
        name: &'static str,
        title: &'static str,
        serial: impl Fn() + 'static,
        parallel: impl Fn() + 'static,
    ) -> Self {
        Program {
            name,
            title,
            serial: Rc::new(serial),
            parallel: Rc::new(parallel),
            before: Before::Alike,
            alone_ns: 0,
            span_ns: 0,
            whole_ns: 1,
            most_cores: usize::MAX,
        }
    }

    /// The same, with this much of the work on the main thread alone.
    pub(crate) fn alone(self, alone_ns: u64) -> Self {
        Program { alone_ns, ..self }
    }

    /// The same with a chain of this length in it.
    pub(crate) fn span(self, span_ns: u64) -> Self {
        Program { span_ns, ..self }
    }

    /// The same, all of whose items are this long.
    pub(crate) fn whole(self, whole_ns: u64) -> Self {
        Program { whole_ns, ..self }
    }

    /// The same on at most so many cores.
    pub(crate) fn up_to(self, most_cores: usize) -> Self {
        Program { most_cores, ..self }
    }

    /// The same after a rest.
    pub(crate) fn at_rest(self) -> Self {
        Program { before: Before::Rest, ..self }
    }

    /// The least time on so many cores, of a program that takes `serial_ns` on one.
    pub(crate) fn ideal_ns(&self, serial_ns: u64, cores: usize) -> u64 {
        let shared = serial_ns.saturating_sub(self.alone_ns);
        let items = shared.div_ceil(self.whole_ns);
        let even =
            if self.whole_ns == 1 { shared / cores as u64 } else { items.div_ceil(cores as u64) * self.whole_ns };
        self.alone_ns + even.max(self.span_ns)
    }
}
