//! Films as large as may be.

use dodolens_tests::media::run_ffmpeg;

use super::film::{clock, shows};

/// Few pictures of a large size.
fn large(size: &str, pictures: u32, arguments: &str) -> Vec<u8> {
    let arguments = format!(
        "{} -vf fps={pictures}/8,scale={size}:flags=neighbor -pix_fmt yuv420p10le {arguments} -c:a aac",
        clock("160x90", "25", 8)
    );
    run_ffmpeg(b"", &arguments, "mp4")
}

films! {
    eight_thousand_pixels_wide: large(
        "7680:4320",
        6,
        "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=3:ref=4:bframes=1",
    ) => shows(8.0).pictures(6..=6).slack(1.2).size(1024, 576).aac();
    a_chain_of_many_references: large(
        "3840:2160",
        8,
        "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=99:ref=4:bframes=4",
    ) => shows(8.0).slack(1.2).size(1024, 576).aac();
}
