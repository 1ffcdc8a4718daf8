//! Makes test videos: QR codes for the visible objects, DTMF for what is said, in the kinds of file that phones and
//! browsers write. See [`crate::markers`] for what the codes and tones say.

mod args;
mod encode;
mod layout;
pub mod markers;
mod placement;
pub mod qr;
mod sound;
mod spec;
mod still;
mod timeline;
pub mod toolchain;
mod walk;

#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use tokio::task;

pub use args::MakeVideoArgs;
pub use placement::{Placement, PlacementError};
pub use spec::{Codec, Container, MoovAt, Pictures, Rotation, VideoError, VideoSpec};
pub use walk::{Kept, Truth, Walk, WalkError, WalkSpec};

use encode::Material;
use timeline::Timeline;

/// Makes the video with this ffmpeg and writes it to `out`, over whatever is there.
///
/// If saying the text takes longer than [`VideoSpec::seconds`], the video is lengthened to hold it.
pub async fn make(spec: &VideoSpec, ffmpeg: &Path, out: &Path) -> Result<(), VideoError> {
    spec.check()?;
    let work = tempfile::tempdir()?;
    let (drawn, dir) = (spec.clone(), work.path().to_owned());
    let material = task::spawn_blocking(move || draw(&drawn, &dir))
        .await
        .map_err(io::Error::from)??;
    if !spec.needs_copying() {
        return encode::encode(spec, &material, ffmpeg, out).await;
    }
    let encoded = work.path().join("encoded");
    encode::encode(spec, &material, ffmpeg, &encoded).await?;
    encode::copy(spec, ffmpeg, &encoded, out).await
}

/// Writes the stills and the sound that ffmpeg makes the video of.
fn draw(spec: &VideoSpec, dir: &Path) -> Result<Material, VideoError> {
    let spoken = spec
        .say
        .as_deref()
        .filter(|_| spec.audio)
        .map_or(0.0, sound::seconds);
    let seconds = spec.seconds.max(spoken);
    let timeline = Timeline::new(&spec.items, seconds, spec.fps)?;
    let mut stills = Vec::with_capacity(timeline.stills.len());
    for (index, markers) in timeline.stills.iter().enumerate() {
        let (width, height) = spec.shown_size();
        let still = match spec.pictures {
            Pictures::Black => image::RgbImage::new(width, height),
            Pictures::Good | Pictures::Damaged => {
                let objects = markers.iter().map(ToString::to_string);
                let texts: Vec<_> = objects.chain(spec.writings.iter().cloned()).collect();
                still::draw(&texts, width, height)?
            }
        };
        let still = spec.rotate.as_stored(still);
        let name = format!("still{index}.ppm");
        write_ppm(&dir.join(&name), &still)?;
        stills.push(name);
    }
    let list = dir.join("stills.ffconcat");
    fs::write(&list, encode::list(&stills, &timeline.scenes, spec.fps))?;
    let sound = spec
        .audio
        .then(|| write_sound(dir, spec.say.as_deref(), seconds))
        .transpose()?;
    Ok(Material {
        list,
        last_frames: timeline.scenes.last().map_or(1, |scene| scene.frames),
        sound,
    })
}

fn write_ppm(path: &Path, still: &image::RgbImage) -> io::Result<()> {
    let mut file = File::create(path)?;
    writeln!(file, "P6 {} {} 255", still.width(), still.height())?;
    file.write_all(still.as_raw())
}

fn write_sound(dir: &Path, say: Option<&str>, seconds: f64) -> io::Result<PathBuf> {
    let path = dir.join("sound.pcm");
    let mut file = BufWriter::new(File::create(&path)?);
    for sample in sound::samples(say, seconds) {
        file.write_all(&sample.to_le_bytes())?;
    }
    file.flush()?;
    Ok(path)
}
