//! The files of real containers, and of a made-up root folder.

use super::{Defaults, Version, folder_of, group_of, least_shares_of, read};
use std::path::{Path, PathBuf};

fn group(text: &str) -> Option<(Version, String)> {
    group_of(text).map(|(version, path)| (version, path.to_str().unwrap().to_owned()))
}

fn folder(text: &str, version: Version, group: &str) -> Option<(String, String)> {
    let text_of = |path: PathBuf| path.to_str().unwrap().to_owned();
    folder_of(text, version, Path::new(group)).map(|(top, folder)| (text_of(top), text_of(folder)))
}

/// A container of version 2, which sees its own cgroup as the root.
const V2: &str = "0::/\n";
const V2_MOUNTS: &str = "\
1204 1203 0:185 / / rw,relatime master:523 - overlay overlay rw,lowerdir=/var/lib/l/A:/var/lib/l/B,upperdir=/x
1206 1204 0:188 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
1211 1210 0:30 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw,nsdelegate,memory_recursiveprot
";

/// A pod's container of version 1, with the host's namespace of cgroups.
const POD: &str = "/kubepods/burstable/pod6e7c3f5a-0d6c-4a3f-9e56-d2cbb3e1d9c7/0a1b2c3d4e5f";
const V1_MOUNTS: &str = "\
841 840 0:117 / /sys rw,nosuid,nodev,noexec,relatime - sysfs sysfs rw
842 841 0:118 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
843 842 0:27 /kubepods/burstable/pod6e7c3f5a-0d6c-4a3f-9e56-d2cbb3e1d9c7/0a1b2c3d4e5f /sys/fs/cgroup/systemd ro,nosuid - cgroup cgroup rw,name=systemd
844 842 0:30 /kubepods/burstable/pod6e7c3f5a-0d6c-4a3f-9e56-d2cbb3e1d9c7/0a1b2c3d4e5f /sys/fs/cgroup/cpuset ro,nosuid master:14 - cgroup cgroup rw,cpuset
845 842 0:31 /kubepods/burstable/pod6e7c3f5a-0d6c-4a3f-9e56-d2cbb3e1d9c7/0a1b2c3d4e5f /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:15 - cgroup cgroup rw,cpu,cpuacct
";

fn v1() -> String {
    format!("12:cpuset:{POD}\n6:cpuacct,cpu:{POD}\n1:name=systemd:{POD}\n0::/system.slice/containerd.service\n")
}

#[test]
fn the_cgroup_is_found_in_both_versions() {
    assert_eq!(group(V2), Some((Version::V2, "/".to_owned())));
    assert_eq!(group(&v1()), Some((Version::V1, POD.to_owned())), "where both are mounted, v1 has the controller");
    let desktop = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-a\\x2db:c.scope\n";
    let path = "/user.slice/user-1000.slice/user@1000.service/app.slice/app-a\\x2db:c.scope";
    assert_eq!(group(desktop), Some((Version::V2, path.to_owned())));
    let hybrid = "3:cpuset:/\n2:cpuacct:/\n1:name=systemd:/\n0::/init.scope\n";
    assert_eq!(group(hybrid), Some((Version::V2, "/init.scope".to_owned())), "cpuset and cpuacct are not cpu");
    for nothing in ["", "\n", "garbage", "1:name=systemd:/\n", "7:cpuset:/a\n"] {
        assert_eq!(group(nothing), None, "{nothing:?}");
    }
}

#[test]
fn the_folder_of_a_cgroup_lies_under_its_mount() {
    let found = |top: &str, folder: &str| Some((top.to_owned(), folder.to_owned()));
    let at = "/sys/fs/cgroup";
    assert_eq!(folder(V2_MOUNTS, Version::V2, "/"), found(at, "/sys/fs/cgroup/"));
    assert_eq!(folder(V2_MOUNTS, Version::V2, "/a/b"), found(at, "/sys/fs/cgroup/a/b"));
    assert_eq!(folder(V2_MOUNTS, Version::V1, "/"), None);
    let at = "/sys/fs/cgroup/cpu,cpuacct";
    assert_eq!(folder(V1_MOUNTS, Version::V1, POD), found(at, "/sys/fs/cgroup/cpu,cpuacct/"));
    assert_eq!(folder(V1_MOUNTS, Version::V1, &format!("{POD}/sub")), found(at, "/sys/fs/cgroup/cpu,cpuacct/sub"));
    assert_eq!(folder(V1_MOUNTS, Version::V1, "/kubepods/other"), None, "it is not mounted here");
    assert_eq!(folder(V2_MOUNTS, Version::V2, "/../other"), None, "it is outside of the namespace");
    for garbage in ["", " - ", "1 2 3", "a b c - cgroup2 x y", "\u{0}"] {
        assert_eq!(folder(garbage, Version::V2, "/"), None, "{garbage:?}");
    }
}

#[test]
fn shares_are_1024_for_a_processor() {
    let request = |value| Version::V1.request(value, Defaults::Unset);
    assert_eq!(request("2048\n"), Some(2.0));
    assert_eq!(request("256\n"), Some(0.25));
    assert_eq!(request("2\n"), Some(0.0), "a pod that requests nothing");
    assert_eq!(request("1024\n"), None, "no one has set them");
    assert_eq!(Version::V1.request("1024\n", Defaults::OneProcessor), Some(1.0));
    for garbage in ["", "max", "-1", "1e3", "99999999999999999999"] {
        assert_eq!(request(garbage), None, "{garbage:?}");
    }
}

#[test]
fn weights_are_read_by_the_formula_of_today() {
    let request = |value| Version::V2.request(value, Defaults::Unset);
    assert_eq!(request("1\n"), Some(0.0), "a pod that requests nothing");
    assert_eq!(request("0\n"), Some(0.0), "a cgroup of idle threads");
    assert_eq!(request("100\n"), None, "no one has set it");
    assert_eq!(request("max\n"), None);
    let near = |value, processors: f64| {
        let found = Version::V2.request(value, Defaults::OneProcessor).unwrap();
        assert!(found <= processors && found > 0.98 * processors, "{value}: {found}");
    };
    near("59\n", 0.5);
    near("100\n", 1.0);
    near("174\n", 2.0);
    near("303\n", 4.0);
    near("10000\n", 256.0);
}

/// What runtimes write for so many shares.
fn quadratic(shares: f64) -> u32 {
    let l = shares.log2();
    10_f64.powf((l * l + 125.0 * l) / 612.0 - 7.0 / 34.0).ceil() as u32
}

/// What older runtimes write.
fn linear(shares: u32) -> u32 {
    1 + (shares - 2) * 9999 / 262_142
}

#[test]
fn a_weight_comes_to_no_more_than_the_shares_that_made_it() {
    assert_eq!([2.0, 1024.0, 2000.0, 262_144.0].map(quadratic), [1, 100, 170, 10_000]);
    for shares in 3..=262_144 {
        let least = least_shares_of(quadratic(f64::from(shares)));
        assert!(least <= f64::from(shares) * (1.0 + 1e-9), "{shares}: {least}");
    }
}

#[test]
fn twice_the_reading_of_a_weight_is_twice_the_request() {
    // In tenths of a processor, as requests are written, and in the shares that Kubernetes makes of them.
    for tenths in 1..=2560 {
        let weight = quadratic(f64::from(tenths * 1024 / 10));
        let twice = 2.0 * least_shares_of(weight) / 1024.0;
        assert_eq!(twice.ceil().max(2.0), (f64::from(tenths) / 5.0).ceil().max(2.0), "{tenths}: {weight}");
    }
}

#[test]
fn twice_the_reading_of_a_linear_weight_is_no_less_than_the_whole_processors() {
    assert_eq!([2, 1024, 2048, 4096, 262_144].map(linear), [1, 39, 79, 157, 10_000]);
    for shares in 3..=262_144 {
        let weight = linear(shares);
        let twice = 2.0 * least_shares_of(weight) / 1024.0;
        assert!(twice.ceil().max(2.0) >= f64::from(shares / 1024), "{shares}: {weight}, {twice}");
    }
}

#[test]
fn a_whole_root_folder_is_read() {
    use std::fs;

    struct Root(PathBuf);
    impl Root {
        fn write(&self, path: &str, text: &str) {
            let path = self.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    impl Drop for Root {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    let root = Root(std::env::temp_dir().join(format!("paceline-cgroup-{}", std::process::id())));
    let request = |defaults| read(&root.0, defaults);
    assert_eq!(request(Defaults::OneProcessor), None, "there are no files");

    root.write("proc/self/cgroup", &v1());
    root.write("proc/self/mountinfo", V1_MOUNTS);
    assert_eq!(request(Defaults::OneProcessor), None, "there is no such folder");
    root.write("sys/fs/cgroup/cpu,cpuacct/cpu.shares", "3072\n");
    assert_eq!(request(Defaults::Unset), Some(3.0));

    root.write("proc/self/cgroup", "0::/a/b\n");
    root.write("proc/self/mountinfo", V2_MOUNTS);
    root.write("sys/cpu.weight", "5\n");
    root.write("sys/fs/cgroup/a/b/cgroup.procs", "");
    assert_eq!(request(Defaults::OneProcessor), None, "above the mount there are no cgroups");
    root.write("sys/fs/cgroup/a/cpu.weight", "100\n");
    assert_eq!(request(Defaults::Unset), None);
    let found = request(Defaults::OneProcessor).unwrap();
    assert_eq!((2.0 * found).ceil(), 2.0, "the cgroup above is the innermost with a weight");
    root.write("sys/fs/cgroup/a/b/cpu.weight", "303\n");
    assert_eq!((2.0 * request(Defaults::Unset).unwrap()).ceil(), 8.0);
}
