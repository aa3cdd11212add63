//! The processors that a container has requested, read back from the weight of its cgroup.
//!
//! Kubernetes turns `requests.cpu` into *shares*, 1024 for a processor and at least 2
//! ([`MilliCPUToShares`](https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/cm/helpers_linux.go)). Docker's
//! `--cpu-shares` sets them as well. In cgroup v1 they are the contents of `cpu.shares`. In cgroup v2 the runtime writes a
//! weight between 1 and 10,000 to `cpu.weight`, and there are two formulas for it:
//!
//! - linear: `1 + (shares - 2) * 9999 / 262142`, rounded down; one processor is 39. All runtimes used it until 2025
//!   ([KEP-2254](https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2254-cgroup-v2)).
//! - quadratic: `10^((l * l + 125 * l) / 612 - 7 / 34)`, rounded up, where `l` is the binary logarithm of the shares; one
//!   processor is 100. runc has it since 1.3.2 (<https://github.com/opencontainers/runc/issues/4896>), crun since 1.23
//!   (<https://github.com/containers/crun/issues/1721>). The reasons are in
//!   <https://kubernetes.io/blog/2026/01/30/new-cgroup-v1-to-v2-cpu-conversion-formula/>.
//!
//! A weight does not tell which formula made it. It is read as quadratic, for two reasons. That is the formula of today. And
//! at most twice the request, which is how the answer is used (`pool/size.rs`), is then no fewer threads than whole
//! processors were requested, also if the weight is a linear one. A quadratic weight that is read as linear comes to as much
//! as four times the request, 2.5 times that of one processor.
//!
//! A cgroup to which no one has given a weight has 1024 shares, or the weight 100. A container may have requested one
//! processor and look the same. Within Kubernetes it has: there a container that requests nothing has 2 shares, or the
//! weight 1. Anywhere else these two values mean that nothing was requested.

use crate::sync::environment;
use std::fs;
use std::path::{Path, PathBuf};

/// What shares and weights at their defaults mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defaults {
    /// No one has set them.
    Unset,
    /// A request of one processor.
    OneProcessor,
}

/// How the processors are divided among the cgroups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// By `cpu.shares`.
    V1,
    /// By `cpu.weight`.
    V2,
}

/// The shares for each processor requested, and the shares of a cgroup that was given none.
const SHARES_OF_ONE: f64 = 1024.0;

/// The least shares. They stand for a request of none.
const LEAST_SHARES: f64 = 2.0;

/// The processors, in parts of one, that the process keeps when all others want theirs: those that its container has
/// requested. `None` if it has requested none, or the system does not tell.
pub(crate) fn requested_processors() -> Option<f64> {
    let is_in_kubernetes = environment::variable("KUBERNETES_SERVICE_HOST").is_some();
    read(Path::new("/"), if is_in_kubernetes { Defaults::OneProcessor } else { Defaults::Unset })
}

/// Reads it from the files under `root`.
fn read(root: &Path, defaults: Defaults) -> Option<f64> {
    let under_root = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let text = |path: &Path| fs::read_to_string(under_root(path)).ok();
    let (version, group) = group_of(&text(Path::new("/proc/self/cgroup"))?)?;
    let (top, folder) = folder_of(&text(Path::new("/proc/self/mountinfo"))?, version, &group)?;
    // A cgroup without the file has no weight of its own: it has that of the next one above.
    let mut places = folder.ancestors().take_while(|place| place.starts_with(&top));
    places.find_map(|place| text(&place.join(version.file()))).and_then(|value| version.request(&value, defaults))
}

/// The cgroup that divides the processors, from the text of `/proc/self/cgroup`. Where both versions are mounted, v1 does
/// if it has the controller.
fn group_of(text: &str) -> Option<(Version, PathBuf)> {
    let find = |has_controller: fn(&str) -> bool| {
        text.lines().find_map(|line| {
            let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
            has_controller(controllers).then(|| PathBuf::from(path))
        })
    };
    let v1 = find(|controllers| controllers.split(',').any(|name| name == "cpu")).map(|path| (Version::V1, path));
    v1.or_else(|| find(str::is_empty).map(|path| (Version::V2, path)))
}

/// The folder of a cgroup, after the folder at which its hierarchy is mounted, from the text of `/proc/self/mountinfo`.
fn folder_of(text: &str, version: Version, group: &Path) -> Option<(PathBuf, PathBuf)> {
    text.lines().find_map(|line| {
        let (mount, system) = line.split_once(" - ")?;
        if !version.is_mounted(system) {
            return None;
        }
        let mut fields = mount.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let below = group.strip_prefix(root).ok()?;
        let is_inside = below.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        is_inside.then(|| (PathBuf::from(point), Path::new(point).join(below)))
    })
}

impl Version {
    fn file(self) -> &'static str {
        match self {
            Version::V1 => "cpu.shares",
            Version::V2 => "cpu.weight",
        }
    }

    /// Whether a line of `mountinfo` that ends like this is of the hierarchy in question. The end has the type, the source,
    /// and the options, which are the controllers in v1.
    fn is_mounted(self, system: &str) -> bool {
        let mut fields = system.split(' ');
        match self {
            Version::V1 => {
                fields.next() == Some("cgroup")
                    && fields.nth(1).is_some_and(|options| options.split(',').any(|name| name == "cpu"))
            }
            Version::V2 => fields.next() == Some("cgroup2"),
        }
    }

    /// The processors requested, from the contents of the [`file`](Version::file).
    fn request(self, value: &str, defaults: Defaults) -> Option<f64> {
        let value: u32 = value.trim().parse().ok()?;
        let (default, shares) = match self {
            Version::V1 => (1024, f64::from(value)),
            Version::V2 => (100, least_shares_of(value)),
        };
        if value == default && defaults == Defaults::Unset {
            return None;
        }
        Some(if shares <= LEAST_SHARES { 0.0 } else { shares / SHARES_OF_ONE })
    }
}

/// The shares above which the quadratic formula comes to a weight. The formula rounds up, so these are the shares that come
/// to the next lower weight exactly. (A cgroup of idle threads reads as the weight 0.)
fn least_shares_of(weight: u32) -> f64 {
    if weight < 2 {
        return LEAST_SHARES;
    }
    let exponent = f64::from(weight - 1).log10() + 7.0 / 34.0;
    let logarithm = ((125.0 * 125.0 + 4.0 * 612.0 * exponent).sqrt() - 125.0) / 2.0;
    logarithm.exp2()
}

// Miri's logarithms err by chance, and the weights hang on them.
#[cfg(all(test, not(loom), not(miri)))]
mod tests;
