//! What is said of a fault.

use super::minimise::Found;
use std::fmt;

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { program, config, outcome, kind } = self;
        let buffers = if config.store_buffers { "with" } else { "without" };
        writeln!(f, "{kind:?}: {} operations", program.size())?;
        writeln!(f, "{program}")?;
        writeln!(
            f,
            "machine seed {}, {} cores, {:?}, {buffers} store buffers",
            config.seed, config.cores, config.schedule
        )?;
        if let Some(broken) = &outcome.findings.broken {
            writeln!(f, "broken: {broken}")?;
        }
        match &outcome.fault {
            Some(fault) => write!(f, "{fault}"),
            None => Ok(()),
        }
    }
}
