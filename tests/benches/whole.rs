//! The whole way on the local stack, with an AI that answers at once: from finalize to the inventory, the memory of the
//! process function with its ffmpeg, and the start of each bootstrap.
//!
//! `cargo bench --profile local --bench whole [-- RUNS [BOOTSTRAPS]]`; BOOTSTRAPS is a directory of bootstraps to take
//! the sizes and starts of, such as those of a release build.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs
)]

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dodolens::wire::ws::Event;
use dodolens_local::{
    client::{Client, Options, Report, VideoFile},
    cloud::{Cloud, LogSink},
    launch::{Ai, Launch},
    toolchain,
    video::VideoSpec,
};
use dodolens_tests::stack::{showing, video};
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

#[tokio::main]
async fn main() {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let runs: usize = words
        .first()
        .map_or(5, |runs| runs.parse().expect("RUNS is a number"));
    let spec = VideoSpec {
        seconds: 64.0,
        size: (1920, 1080),
        bitrate: Some(10_200_000),
        ..showing(&["tv@living_room"])
    };
    let path = video(&spec, ".mp4").await;
    let file = VideoFile::open(&*path).unwrap();
    println!("video of {:.1} MB, {runs} runs", file.len() as f64 / 1e6);

    let ai = ai_that_answers_at_once().await;
    let mut launch = Launch::new(Ai::Providers {
        base_urls: Some(format!("openai={}/v1", ai.uri())),
        keys: [("openai".to_owned(), "k".to_owned())].into(),
    });
    launch.cloud.logs = LogSink::new(|_| {});
    let stack = launch.start().await.unwrap();
    let client = Client::new(stack.endpoint.clone()).unwrap();

    let (mut uploads, mut waits, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let watch = Watch::start(&stack.cloud);
        let start = Instant::now();
        let (mut finalized, mut ended) = (None, None);
        let (options, mut observer) = (Options::default(), |report| match report {
            Report::Finalized => finalized = Some(Instant::now()),
            Report::Event(message) if matches!(message.event, Event::AnalysisComplete(_)) => {
                ended = Some(Instant::now())
            }
            _ => {}
        });
        client
            .analyze(&file, &options, &mut observer)
            .await
            .unwrap();
        let finalized = finalized.unwrap();
        uploads.push((finalized - start).as_secs_f64());
        waits.push(ended.map_or(f64::NAN, |ended| (ended - finalized).as_secs_f64()));
        peaks.push(watch.stop());
    }
    println!(
        "upload to finalize, s               median {:.2}",
        median(&mut uploads)
    );
    println!(
        "finalize to analysis_complete, s    median {:.2}  max {:.2}",
        median(&mut waits),
        waits[waits.len() - 1]
    );
    println!(
        "process function + ffmpeg, MiB      median {:.0}  max {:.0}",
        median(&mut peaks),
        peaks[peaks.len() - 1]
    );

    let bootstraps = match words.get(1) {
        Some(directory) => PathBuf::from(directory),
        None => toolchain::bootstraps().await.unwrap(),
    };
    println!("{:20}{:>10}{:>16}", "bootstrap", "MB", "start, ms");
    for function in stack.cloud.stack().functions.values() {
        let bootstrap = bootstraps.join(&function.binary);
        let size = fs::metadata(&bootstrap).unwrap().len() as f64 / 1e6;
        let mut starts: Vec<_> = (0..runs)
            .map(|_| start_of(&bootstrap, &function.environment, &stack.cloud))
            .collect();
        println!(
            "{:20}{size:10.1}{:16.1}",
            function.binary,
            median(&mut starts)
        );
    }
    stack.shutdown().await;
}

async fn ai_that_answers_at_once() -> MockServer {
    let server = MockServer::start().await;
    let seen = json!({
        "id": "resp_1", "object": "response", "created_at": 0, "status": "completed", "model": "m",
        "output": [{"type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
            "content": [{"type": "output_text", "text": r#"{"things":[]}"#, "annotations": []}]}],
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
    });
    Mock::given(path("/v1/responses"))
        .respond_with(ResponseTemplate::new(200).set_body_json(seen))
        .mount(&server)
        .await;
    let heard = json!({"text": ""});
    Mock::given(path("/v1/audio/transcriptions"))
        .respond_with(ResponseTemplate::new(200).set_body_json(heard))
        .mount(&server)
        .await;
    server
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Samples the resident memory of this process's grandchildren tree below the process function, every 2 ms.
struct Watch {
    done: Arc<AtomicBool>,
    peak: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Watch {
    fn start(cloud: &Cloud) -> Self {
        let (done, peak) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let binary = cloud.stack().functions["ProcessFunction"].binary.clone();
        let thread = std::thread::spawn({
            let (done, peak) = (Arc::clone(&done), Arc::clone(&peak));
            move || {
                while !done.load(Ordering::Relaxed) {
                    peak.fetch_max(resident_kib(&binary), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        });
        Self { done, peak, thread }
    }

    fn stop(self) -> f64 {
        self.done.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
        self.peak.load(Ordering::Relaxed) as f64 / 1024.0
    }
}

/// KiB of our bootstrap of this name and its children together.
fn resident_kib(binary: &str) -> u64 {
    let us = std::process::id();
    let processes: Vec<(u32, u32, String, u64)> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let field = |name: &str| {
                Some(
                    status
                        .lines()
                        .find_map(|line| line.strip_prefix(name))?
                        .trim()
                        .to_owned(),
                )
            };
            let kib = field("VmRSS:")?.split(' ').next()?.parse().ok()?;
            Some((pid, field("PPid:")?.parse().ok()?, field("Name:")?, kib))
        })
        .collect();
    let ours = |parent: u32| processes.iter().filter(move |process| process.1 == parent);
    ours(us)
        .filter(|process| process.2 == binary)
        .map(|process| process.3 + ours(process.0).map(|child| child.3).sum::<u64>())
        .max()
        .unwrap_or(0)
}

/// Milliseconds from starting a bootstrap until it asks for its first event.
fn start_of(
    bootstrap: &Path,
    environment: &std::collections::BTreeMap<String, String>,
    cloud: &Cloud,
) -> f64 {
    let runtime = TcpListener::bind("127.0.0.1:0").unwrap();
    let urls = cloud.urls();
    let start = Instant::now();
    let mut child = Command::new(bootstrap)
        .env_clear()
        .envs(environment)
        .env(
            "AWS_LAMBDA_RUNTIME_API",
            runtime.local_addr().unwrap().to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_NAME", "f")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_REGION", "eu-west-3")
        .env("AWS_ACCESS_KEY_ID", "k")
        .env("AWS_SECRET_ACCESS_KEY", "k")
        .env("AWS_ENDPOINT_URL_DYNAMODB", urls.dynamodb())
        .env("AWS_ENDPOINT_URL_SQS", urls.sqs())
        .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", urls.secrets_manager())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (mut asked, _) = runtime.accept().unwrap();
    let mut first = [0; 4];
    asked.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"GET ");
    let took = start.elapsed().as_secs_f64() * 1e3;
    child.kill().unwrap();
    child.wait().unwrap();
    took
}
