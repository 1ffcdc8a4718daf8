//! Films that show and sound the time, what is true of each, and the check of what comes out of it.

use std::{
    io::Cursor,
    ops::{Range, RangeInclusive},
    sync::LazyLock,
    time::Duration,
};

use dodolens::{
    adapters::media::{FfmpegConfig, FfmpegExtractor, Strictness},
    domain::media::{ExtractedMedia, Frame, SoundFormat, SoundLoss},
    ports::{MediaError, MediaExtractor, MediaLimits},
};
use dodolens_tests::{
    boxes::Boxes,
    media::{InMemory, ffmpeg, run_ffmpeg},
};
use tokio::sync::OnceCell;

pub const LIMITS: MediaLimits = MediaLimits {
    frames: 8,
    long_side: 1024,
    source_pixels: 8192 * 4608,
    deadline: Duration::from_secs(120),
};

/// H.264 with a key a second.
pub const H264: &str = "-c:v libx264 -preset veryfast -g 25 -sc_threshold 0 -bf 2";
/// HEVC with a key a second.
pub const HEVC: &str =
    "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=none:keyint=25:scenecut=0";

pub async fn extractor() -> &'static FfmpegExtractor {
    static EXTRACTOR: OnceCell<FfmpegExtractor> = OnceCell::const_new();
    let start = || {
        FfmpegExtractor::new(FfmpegConfig {
            path: ffmpeg(),
            strictness: Strictness::Strict,
        })
    };
    EXTRACTOR.get_or_try_init(start).await.unwrap()
}

/// Inputs for ffmpeg: pictures that brighten evenly over `seconds`, black to white, with a white mark in the top left
/// corner, and a tone that rises by 50 Hz a second from 300 Hz.
pub fn clock(size: &str, rate: &str, seconds: u32) -> String {
    format!(
        "-f lavfi -i color=black:s={size}:r={rate}:d={seconds},format=gray,geq=lum='255*T/{seconds}',\
         drawbox=w=iw/4:h=ih/4:color=white:t=fill,format=yuv420p \
         -f lavfi -i aevalsrc='0.5*sin(2*PI*(300*t+25*t*t))':s=48000:d={seconds}"
    )
}

/// A film of the clock, 160x120, 25 pictures a second.
pub fn make(seconds: u32, arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(
        b"",
        &format!("{} {arguments}", clock("160x120", "25", seconds)),
        ending,
    )
}

/// A film made of another without encoding it again.
pub fn remake(film: &[u8], arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(film, arguments, ending)
}

/// Sixteen seconds of H.264 and AAC with the index last.
pub fn base() -> Vec<u8> {
    static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| make(16, &format!("{H264} -c:a aac"), "mp4"));
    BASE.clone()
}

/// A film with its boxes changed.
pub fn edited(film: &[u8], change: impl FnOnce(&mut Boxes)) -> Vec<u8> {
    let mut boxes = Boxes::read(film);
    change(&mut boxes);
    boxes.write()
}

/// A stretch that a player shows: its time there, and the clock's time at its start and how fast the clock goes.
#[derive(Debug, Clone)]
struct Stretch {
    shown: Range<f64>,
    clock: f64,
    pace: f64,
}

/// What is to be heard.
#[derive(Debug, Clone, Copy)]
enum Tone {
    None,
    /// The clock's.
    Clock,
    /// Any.
    Any,
}

/// The sound that is wanted.
#[derive(Debug, Clone)]
struct Heard {
    formats: &'static [SoundFormat],
    seconds: f64,
    slack: f64,
    tone: Tone,
}

/// What is true of a film.
#[derive(Debug, Clone)]
pub struct Truth {
    error: Option<MediaError>,
    pictures: RangeInclusive<usize>,
    size: (u32, u32),
    /// How long it is said to last.
    lasts: RangeInclusive<f64>,
    /// The clock's time when it is all white.
    white: f64,
    stretches: Vec<Stretch>,
    /// How far the clock may be off.
    slack: f64,
    sound: Option<Heard>,
    corner: Option<(bool, bool)>,
    lost: RangeInclusive<usize>,
    unseen: Vec<Range<f64>>,
    sound_loss: Option<SoundLoss>,
    /// Whether a container that ends early may have told how long it was meant to be.
    open_end: bool,
}

/// A film of the clock's `seconds`: eight pictures, no sound, no loss.
pub fn shows(seconds: f64) -> Truth {
    Truth {
        error: None,
        pictures: 8..=8,
        size: (160, 120),
        lasts: seconds - 0.3..=seconds + 0.3,
        white: seconds,
        stretches: vec![Stretch {
            shown: 0.0..seconds,
            clock: 0.0,
            pace: 1.0,
        }],
        slack: 0.03 * seconds,
        sound: None,
        corner: Some((true, true)),
        lost: 0..=0,
        unseen: Vec::new(),
        sound_loss: None,
        open_end: false,
    }
}

/// A film that ends in an error.
pub fn fails(error: MediaError) -> Truth {
    Truth {
        error: Some(error),
        ..shows(0.0)
    }
}

impl Truth {
    pub fn pictures(mut self, count: RangeInclusive<usize>) -> Self {
        self.pictures = count;
        self
    }

    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    pub fn lasts(mut self, seconds: RangeInclusive<f64>) -> Self {
        self.lasts = seconds;
        self
    }

    /// The white mark's corner, as left and top flags.
    pub fn corner(mut self, left: bool, top: bool) -> Self {
        self.corner = Some((left, top));
        self
    }

    /// The first picture is too bright for the mark to be seen.
    pub fn without_mark(mut self) -> Self {
        self.corner = None;
        self
    }

    /// A player shows these stretches of the clock one after another: when, and from which time of the clock.
    pub fn stretches(mut self, stretches: &[(Range<f64>, f64)]) -> Self {
        self.stretches = stretches
            .iter()
            .map(|(shown, clock)| Stretch {
                shown: shown.clone(),
                clock: *clock,
                pace: 1.0,
            })
            .collect();
        let end = self.end();
        self.lasts(end - 0.3..=end + 0.3)
    }

    /// The clock stands still in a stretch, and needs no more than one picture there.
    pub fn still(mut self, stretch: usize) -> Self {
        self.stretches[stretch].pace = 0.0;
        self
    }

    /// It is the clock's film of so many seconds, of which more or less is shown.
    pub fn of(mut self, white: f64) -> Self {
        self.white = white;
        self.slack(0.03 * white)
    }

    pub fn slack(mut self, slack: f64) -> Self {
        self.slack = slack;
        self
    }

    /// The clock's tone, copied, over the whole time.
    pub fn aac(self) -> Self {
        let end = self.end();
        self.sound(&[SoundFormat::M4a], end)
    }

    /// The clock's tone, converted, over the whole time.
    pub fn mp3(self) -> Self {
        let end = self.end();
        self.sound(&[SoundFormat::Mp3], end)
    }

    /// The clock's tone, copied or converted, over the whole time.
    pub fn either(self) -> Self {
        let end = self.end();
        self.sound(&[SoundFormat::M4a, SoundFormat::Mp3], end)
    }

    /// The clock's tone over another time.
    pub fn sound(mut self, formats: &'static [SoundFormat], seconds: f64) -> Self {
        self.sound = Some(Heard {
            formats,
            seconds,
            slack: 0.3,
            tone: Tone::Clock,
        });
        self
    }

    pub fn sound_slack(mut self, slack: f64) -> Self {
        self.sound = self.sound.map(|sound| Heard { slack, ..sound });
        self
    }

    /// Something is heard in it, at whatever time.
    pub fn any_tone(mut self) -> Self {
        self.sound = self.sound.map(|sound| Heard {
            tone: Tone::Any,
            ..sound
        });
        self
    }

    /// Nothing is loud in it.
    pub fn no_tone(mut self) -> Self {
        self.sound = self.sound.map(|sound| Heard {
            tone: Tone::None,
            ..sound
        });
        self
    }

    /// So many planned pictures did not come.
    pub fn lost(mut self, pictures: RangeInclusive<usize>) -> Self {
        self.lost = pictures;
        self
    }

    /// Nothing was seen of this stretch.
    pub fn unseen(mut self, stretch: Range<f64>) -> Self {
        self.unseen.push(stretch);
        self
    }

    pub fn sound_loss(mut self, loss: SoundLoss) -> Self {
        self.sound_loss = Some(loss);
        self
    }

    /// The file ends here, but its index says how much there was.
    pub fn cut(self, at: f64) -> Self {
        let end = self.end();
        let heard = Duration::from_secs_f64(at);
        self.pictures(1..=8)
            .lasts(at - 0.5..=end + 0.3)
            .lost(0..=8)
            .unseen(at..end)
            .sound_loss(SoundLoss::Cut { heard })
    }

    /// The file ends here, and little in it says that there was more.
    pub fn ends(mut self, at: f64) -> Self {
        self.open_end = true;
        let end = self.end() + 0.3;
        self.stretches(&[(0.0..at, 0.0)]).lasts(at - 1.0..=end)
    }

    /// When the last stretch ends.
    fn end(&self) -> f64 {
        self.stretches.last().unwrap().shown.end
    }

    /// What the clock shows at a time of the player's; nothing between stretches.
    fn clock(&self, at: f64) -> Option<f64> {
        let mut stretches = self.stretches.iter();
        let stretch = stretches.find(|stretch| stretch.shown.contains(&at))?;
        Some(stretch.clock + (at - stretch.shown.start) * stretch.pace)
    }
}

/// Extracts from a film and checks what comes.
pub async fn check(film: Vec<u8>, truth: Truth) {
    let result = extractor()
        .await
        .extract(&InMemory::new(film), &LIMITS)
        .await;
    let media = match (result, truth.error) {
        (result, Some(error)) => {
            let told = result.map(|media| media.losses);
            return assert_eq!(told, Err(error));
        }
        (result, None) => result.expect("the film is read"),
    };
    check_pictures(&media, &truth);
    check_sound(&media, &truth);
    check_losses(&media, &truth);
}

fn check_pictures(media: &ExtractedMedia, truth: &Truth) {
    let pictures: Vec<_> = media.frames.iter().map(Picture::of).collect();
    let told: Vec<_> = pictures
        .iter()
        .map(|it| format!("{:.2} s shows {:.2}", it.at, it.light * truth.white))
        .collect();
    let length = media.duration.as_secs_f64();
    assert!(
        truth.lasts.contains(&length),
        "lasts {length} s: {told:?}, {:?}",
        media.losses
    );
    assert!(
        truth.pictures.contains(&pictures.len()),
        "{told:?}, {:?}",
        media.losses
    );
    for (i, picture) in pictures.iter().enumerate() {
        assert_eq!(picture.size, truth.size);
        let clock = truth.clock(picture.at);
        let clock = clock.unwrap_or_else(|| panic!("no player shows picture {i} of {told:?}"));
        let shown = picture.light * truth.white;
        assert!(
            (shown - clock).abs() <= truth.slack,
            "picture {i} of {told:?}"
        );
    }
    if truth.unseen.is_empty() {
        check_spread(&pictures, truth, &told);
    }
    if let (Some(corner), Some(first)) = (truth.corner, pictures.first()) {
        assert_eq!(first.marked, [corner], "the marked corner");
    }
}

/// Each slice of what is shown has its picture near, unless it is a still.
fn check_spread(pictures: &[Picture], truth: &Truth, told: &[String]) {
    let slices = *truth.pictures.end();
    let slice = truth.end() / slices as f64;
    for i in 0..slices {
        let middle = slice * (i as f64 + 0.5);
        let moves = |stretch: &Stretch| stretch.shown.contains(&middle) && stretch.pace > 0.0;
        let near = pictures
            .iter()
            .any(|picture| (picture.at - middle).abs() <= slice * 1.1);
        assert!(
            near || !truth.stretches.iter().any(moves),
            "none near {middle} s: {told:?}"
        );
    }
}

/// What a picture shows.
struct Picture {
    at: f64,
    size: (u32, u32),
    /// Brightness from 0 to 1 beside the mark.
    light: f64,
    /// The corners that are white, as left and top flags.
    marked: Vec<(bool, bool)>,
}

impl Picture {
    fn of(frame: &Frame) -> Self {
        let jpeg = Cursor::new(frame.jpeg.expose());
        let picture = image::ImageReader::with_format(jpeg, image::ImageFormat::Jpeg)
            .decode()
            .unwrap()
            .to_luma8();
        let (width, height) = picture.dimensions();
        let light = |x: f64, y: f64| {
            let at = |part: f64, len: u32| (part * f64::from(len)) as u32;
            f64::from(picture.get_pixel(at(x, width), at(y, height)).0[0]) / 255.0
        };
        let place = |first| if first { 0.1 } else { 0.9 };
        let corners = [(true, true), (true, false), (false, true), (false, false)];
        Self {
            at: frame.at.as_secs_f64(),
            size: (width, height),
            light: light(0.6, 0.6),
            marked: corners
                .into_iter()
                .filter(|(left, top)| light(place(*left), place(*top)) > 0.8)
                .collect(),
        }
    }
}

fn check_sound(media: &ExtractedMedia, truth: &Truth) {
    let (Some(sound), Some(wanted)) = (&media.sound, &truth.sound) else {
        let silent = truth.sound_loss == Some(SoundLoss::Silent);
        let same = media.sound.is_some() == truth.sound.is_some();
        return assert!(
            same || silent,
            "sound: {}, {:?}",
            media.sound.is_some(),
            media.losses
        );
    };
    assert!(wanted.formats.contains(&sound.format), "{:?}", sound.format);
    let raw = run_ffmpeg(
        sound.bytes.expose(),
        "-i INPUT -ac 1 -ar 16000 -f s16le",
        "pipe",
    );
    let samples = raw.as_chunks().0.iter();
    let samples: Vec<_> = samples
        .map(|pair| f64::from(i16::from_le_bytes(*pair)))
        .collect();
    let (said, played) = (
        sound.duration.as_secs_f64(),
        samples.len() as f64 / 16_000.0,
    );
    for seconds in [said, played] {
        let near = (seconds - wanted.seconds).abs() < wanted.slack;
        assert!(
            near,
            "said to last {said} s, lasts {played} s, not {} s",
            wanted.seconds
        );
    }
    let mut heard = 0;
    for (i, piece) in samples.chunks_exact(8_000).enumerate() {
        let from = i as f64 / 2.0;
        let loud = piece.iter().any(|sample| sample.abs() > 1_000.0);
        let crossings = piece
            .windows(2)
            .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0));
        let hertz = crossings.count() as f64;
        // Seams between stretches are left out.
        let at = |into: f64| truth.clock(from + into);
        let clock = at(0.25).filter(|clock| {
            let near = |other: Option<f64>, by: f64| {
                other.is_some_and(|other| (other - clock - by).abs() < 0.01)
            };
            near(at(-0.1), -0.35) && near(at(0.6), 0.35)
        });
        match (wanted.tone, clock) {
            (Tone::Clock, Some(clock)) => {
                let pitch = 300.0 + 50.0 * clock;
                let right = loud && (hertz - pitch).abs() < 30.0;
                assert!(right, "{hertz} Hz at {from} s instead of {pitch} Hz");
                heard += 1;
            }
            (Tone::None, _) => assert!(!loud, "{hertz} Hz at {from} s"),
            _ => heard += usize::from(loud),
        }
    }
    assert!(
        heard > 0 || matches!(wanted.tone, Tone::None),
        "nothing is heard"
    );
}

fn check_losses(media: &ExtractedMedia, truth: &Truth) {
    let losses = &media.losses;
    assert!(truth.lost.contains(&losses.pictures), "{losses:?}");
    if truth.open_end {
        return;
    }
    assert_eq!(losses.unseen.len(), truth.unseen.len(), "{losses:?}");
    for (unseen, wanted) in losses.unseen.iter().zip(&truth.unseen) {
        let near = |at: Duration, wanted: f64| (at.as_secs_f64() - wanted).abs() < 2.1;
        assert!(
            near(unseen.start, wanted.start) && near(unseen.end, wanted.end),
            "{losses:?}"
        );
    }
    match (losses.sound, truth.sound_loss) {
        (Some(SoundLoss::Cut { heard }), Some(SoundLoss::Cut { heard: wanted })) => {
            assert!(
                heard.abs_diff(wanted) < Duration::from_secs(1),
                "{losses:?}"
            );
        }
        (loss, wanted) => assert_eq!(loss, wanted),
    }
}

/// A test for each film: its name, how it is made, and what is true of it.
macro_rules! films {
    ($($name:ident: $film:expr => $truth:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            $crate::film::check($film, $truth).await;
        })*
    };
}
