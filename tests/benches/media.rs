//! The media stage against the plain pipeline: join the chunks in memory, pipe all of it to ffmpeg.
//!
//! `cargo bench --profile local --bench media [-- RUNS [VIDEO]]` makes a video like those of phones (1080p30 H.264, 180 s,
//! about 80 MB, a key a second, its index first, because the plain way gets no picture otherwise), then runs these in turn,
//! each in a process of its own: the plain pipeline, the media stage for 8 pictures, and for 96. It prints medians and the
//! ratios to the plain pipeline. Memory is that of the process and its ffmpegs together, sampled every 2 ms.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs
)]

use std::{
    fs::{self, File},
    io::Write,
    ops::Range,
    os::unix::fs::FileExt,
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use dodolens::{
    app::ports::{MediaExtractor, MediaLimits, ReadError, VideoSource},
    domain::media::ContentType,
    media::{FfmpegConfig, FfmpegExtractor, Strictness},
};
use dodolens_tests::media::{ffmpeg, run_ffmpeg};

const PART: u64 = 350 * 1024;
const CHUNK: usize = 1024 * 1024;

/// Tells a run which ffmpeg to use, so that finding it is not part of what is measured.
const PROGRAM: &str = "BENCH_FFMPEG";

/// The plain pipeline, and the media stage by the most pictures it may take.
const STAGES: [&str; 3] = ["stage-plain", "stage-8", "stage-96"];

/// What one run cost: seconds, CPU seconds, MiB, pictures.
type Cost = [f64; 4];

fn main() {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if let [stage, video] = &words[..]
        && stage.starts_with("stage-")
    {
        return measure(stage, Path::new(video));
    }
    let runs = words
        .first()
        .map_or(5, |runs| runs.parse().expect("RUNS is a number"));
    let folder = tempfile::tempdir().unwrap();
    let video = words.get(1).map_or_else(|| make(folder.path()), Into::into);
    let size = fs::metadata(&video).unwrap().len() as f64 / 1e6;
    println!("video of {size:.0} MB, {runs} runs each, medians");
    let mut costs: [Vec<Cost>; 3] = Default::default();
    for _ in 0..runs {
        for (costs, name) in costs.iter_mut().zip(STAGES) {
            costs.push(stage(name, &video));
        }
    }
    let [plain, eight, all] = costs.map(|costs| medians(&costs));
    println!(
        "{:14}{:>8}{:>8}{:>8}{:>8}{:>8}",
        "", "plain", "8", "ratio", "96", "ratio"
    );
    for (i, name) in ["wall, s", "CPU, s", "memory, MiB", "pictures"]
        .iter()
        .enumerate()
    {
        let ratio = |ours: Cost| ours[i] / plain[i];
        println!(
            "{name:14}{:8.2}{:8.2}{:8.3}{:8.2}{:8.3}",
            plain[i],
            eight[i],
            ratio(eight),
            all[i],
            ratio(all)
        );
    }
}

fn make(folder: &Path) -> std::path::PathBuf {
    println!("making the video …");
    let arguments = "-f lavfi -i testsrc2=s=1920x1080:r=30:d=180,noise=alls=8:allf=t -f lavfi -i sine=r=48000:d=180 \
        -c:v libx264 -preset veryfast -b:v 3500k -maxrate 4M -bufsize 4M -g 30 -pix_fmt yuv420p -c:a aac -b:a 128k \
        -movflags +faststart";
    let path = folder.join("video.mp4");
    fs::write(&path, run_ffmpeg(b"", arguments, "mp4")).unwrap();
    path
}

/// Runs this program for one stage and reads what it cost.
fn stage(name: &str, video: &Path) -> Cost {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command
        .arg(name)
        .arg(video)
        .env(PROGRAM, ffmpeg())
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{name} failed");
    let said = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = said
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    let cost: Cost = numbers.try_into().unwrap();
    assert!(cost[3] > 0.0, "{name} got no picture");
    cost
}

fn medians(costs: &[Cost]) -> Cost {
    std::array::from_fn(|i| {
        let mut column: Vec<_> = costs.iter().map(|cost| cost[i]).collect();
        column.sort_by(f64::total_cmp);
        column[column.len() / 2]
    })
}

/// Runs one stage in this process and prints what it cost.
fn measure(name: &str, video: &Path) {
    let (done, peak) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    let pictures = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                peak.fetch_max(tree_pages(), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        let most = name.trim_start_matches("stage-").parse();
        let pictures = most.map_or_else(|_| plain(video), |most| ours(video, most));
        done.store(true, Ordering::Relaxed);
        pictures
    });
    let wall = start.elapsed().as_secs_f64();
    let memory = peak.load(Ordering::Relaxed) as f64 * 4096.0 / 1_048_576.0;
    println!("{wall} {} {memory} {pictures}", cpu());
}

/// Pages in memory of this process and its children.
fn tree_pages() -> u64 {
    let pages = |pid: &str| {
        let statm = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
        statm
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let children: u64 = tasks
        .flat_map(|task| {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            children
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .map(|pid| pages(&pid))
        .sum();
    pages("self") + children
}

/// CPU seconds of this process and its finished children (proc_pid_stat(5), fields 14 to 17, in 1/100 s).
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .map(|ticks| ticks.parse::<u64>().unwrap())
        .sum();
    ticks as f64 / 100.0
}

fn program() -> std::path::PathBuf {
    std::env::var_os(PROGRAM).expect("the ffmpeg to use").into()
}

fn plain(video: &Path) -> usize {
    let file = File::open(video).unwrap();
    let len = file.metadata().unwrap().len() as usize;
    let chunks: Vec<Vec<u8>> = (0..len)
        .step_by(CHUNK)
        .map(|at| {
            let mut chunk = vec![0; CHUNK.min(len - at)];
            file.read_exact_at(&mut chunk, at as u64).unwrap();
            chunk
        })
        .collect();
    let joined = chunks.concat();
    drop(chunks);
    let mut child = Command::new(program())
        .args("-hide_banner -loglevel error -i pipe:0 -vf fps=1/2 -vframes 8 -f image2pipe -vcodec mjpeg pipe:1".split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            // It stops reading when it has its pictures.
            let _ = stdin.write_all(&joined);
            drop(stdin);
        });
        child.wait_with_output().unwrap()
    });
    output
        .stdout
        .windows(3)
        .filter(|bytes| *bytes == [0xff, 0xd8, 0xff])
        .count()
}

fn ours(video: &Path, frames: usize) -> usize {
    let limits = MediaLimits {
        frames,
        long_side: 1024,
        source_pixels: 4096 * 2304,
        deadline: Duration::from_secs(60),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = FfmpegConfig {
        path: program(),
        strictness: Strictness::Strict,
    };
    let extractor = runtime.block_on(FfmpegExtractor::new(config)).unwrap();
    let media = runtime
        .block_on(extractor.extract(&Parts(File::open(video).unwrap()), &limits))
        .unwrap();
    assert!(media.sound.is_some());
    media.frames.len()
}

/// Parts of a video that are opened one after another, each wiped by the next.
struct Parts(File);

impl VideoSource for Parts {
    fn len(&self) -> u64 {
        self.0.metadata().unwrap().len()
    }

    fn content_type(&self) -> ContentType {
        ContentType::Mp4
    }

    async fn read(
        &self,
        ranges: &[Range<u64>],
        sink: &mut (dyn FnMut(u64, &[u8]) + Send),
    ) -> Result<(), ReadError> {
        let mut part = vec![0; PART as usize];
        let mut opened = None;
        for range in ranges {
            let mut at = range.start;
            while at < range.end {
                let number = at / PART;
                let base = number * PART;
                if opened.replace(number) != Some(number) {
                    let len = PART.min(self.len() - base) as usize;
                    self.0.read_exact_at(&mut part[..len], base).unwrap();
                }
                let end = range.end.min(base + PART);
                sink(at, &part[(at - base) as usize..(end - base) as usize]);
                at = end;
            }
        }
        Ok(())
    }
}
