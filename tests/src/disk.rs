//! A watch over filesystems: the files of this machine that were made or changed since a time.

use std::{
    collections::BTreeSet,
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use walkdir::WalkDir;

/// The time of a file may be that of the clock's last tick.
const TICK: Duration = Duration::from_millis(20);
/// Filesystems that hold no bytes of programs: what the kernel says and is told.
const NOT_FILES: &[&str] = &[
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "securityfs",
    "debugfs",
    "tracefs",
    "pstore",
    "bpf",
    "configfs",
    "fusectl",
    "nsfs",
    "rpc_pipefs",
    "binfmt_misc",
    "autofs",
    "efivarfs",
    "selinuxfs",
];

/// A watch from a time on.
pub struct Disk {
    since: SystemTime,
}

impl Disk {
    /// From now on.
    #[must_use]
    pub fn watch() -> Self {
        Self {
            since: SystemTime::now() - TICK,
        }
    }

    /// The files that were made or changed since then and that are still there, and can be seen by this user. A file's
    /// status change time (ctime) counts: unlike the others it can't be set.
    #[must_use]
    pub fn changed(&self) -> BTreeSet<PathBuf> {
        let trees = mounts().into_iter().flat_map(|mount| {
            let tree = WalkDir::new(mount).same_file_system(true);
            // What is deleted meanwhile, or closed to this user, is an error.
            tree.into_iter().filter_map(Result::ok)
        });
        let files = trees.filter(|entry| entry.file_type().is_file());
        let changed = files.filter(|file| self.is_changed(file).unwrap_or(false));
        changed.map(walkdir::DirEntry::into_path).collect()
    }

    fn is_changed(&self, file: &walkdir::DirEntry) -> Option<bool> {
        let metadata = file.metadata().ok()?;
        let seconds = Duration::from_secs(u64::try_from(metadata.ctime()).ok()?);
        let rest = Duration::from_nanos(u64::try_from(metadata.ctime_nsec()).ok()?);
        Some(SystemTime::UNIX_EPOCH + seconds + rest >= self.since)
    }
}

/// Where filesystems are mounted that can be written to (proc_pid_mountinfo(5)).
fn mounts() -> BTreeSet<PathBuf> {
    let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    table.lines().filter_map(writable).collect()
}

/// The place of a mount, from its line.
fn writable(line: &str) -> Option<PathBuf> {
    let (about, filesystem) = line.split_once(" - ")?;
    let (kind, _) = filesystem.split_once(' ')?;
    let mut about = about.split(' ').skip(4);
    let (place, options) = (about.next()?, about.next()?);
    let for_reading = options.split(',').any(|option| option == "ro");
    (!for_reading && !NOT_FILES.contains(&kind)).then(|| place.replace("\\040", " ").into())
}
