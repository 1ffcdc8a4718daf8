//! Every file of this machine that was created or changed since a moment.

use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    time::{SystemTime, UNIX_EPOCH},
};

use walkdir::WalkDir;

use super::patterns::{Found, Search};

/// Read at a time, bytes.
const BLOCK: usize = 1 << 20;
/// What is no storage: the kernel's own views.
const NOT_STORED: [&str; 3] = ["/proc", "/sys", "/dev/pts"];

/// Looks through all of them; gives how many there were. A file's change time can't be set back by who writes it.
pub fn look(since: SystemTime, search: &Search, found: &mut Found) -> usize {
    let since = since.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let since = i64::try_from(since).unwrap();
    let mut looked = 0;
    let mut block = vec![0; BLOCK];
    let all = WalkDir::new("/").into_iter();
    let stored =
        all.filter_entry(|entry| !NOT_STORED.iter().any(|path| entry.path().starts_with(path)));
    for entry in stored.filter_map(Result::ok) {
        let changed =
            entry.file_type().is_file() && entry.metadata().is_ok_and(|file| file.ctime() >= since);
        let Some(mut file) = changed.then(|| File::open(entry.path()).ok()).flatten() else {
            continue;
        };
        looked += 1;
        let mut kept = 0;
        while let Ok(read) = file.read(&mut block[kept..])
            && read > 0
        {
            let filled = kept + read;
            search.look(&block[..filled], &entry.path().display().to_string(), found);
            kept = filled.min(search.longest);
            block.copy_within(filled - kept..filled, 0);
        }
    }
    looked
}
