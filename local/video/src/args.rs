//! The command line of the video maker.

use std::path::{Path, PathBuf};

use super::{
    Codec, Container, MoovAt, Pictures, Placement, Rotation, Truth, VideoError, VideoSpec, Walk,
    WalkSpec,
};

/// `make-video`: makes a test video with QR codes for objects and DTMF tones for speech.
#[derive(clap::Args)]
pub struct MakeVideoArgs {
    /// File to write
    #[arg(long, value_name = "F")]
    pub out: PathBuf,
    /// Length; more if what is said takes longer
    #[arg(long, value_name = "N", default_value_t = VideoSpec::default().seconds)]
    seconds: f64,
    /// An object: `<catalogue id>@<room>[#n][xN][:from-to]`, times in seconds; `#n` is its number among its like, by
    /// which it is told from them; may be repeated
    #[arg(long = "item", value_name = "ITEM")]
    items: Vec<Placement>,
    /// A walk instead: so many things over so many rooms, each of them so long in view, which the seed draws; so many of
    /// the first room's things are chairs [`things=90,rooms=9,view=4,seed=1,chairs=0`, any part of it]
    #[arg(long, value_name = "WALK", conflicts_with_all = ["items", "seconds"])]
    walk: Option<WalkSpec>,
    /// Write what there is in the home of the walk to this file, as JSON
    #[arg(long, value_name = "F", requires = "walk")]
    truth: Option<PathBuf>,
    /// A writing that names no object; may be repeated
    #[arg(long = "writing", value_name = "TEXT")]
    writings: Vec<String>,
    /// What is said
    #[arg(long, value_name = "TEXT", conflicts_with = "no_audio")]
    say: Option<String>,
    /// Picture coding [default: vp9 in WebM, else h264]
    #[arg(long, value_enum)]
    codec: Option<Codec>,
    /// File format [default: by the ending of the file's name, else mp4]
    #[arg(long, value_enum)]
    container: Option<Container>,
    /// Where the index of an MP4 or MOV stands
    #[arg(long, value_enum, default_value_t = VideoSpec::default().moov)]
    moov: MoovAt,
    /// Degrees clockwise by which players are to turn the stored picture
    #[arg(long, value_enum, default_value_t = VideoSpec::default().rotate)]
    rotate: Rotation,
    /// Width and height as stored, pixels
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = parse_size)]
    size: (u32, u32),
    /// Bits/s of the picture, `k` and `M` allowed [default: whatever still pictures take]
    #[arg(long, value_name = "R", value_parser = parse_bitrate)]
    bitrate: Option<u64>,
    /// Frames a second
    #[arg(long, value_name = "N", default_value_t = VideoSpec::default().fps)]
    fps: f64,
    /// From key to key, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = VideoSpec::default().key_every)]
    key_every: f64,
    /// No sound track
    #[arg(long)]
    no_audio: bool,
    /// What is the matter with the pictures
    #[arg(long, value_enum, default_value_t = VideoSpec::default().pictures)]
    pictures: Pictures,
    /// Leave out frames here and there
    #[arg(long)]
    variable_frame_rate: bool,
}

impl MakeVideoArgs {
    /// The video that is asked for. Objects and rooms must be in the catalogue.
    pub fn spec(&self) -> Result<VideoSpec, VideoError> {
        self.items.iter().try_for_each(Placement::check_catalogue)?;
        let (items, seconds) = match &self.walk {
            Some(walk) => {
                let walk = Walk::new(walk)?;
                (walk.placements, walk.seconds)
            }
            None => (self.items.clone(), self.seconds),
        };
        let container = self.container.unwrap_or_else(|| self.container_by_name());
        let usual = if container == Container::Webm {
            Codec::Vp9
        } else {
            Codec::H264
        };
        Ok(VideoSpec {
            seconds,
            items,
            writings: self.writings.clone(),
            say: self.say.clone(),
            codec: self.codec.unwrap_or(usual),
            container,
            moov: self.moov,
            rotate: self.rotate,
            size: self.size,
            bitrate: self.bitrate,
            fps: self.fps,
            key_every: self.key_every,
            audio: !self.no_audio,
            pictures: self.pictures,
            variable_frame_rate: self.variable_frame_rate,
        })
    }

    /// The truth about the walk that is asked for, and the file that it is to be written to.
    pub fn truth(&self) -> Result<Option<(&Path, Truth)>, VideoError> {
        let (Some(walk), Some(file)) = (&self.walk, &self.truth) else {
            return Ok(None);
        };
        Ok(Some((file, Walk::new(walk)?.truth())))
    }

    fn container_by_name(&self) -> Container {
        let ending = self.out.extension().unwrap_or_default();
        match ending {
            _ if ending.eq_ignore_ascii_case("mov") => Container::Mov,
            _ if ending.eq_ignore_ascii_case("webm") => Container::Webm,
            _ => Container::Mp4,
        }
    }
}

fn parse_size(text: &str) -> Result<(u32, u32), &'static str> {
    let sides = text
        .split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides.ok_or("a size is `WxH` in pixels, like `1920x1080`")
}

fn parse_bitrate(text: &str) -> Result<u64, &'static str> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (text.get(..text.len() - 1), 1_000),
        Some(b'M') => (text.get(..text.len() - 1), 1_000_000),
        _ => (Some(text), 1),
    };
    let rate = digits
        .and_then(|digits| digits.parse::<u64>().ok())
        .and_then(|rate| rate.checked_mul(unit));
    rate.ok_or("a bit rate is in bits/s, like `800k` or `10M`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: MakeVideoArgs,
    }

    fn parse(line: &str) -> Result<MakeVideoArgs, clap::Error> {
        Cli::try_parse_from(line.split(' ')).map(|cli| cli.args)
    }

    #[test]
    fn every_flag_reaches_the_video() {
        let line = "make-video --out a.bin --seconds 64 --say hello --codec hevc --container mov --moov start --rotate 90 \
                    --size 3840x2160 --bitrate 10M --fps 25 --variable-frame-rate --pictures black --writing note --key-every 4";
        let spec = parse(line).unwrap().spec().unwrap();
        assert_eq!((spec.seconds, spec.fps, spec.key_every), (64.0, 25.0, 4.0));
        assert_eq!((spec.say.as_deref(), spec.audio), (Some("hello"), true));
        assert_eq!(
            (spec.codec, spec.container, spec.moov),
            (Codec::Hevc, Container::Mov, MoovAt::Start)
        );
        assert_eq!(
            (spec.rotate, spec.size, spec.bitrate),
            (Rotation::Right, (3840, 2160), Some(10_000_000))
        );
        assert!(spec.variable_frame_rate);
        assert_eq!(
            (spec.pictures, spec.writings),
            (Pictures::Black, vec!["note".to_owned()])
        );
        assert!(
            !parse("make-video --out a.mp4 --no-audio")
                .unwrap()
                .spec()
                .unwrap()
                .audio
        );
    }

    #[test]
    fn a_walk_is_the_video_and_the_truth() {
        let line = "make-video --out a.mp4 --walk things=4,rooms=2,seed=8 --truth t.json";
        let args = parse(line).unwrap();
        let spec = args.spec().unwrap();
        assert_eq!((spec.items.len(), spec.seconds), (4, 10.0));
        let (file, truth) = args.truth().unwrap().unwrap();
        let counts: u32 = truth.things.iter().map(|kept| kept.count).sum();
        assert_eq!((file, counts), (Path::new("t.json"), 4));
        let bare = parse("make-video --out a.mp4 --walk seed=2").unwrap();
        assert_eq!(bare.truth().unwrap(), None);
    }

    #[test]
    fn the_name_chooses_the_format() {
        let of = |line| {
            parse(line)
                .unwrap()
                .spec()
                .map(|spec| (spec.container, spec.codec))
                .unwrap()
        };
        assert_eq!(of("make-video --out a"), (Container::Mp4, Codec::H264));
        assert_eq!(
            of("make-video --out a.MOV --codec hevc"),
            (Container::Mov, Codec::Hevc)
        );
        assert_eq!(of("make-video --out a.webm"), (Container::Webm, Codec::Vp9));
        assert_eq!(
            of("make-video --out a.webm --container fmp4"),
            (Container::Fmp4, Codec::H264)
        );
    }

    #[test]
    fn nothing_given_is_the_default() {
        let (given, default) = (
            parse("make-video --out a.mp4").unwrap().spec().unwrap(),
            VideoSpec::default(),
        );
        assert_eq!(
            (given.seconds, given.size, given.fps, given.key_every),
            (
                default.seconds,
                default.size,
                default.fps,
                default.key_every
            )
        );
    }

    #[test]
    fn bad_flags_are_refused() {
        let bad = "--size 12|--size axb|--bitrate M|--bitrate 10X|--bitrate 99999999999999999M|--rotate 45|--codec mpeg2|\
                   --item sofa|--item sofa@roomx0|--seconds long|--say a --no-audio|--container avi|--moov middle|--walk things=0|--walk seed=1 --seconds 9|\
                   --walk seed=1 --item sofa@room|--truth t.json";
        for flags in bad.split('|') {
            assert!(
                parse(&format!("make-video --out a.mp4 {flags}")).is_err(),
                "{flags}"
            );
        }
        let unknown = parse("make-video --out a.mp4 --item no_such_thing@nowhere")
            .unwrap()
            .spec();
        assert!(matches!(unknown, Err(VideoError::Placement(_))));
    }
}
