//! ffmpeg's part: stills and sound in, a video file out.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use super::{
    Codec, Container, MoovAt, Pictures, Rotation, VideoError, VideoSpec, sound, timeline::Scene,
};

/// Strength of the noise that fills the bit rate, for ffmpeg's `noise` filter. More is slower and fills no more.
const NOISE: u32 = 4;

/// Of 11 frames, those that a variable frame rate keeps: 1, 2, 6, 7 and 11.
const KEPT: &str = "select=lt(mod(n*n\\,11)\\,4)";

/// How many of how many frames [`KEPT`] keeps.
const KEPT_RATIO: f64 = 5.0 / 11.0;

/// The end of ffmpeg's messages that an error holds, characters.
const MESSAGE: usize = 600;

/// For x265, where nothing but speed matters.
const X265: &str =
    "log-level=error:open-gop=0:bframes=0:ref=1:rc-lookahead=0:aq-mode=0:weightp=0:scenecut=0";

/// What a video is made of.
pub struct Material {
    /// The pictures, as stored, in ffmpeg's form of lists.
    pub list: PathBuf,
    /// How many frames the last picture of the list is seen.
    pub last_frames: u64,
    /// Raw 16-bit little-endian samples, one channel of [`sound::RATE`].
    pub sound: Option<PathBuf>,
}

/// The list of stills that show one scene after the other, for ffmpeg's demuxer `concat`. They lie beside the list.
pub fn list(stills: &[String], scenes: &[Scene], fps: f64) -> String {
    let still = |scene: &Scene| {
        let name = stills.get(scene.still)?;
        let seconds = scene.frames as f64 / fps;
        Some(format!(
            "file {name}\noption framerate {fps}\nduration {seconds:.6}\n"
        ))
    };
    let stills: String = scenes.iter().filter_map(still).collect();
    format!("ffconcat version 1.0\n{stills}")
}

/// Encodes without saying anything of rotation.
pub async fn encode(
    spec: &VideoSpec,
    material: &Material,
    ffmpeg: &Path,
    out: &Path,
) -> Result<(), VideoError> {
    let mut command = quiet(ffmpeg);
    command
        .args(["-f", "concat", "-safe", "0", "-i"])
        .arg(file(&material.list));
    if let Some(sound) = &material.sound {
        command
            .args([
                "-f",
                "s16le",
                "-ar",
                &sound::RATE.to_string(),
                "-ac",
                "1",
                "-i",
            ])
            .arg(file(sound));
        command.args(["-map", "1:a"]);
        command.args(if spec.container == Container::Webm {
            ["-c:a", "libopus"]
        } else {
            ["-c:a", "aac"]
        });
        command.args(["-b:a", "96k"]);
    }
    command.args([
        "-filter_complex",
        &graph(spec, material.last_frames),
        "-map",
        "[out]",
    ]);
    command
        .args(codec(spec))
        .args(rate(spec))
        .args(container(spec));
    run(command.arg(file(out))).await
}

/// Copies an encoded video, telling players to turn it, or damaging its pictures.
pub async fn copy(
    spec: &VideoSpec,
    ffmpeg: &Path,
    encoded: &Path,
    out: &Path,
) -> Result<(), VideoError> {
    // ffmpeg counts counter-clockwise.
    let degrees = match spec.rotate {
        Rotation::None => "0",
        Rotation::Right => "-90",
        Rotation::Half => "180",
        Rotation::Left => "90",
    };
    let mut command = quiet(ffmpeg);
    command
        .args(["-display_rotation:v", degrees, "-i"])
        .arg(file(encoded));
    command
        .args(["-map", "0", "-c", "copy"])
        .args(damage(spec))
        .args(container(spec));
    run(command.arg(file(out))).await
}

/// Noise in every picture, all over it, so that nothing of it is in the form of its codec.
fn damage(spec: &VideoSpec) -> &'static [&'static str] {
    match spec.pictures {
        Pictures::Damaged => &["-bsf:v", "noise=amount=1"],
        Pictures::Good | Pictures::Black => &[],
    }
}

/// Each still held until the next one comes, and the last one for its frames.
fn graph(spec: &VideoSpec, last_frames: u64) -> String {
    let (fps, more) = (spec.fps, last_frames.saturating_sub(1));
    let held = format!("format=yuv420p,fps={fps},tpad=stop_mode=clone:stop={more}");
    let noise = spec
        .bitrate
        .map(|_| format!(",noise=c0s={NOISE}:c0f=t"))
        .unwrap_or_default();
    let kept = if spec.variable_frame_rate {
        format!(",{KEPT}")
    } else {
        String::new()
    };
    format!("[0:v]{held}{noise}{kept}[out]")
}

/// The fastest settings of each encoder, with its keys as often as asked for.
fn codec(spec: &VideoSpec) -> Vec<String> {
    let mut args: Vec<&str> = match spec.codec {
        Codec::H264 => vec!["-c:v", "libx264", "-preset", "ultrafast"],
        Codec::Hevc => vec![
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            X265,
            "-tag:v",
            "hvc1",
        ],
        Codec::Vp9 => vec![
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-row-mt",
            "1",
        ],
    };
    let fps = spec.fps.to_string();
    let kept = if spec.variable_frame_rate {
        KEPT_RATIO
    } else {
        1.0
    };
    args.extend(if spec.variable_frame_rate {
        ["-fps_mode", "vfr"]
    } else {
        ["-r", &fps]
    });
    let keyframes = (spec.fps * kept * spec.key_every).ceil().to_string();
    args.extend(["-g", &keyframes]);
    args.into_iter().map(str::to_owned).collect()
}

fn rate(spec: &VideoSpec) -> Vec<String> {
    if let Some(rate) = spec.bitrate {
        let options = ["-b:v", "-minrate", "-maxrate", "-bufsize"];
        return options
            .into_iter()
            .flat_map(|option| [option.to_owned(), rate.to_string()])
            .collect();
    }
    let quality: &[&str] = match spec.codec {
        Codec::H264 => &["-crf", "23"],
        Codec::Hevc => &["-crf", "26"],
        Codec::Vp9 => &["-crf", "32", "-b:v", "0"],
    };
    quality.iter().map(|&arg| arg.to_owned()).collect()
}

fn container(spec: &VideoSpec) -> &'static [&'static str] {
    match (spec.container, spec.moov) {
        (Container::Mp4, MoovAt::End) => &["-f", "mp4"],
        (Container::Mp4, MoovAt::Start) => &["-f", "mp4", "-movflags", "+faststart"],
        (Container::Mov, MoovAt::End) => &["-f", "mov"],
        (Container::Mov, MoovAt::Start) => &["-f", "mov", "-movflags", "+faststart"],
        (Container::Webm, _) => &["-f", "webm", "-live", "1"],
        (Container::Fmp4, _) => &[
            "-f",
            "mp4",
            "-movflags",
            "frag_keyframe+empty_moov+default_base_moof",
        ],
    }
}

/// A path that ffmpeg takes for nothing else, whatever it begins with.
fn file(path: &Path) -> OsString {
    let mut url = OsString::from("file:");
    url.push(path);
    url
}

fn quiet(ffmpeg: &Path) -> Command {
    let mut command = Command::new(ffmpeg);
    command.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn run(command: &mut Command) -> Result<(), VideoError> {
    let output = command
        .spawn()
        .map_err(VideoError::Start)?
        .wait_with_output()
        .await?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim();
    let skipped = said.chars().count().saturating_sub(MESSAGE);
    Err(VideoError::Ffmpeg(said.chars().skip(skipped).collect()))
}
