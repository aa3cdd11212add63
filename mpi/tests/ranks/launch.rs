//! Starts ranks, and waits for them.

use std::env;
use std::process::{Command, Output};

/// The argument before the name of a case.
pub(crate) const CASE: &str = "--case";

/// What a rank prints when it has come to the end of its case.
pub(crate) const DONE: &str = "this rank is done";

/// A case on a number of ranks.
pub(crate) struct Launch {
    name: String,
    ranks: usize,
    command: Command,
}

impl Launch {
    pub(crate) fn new(case: &str, ranks: usize) -> Self {
        let launcher = env::var_os("MPIRUN").unwrap_or_else(|| "mpirun".into());
        let mut command = Command::new(launcher);
        command.args(["-n", &ranks.to_string()]).arg(env::current_exe().expect("this program")).args([CASE, case]);
        command.env_remove("PACELINE_NUM_THREADS").env_remove("RAYON_NUM_THREADS");
        // Open MPI refuses more ranks than processors, and the root user, unless it is told; other launchers do not read these.
        command.env("OMPI_MCA_rmaps_base_oversubscribe", "1");
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1").env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        Self { name: format!("{case} on {ranks} ranks"), ranks, command }
    }

    pub(crate) fn threads(self, threads: usize) -> Self {
        self.variable("PACELINE_NUM_THREADS", &threads.to_string())
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Waits for the ranks, which all come to the end of the case. Returns their output.
    pub(crate) fn succeeds(mut self) -> String {
        let (output, text) = self.output();
        let done = text.matches(DONE).count();
        assert!(output.status.success() && done == self.ranks, "{}: {}\n{text}", self.name, output.status);
        text
    }

    /// Waits for the ranks, which end with an error, and print all of `expected`.
    pub(crate) fn fails(mut self, expected: &[&str]) {
        let (output, text) = self.output();
        assert!(!output.status.success(), "{} has not failed\n{text}", self.name);
        for part in expected {
            assert!(text.contains(part), "{} has not printed `{part}`\n{text}", self.name);
        }
    }

    fn output(&mut self) -> (Output, String) {
        let output = self.command.output().expect("mpirun is there");
        let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
        (output, text)
    }
}
