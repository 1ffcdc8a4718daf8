//! Videos for tests.

use dodolens_local::{
    toolchain,
    video::{Placement, VideoSpec, make},
};
use tempfile::TempPath;

/// A video with these objects, each as `<catalogue id>@<room>[#n][xN][:from-to]`.
///
/// # Panics
/// When an object can't be read.
#[must_use]
#[allow(clippy::expect_used)]
pub fn showing(items: &[&str]) -> VideoSpec {
    let items = items
        .iter()
        .map(|item| item.parse::<Placement>().expect("an object"))
        .collect();
    VideoSpec {
        items,
        ..VideoSpec::default()
    }
}

/// Makes a video in a file that is deleted when dropped; `ending` names its kind.
///
/// # Panics
/// When it can't be made.
#[allow(clippy::expect_used)]
pub async fn video(spec: &VideoSpec, ending: &str) -> TempPath {
    let ffmpeg = toolchain::encoder().await.expect("ffmpeg");
    let file = tempfile::Builder::new()
        .suffix(ending)
        .tempfile()
        .expect("a file");
    make(spec, &ffmpeg, file.path()).await.expect("a video");
    file.into_temp_path()
}
