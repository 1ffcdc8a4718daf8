//! The memory of a living process, as `/proc` shows it (proc(5)).

use std::{fs::File, io, os::unix::fs::FileExt as _};

use super::patterns::{Found, Search};

/// Read at a time, bytes.
const BLOCK: usize = 4 << 20;

/// Looks through everything that a process can read of its own memory, file mappings and stacks included.
///
/// # Errors
/// When the process has ended, or this user may not read its memory: the functions are not dumpable, so it takes
/// `CAP_SYS_PTRACE`.
pub fn look(pid: u32, search: &Search, found: &mut Found) -> io::Result<()> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut block = vec![0; BLOCK];
    for line in maps.lines() {
        let mut fields = line.split_ascii_whitespace();
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        let place = fields.nth(3).unwrap_or("[anonymous]");
        if !rights.starts_with('r') || matches!(place, "[vvar]" | "[vvar_vclock]" | "[vsyscall]") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let (mut at, end) = (hex(start), hex(end));
        while at < end {
            let length = BLOCK.min(usize::try_from(end - at).unwrap());
            let Ok(read) = memory.read_at(&mut block[..length], at) else {
                // Unmapped since; what it held went back to the kernel.
                break;
            };
            search.look(&block[..read], place, found);
            if read < length || at + read as u64 == end {
                break;
            }
            at += (read - search.longest) as u64;
        }
    }
    Ok(())
}

fn hex(address: &str) -> u64 {
    u64::from_str_radix(address, 16).unwrap()
}
