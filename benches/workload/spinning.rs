//! Libraries whose threads spin between regions, as shared objects: OpenMP in C, and the crate `fork_union`. They are built
//! where their compilers are, when the bench begins.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::regions::Regions;
use crate::harness::Rival;

/// `regions(times, items, steps, gap in ns, threads)`: runs so many regions, and returns the sum of the last.
type RunRegions = unsafe extern "C" fn(u64, u64, u32, u64, u32) -> u64;

/// A library that could be built.
#[derive(Clone, Copy)]
pub(crate) struct Spinning {
    pub(crate) rival: Rival,
    run: RunRegions,
}

impl Spinning {
    /// Those that can be built here. Says which cannot.
    pub(crate) fn all() -> Vec<Self> {
        let built = [(Rival::OpenMp, openmp()), (Rival::ForkUnion, fork_union())];
        let load = |(rival, object): (Rival, Option<PathBuf>)| {
            let run = object.as_deref().and_then(load);
            if run.is_none() {
                println!("{rival} is left out: it cannot be built here");
            }
            Some(Self { rival, run: run? })
        };
        built.into_iter().filter_map(load).collect()
    }

    /// Runs so many regions, and returns the sum of the last.
    pub(crate) fn run(self, times: u64, regions: Regions, steps: u32, workers: usize) -> u64 {
        let gap = regions.gap.as_nanos() as u64;
        // SAFETY: both define the function with this signature, and take all values but no threads.
        unsafe { (self.run)(times, regions.items as u64, steps, gap, workers.max(1) as u32) }
    }
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/spinning")
}

fn made(command: &mut Command, object: PathBuf) -> Option<PathBuf> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    (status.ok()?.success() && object.exists()).then_some(object)
}

fn openmp() -> Option<PathBuf> {
    let object = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libopenmp_regions.so");
    let options = ["-O2", "-fopenmp", "-shared", "-fPIC", "-o"];
    made(Command::new("gcc").args(options).arg(&object).arg(sources().join("openmp.c")), object)
}

fn fork_union() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fork_union");
    let object = target.join("release/libfork_union_regions.so");
    let manifest = sources().join("fork_union/Cargo.toml");
    let mut cargo = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    made(cargo.args(["build", "--release", "--target-dir"]).arg(target).arg("--manifest-path").arg(manifest), object)
}

#[cfg(unix)]
fn load(object: &Path) -> Option<RunRegions> {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;

    let path = CString::new(object.as_os_str().as_bytes()).ok()?;
    // SAFETY: the string ends with a zero; the object has no code that runs when it is loaded but its libraries' own.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    if handle.is_null() {
        return None;
    }
    // SAFETY: the object is loaded, and the string ends with a zero.
    let function = unsafe { libc::dlsym(handle, c"regions".as_ptr()) };
    // SAFETY: it is null or the function of that signature; the object is never unloaded.
    unsafe { std::mem::transmute::<*mut libc::c_void, Option<RunRegions>>(function) }
}

#[cfg(not(unix))]
fn load(_object: &Path) -> Option<RunRegions> {
    None
}
