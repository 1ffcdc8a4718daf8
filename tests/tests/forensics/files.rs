//! What files hold.

use std::{fs::File, io::Read as _, path::Path};

use super::patterns::{Found, Search};

/// Read at a time, bytes.
const BLOCK: usize = 1 << 20;

/// Looks through a file, if it is still there and this user may.
pub fn look(path: &Path, search: &Search, found: &mut Found) {
    let Ok(mut file) = File::open(path) else {
        return;
    };
    let mut block = vec![0; BLOCK];
    let mut kept = 0;
    while let Ok(read) = file.read(&mut block[kept..])
        && read > 0
    {
        let filled = kept + read;
        search.look(&block[..filled], &path.display().to_string(), found);
        kept = filled.min(search.longest);
        block.copy_within(filled - kept..filled, 0);
    }
}
