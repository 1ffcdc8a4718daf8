//! How much of a function's memory was used.

use nix::sys::resource::{Usage, UsageWho, getrusage};

/// Megabytes that the function has, set by Lambda.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const SIZE: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// The most resident memory of this process so far and that of the largest child that has ended, in percent of the
/// function's memory. They need not have been at the same time, so this never says too little where one child runs at a
/// time. `None` where the kernel or Lambda does not tell.
pub(super) fn peak_percent() -> Option<f64> {
    let size: f64 = std::env::var(SIZE).ok()?.parse().ok()?;
    (size > 0.0).then_some(100.0 * peak_kib()? / (size * 1024.0))
}

/// `ru_maxrss` is in KiB on Linux: getrusage(2).
fn peak_kib() -> Option<f64> {
    let peak = |who| getrusage(who).map(|usage: Usage| usage.max_rss()).ok();
    let own = peak(UsageWho::RUSAGE_SELF)?;
    let children = peak(UsageWho::RUSAGE_CHILDREN)?;
    Some(own.saturating_add(children) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_touched_is_in_the_peak() {
        let before = peak_kib().unwrap();
        let mut block = vec![0_u8; 256 << 20];
        for page in block.chunks_mut(4096) {
            page[0] = 1;
        }
        std::hint::black_box(&block);
        assert!(peak_kib().unwrap() >= before.max(256.0 * 1024.0));
    }
}
