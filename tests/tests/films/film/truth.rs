//! What is true of a film.

use std::{
    ops::{Range, RangeInclusive},
    time::Duration,
};

use dodolens::{
    app::ports::MediaError,
    domain::media::{SoundFormat, SoundLoss},
};

/// A stretch that a player shows: its time there, and the clock's time at its start and how fast the clock goes.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) shown: Range<f64>,
    pub(super) clock: f64,
    pub(super) pace: f64,
}

/// What is to be heard.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tone {
    None,
    /// The clock's.
    Clock,
    /// Any.
    Any,
}

/// The sound that is wanted.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) formats: &'static [SoundFormat],
    pub(super) seconds: f64,
    pub(super) slack: f64,
    pub(super) tone: Tone,
}

/// What is true of a film.
#[derive(Debug, Clone)]
pub struct Truth {
    pub(super) error: Option<MediaError>,
    pub(super) pictures: RangeInclusive<usize>,
    pub(super) size: (u32, u32),
    /// How long it is said to last.
    pub(super) lasts: RangeInclusive<f64>,
    /// The clock's time when it is all white.
    pub(super) white: f64,
    pub(super) stretches: Vec<Stretch>,
    /// How far the clock may be off.
    pub(super) slack: f64,
    pub(super) sound: Option<Heard>,
    pub(super) corner: Option<(bool, bool)>,
    pub(super) lost: RangeInclusive<usize>,
    pub(super) unseen: Vec<Range<f64>>,
    pub(super) sound_loss: Option<SoundLoss>,
    /// Whether a container that ends early may have told how long it was meant to be.
    pub(super) open_end: bool,
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
    pub(super) fn end(&self) -> f64 {
        self.stretches.last().unwrap().shown.end
    }

    /// What the clock shows at a time of the player's; nothing between stretches.
    pub(super) fn clock(&self, at: f64) -> Option<f64> {
        let mut stretches = self.stretches.iter();
        let stretch = stretches.find(|stretch| stretch.shown.contains(&at))?;
        Some(stretch.clock + (at - stretch.shown.start) * stretch.pace)
    }
}
