//! The command line.

const USAGE: &str = "Options:
  --only TEXT       only programs whose name contains TEXT
  --cores 1,2,4     on so many cores (1 to 256 by powers of two, unless given)
  --clusters N      in so many clusters (1 up to 8 cores, 2 up to 32, else 8)
  --sockets N       in so many sockets (1 up to 64 cores, else 2)
  --topologies      some programs on 64 and 256 cores that lie in different ways
  --profile         what the lines of the library's code cost, for each row
  --plot FOLDER     also draw the efficiencies, as SVG files in that folder
  --seed N          with that seed (1)
Without cargo's --bench each program runs once, on two cores.";

/// What the command line asked for.
pub(crate) struct Options {
    pub(crate) only: Option<String>,
    pub(crate) cores: Vec<usize>,
    pub(crate) clusters: Option<usize>,
    pub(crate) sockets: Option<usize>,
    pub(crate) topologies: bool,
    pub(crate) profile: bool,
    pub(crate) plot: Option<String>,
    pub(crate) seed: u64,
}

impl Options {
    /// Reads the arguments of this process; ends it with a message where they make no sense.
    pub(crate) fn from_args() -> Self {
        let mut options = Options {
            only: None,
            cores: Vec::new(),
            clusters: None,
            sockets: None,
            topologies: false,
            profile: false,
            plot: None,
            seed: 1,
        };
        let mut is_bench = false;
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().unwrap_or_else(|| refuse(&format!("{argument} needs a value")));
            match argument.as_str() {
                "--bench" => is_bench = true,
                "--test" => {}
                "--only" => options.only = Some(value()),
                "--cores" => options.cores = value().split(',').map(number).collect(),
                "--clusters" => options.clusters = Some(number(&value())),
                "--sockets" => options.sockets = Some(number(&value())),
                "--topologies" => options.topologies = true,
                "--profile" => options.profile = true,
                "--plot" => options.plot = Some(value()),
                "--seed" => options.seed = number(&value()) as u64,
                _ => refuse(&format!("{argument} is no option")),
            }
        }
        if options.cores.is_empty() {
            options.cores = if is_bench { (0..=8).map(|power| 1 << power).collect() } else { vec![2] };
        }
        options
    }
}

fn number(text: &str) -> usize {
    match text.trim().parse() {
        Ok(number) if number > 0 => number,
        _ => refuse(&format!("{text:?} is no number above 0")),
    }
}

fn refuse(reason: &str) -> ! {
    eprintln!("{reason}\n\n{USAGE}");
    std::process::exit(2);
}
