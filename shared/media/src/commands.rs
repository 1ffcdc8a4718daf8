//! The command lines of ffmpeg. What each costs, and what else was tried: docs/PERFORMANCE.md.

use std::{
    fmt::Write as _, num::NonZero, os::fd::RawFd, thread::available_parallelism, time::Duration,
};

use dodolens_app::ports::MediaLimits;

/// Containers that a decoder may open besides those whose index is read here. A playlist that makes it fetch things is
/// not among them.
const CONTAINERS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";
const QUIET: &str = "-hide_banner -nostdin -loglevel warning -filter_threads 1 -max_alloc 268435456 -max_streams 32";
/// Constant bit rate of converted speech; transcription gains nothing from more.
const SOUND_BYTES_PER_SECOND: u64 = 48_000 / 8;
/// More than a packet of it has.
const FRAME_BYTES: usize = 4096;
/// Seconds from one entry of a playlist to the next; more than any two pictures of it are apart in a file.
pub(super) const ENTRY: u32 = 100_000;

/// What to make of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Make {
    /// JPEGs, one behind the other, without names.
    Jpegs,
    /// A list of the same JPEGs: their times in microseconds, and their sizes.
    List,
}

/// Which pictures of its input to give.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pick<'a> {
    /// All.
    All,
    /// Those shown at these times, each give or take the second number, in seconds.
    At(&'a [f64], f64),
}

/// At most `count` pictures of an MP4 file on standard input.
pub(super) fn pictures_of_mp4(
    make: Make,
    pick: Pick<'_>,
    count: usize,
    limits: &MediaLimits,
) -> Vec<String> {
    let mut words = common(limits, threads(pick));
    words.extend(split(
        "-protocol_whitelist pipe -copyts -f mov -enable_drefs 0 -use_absolute_path 0 -i pipe:0 -map 0:V:0",
    ));
    pictures(words, make, pick, count, limits)
}

/// At most `count` pictures of the stream `stream`, one for each entry of the playlist ([`playlist`]) on standard input.
pub(super) fn pictures_of_playlist(
    make: Make,
    stream: &str,
    count: usize,
    limits: &MediaLimits,
) -> Vec<String> {
    let mut words = common(limits, 1);
    words.extend(split("-skip_frame nokey"));
    words.extend(from_playlist(stream));
    pictures(words, make, Pick::All, count, limits)
}

/// At most `count` pictures at these times of the stream `stream`, within the one entry of the playlist ([`stretch`]) on
/// standard input.
pub(super) fn pictures_of_stretch(
    make: Make,
    stream: &str,
    pick: Pick<'_>,
    count: usize,
    limits: &MediaLimits,
) -> Vec<String> {
    let mut words = common(limits, threads(pick));
    words.extend(from_playlist(stream));
    pictures(words, make, pick, count, limits)
}

/// The stream `stream` of what the playlist on standard input names.
fn from_playlist(stream: &str) -> Vec<String> {
    let words = format!(
        "-copyts -f concat -safe 0 -protocol_whitelist fd,pipe,subfile \
         -format_whitelist concat,{CONTAINERS} -i pipe:0 -map 0:{stream}"
    );
    split(&words).collect()
}

/// At most `count` pictures of the stream `stream` of the file behind the descriptor `fd`, which is decoded from its
/// beginning.
pub(super) fn pictures_of_file(
    fd: RawFd,
    make: Make,
    stream: &str,
    pick: Pick<'_>,
    count: usize,
    limits: &MediaLimits,
) -> Vec<String> {
    let mut words = common(limits, threads(pick));
    words.push("-copyts".into());
    words.extend(open(fd));
    words.extend(split(&format!("-map 0:{stream}")));
    pictures(words, make, pick, count, limits)
}

/// A list of the packets of all picture and sound tracks of the file behind the descriptor `fd`.
pub(super) fn packets_of_file(fd: RawFd) -> Vec<String> {
    let mut words: Vec<_> = split(QUIET).collect();
    words.extend(split("-threads 1 -copyts"));
    words.extend(open(fd));
    words.extend(split("-map 0:V? -map 0:a? -c copy -f framecrc pipe:1"));
    words
}

/// Sound as MP3 from an MP4 file on standard input.
pub(super) fn sound_of_mp4(limits: &MediaLimits) -> Vec<String> {
    let mut words = common(limits, 1);
    words.extend(split(
        "-protocol_whitelist pipe -f mov -enable_drefs 0 -use_absolute_path 0 -i pipe:0 -map 0:a:0",
    ));
    sound(words)
}

/// The sound `stream` as MP3 from the file behind the descriptor `fd`.
pub(super) fn sound_of_file(fd: RawFd, stream: &str, limits: &MediaLimits) -> Vec<String> {
    let mut words = common(limits, 1);
    words.extend(open(fd));
    words.extend(split(&format!("-map 0:{stream}")));
    sound(words)
}

/// A playlist of the file behind the descriptor `fd` that begins anew at each of `times`, in seconds, and ends behind one
/// picture. All entries share one offset, where the last has left it: `subfile` goes back to the start before each. The
/// entry `i` begins at `i` times [`ENTRY`], so that the time of a picture tells its entry.
pub(super) fn playlist(fd: RawFd, times: &[f64]) -> String {
    let mut list = "ffconcat version 1.0\n".to_owned();
    for time in times {
        let from = just_after(*time);
        let _ = writeln!(
            list,
            "file 'subfile,,start,0,end,0,,:fd:'\noption fd {fd}\ninpoint {from:.6}\noutpoint {:.6}\nduration {ENTRY}",
            from + 0.001
        );
    }
    list
}

/// A playlist of the file behind the descriptor `fd` that begins at `from` and ends just behind `to`, in seconds. It counts
/// time from `from` on.
pub(super) fn stretch(fd: RawFd, from: f64, to: f64) -> String {
    format!(
        "ffconcat version 1.0\nfile 'subfile,,start,0,end,0,,:fd:'\noption fd {fd}\ninpoint {:.6}\noutpoint {:.6}\n",
        just_after(from),
        just_after(to) + 0.001
    )
}

/// Rounded up to whole microseconds: at a lower time the picture before would be found.
fn just_after(time: f64) -> f64 {
    (time * 1e6).ceil() / 1e6 + 1e-6
}

fn split(words: &str) -> impl Iterator<Item = String> + '_ {
    words.split(' ').map(str::to_owned)
}

fn common(limits: &MediaLimits, threads: usize) -> Vec<String> {
    // The decoder counts rows as it stores them, filled up to a width that its instructions like.
    let stored = limits
        .source_pixels
        .saturating_add(limits.source_pixels / 16);
    let pixels = i64::try_from(stored).unwrap_or(i64::MAX);
    let bounds = format!("-threads {threads} -max_pixels {pixels}");
    split(QUIET).chain(split(&bounds)).collect()
}

/// A few pictures that stand alone are decoded on one core as fast as on many; a long run of them is not. More than two
/// threads gain little more, and 4K HEVC on four does not fit the address space.
fn threads(pick: Pick<'_>) -> usize {
    match pick {
        Pick::All => 1,
        Pick::At(..) => available_parallelism().map_or(1, NonZero::get).min(2),
    }
}

/// Without a path: a decoder that opens nothing can still read it, and seek in it.
fn open(fd: RawFd) -> Vec<String> {
    let words =
        format!("-protocol_whitelist fd,pipe -format_whitelist {CONTAINERS} -fd {fd} -i fd:");
    split(&words).collect()
}

/// Turned upright by ffmpeg itself, made smaller where needed, never larger. JPEGs leave 100 s apart: the encoder counts
/// time in pictures of the video, and drops what falls on the same one; a list keeps the times.
fn pictures(
    mut words: Vec<String>,
    make: Make,
    pick: Pick<'_>,
    count: usize,
    limits: &MediaLimits,
) -> Vec<String> {
    let side = limits.long_side;
    let mut filter = String::new();
    if let Pick::At(times, slack) = pick {
        let wanted: Vec<_> = times
            .iter()
            .map(|time| format!("between(t,{:.9},{:.9})", time - slack, time + slack))
            .collect();
        let _ = write!(filter, "select='{}',", wanted.join("+"));
    }
    let _ = write!(
        filter,
        "scale=w='min({side},iw)':h='min({side},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear"
    );
    let form = match make {
        Make::Jpegs => {
            filter.push_str(",setpts=N*100/TB");
            "mpjpeg"
        }
        Make::List => "framecrc -enc_time_base 1:1000000",
    };
    words.extend(["-vf".to_owned(), filter]);
    words.extend(split(&format!(
        "-frames:v {count} -fps_mode passthrough -threads 1 -an -sn -dn -q:v 4 -c:v mjpeg -f {form} pipe:1"
    )));
    words
}

fn sound(mut words: Vec<String>) -> Vec<String> {
    words.extend(split(&format!(
        "-fs {} -vn -sn -dn -ac 1 -ar 16000 -c:a libmp3lame -b:a 48k -write_xing 0 -id3v2_version 0 -f mp3 pipe:1",
        super::sound::MAX_SOUND - FRAME_BYTES
    )));
    words
}

/// How long converted sound of `bytes` plays.
pub(super) fn sound_duration(bytes: usize) -> Duration {
    Duration::from_millis(bytes as u64 * 1000 / SOUND_BYTES_PER_SECOND)
}
