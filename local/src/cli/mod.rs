//! What `cargo local` takes and shows. Results go to standard output, everything else to standard error.

mod analyze;
mod catalogue;
mod cost;
mod error;
mod evaluate;
mod faults;
mod inventory;
mod make_video;
mod mistakes;
mod progress;
mod receipt;
mod serve;
mod stack;
mod words;

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser as _},
    value_parser,
};
use cost::CostArgs;
use dodolens::domain::locale::Locale;
use evaluate::EvaluateArgs;
use faults::FaultArgs;
use receipt::VerifyReceiptArgs;
use reqwest::Url;

use dodolens_video::MakeVideoArgs;

/// DodoLens on one machine
#[derive(Parser)]
#[command(name = "dodolens-local", bin_name = "cargo local", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Turn a video into a moving inventory
    Analyze(AnalyzeArgs),
    /// Check a receipt of erasure, offline
    VerifyReceipt(VerifyReceiptArgs),
    /// Keep the local stack up
    Serve(ServeArgs),
    /// Make a test video: QR codes for objects, DTMF tones for speech
    MakeVideo(MakeVideoArgs),
    /// List the ids and names of objects and rooms
    Catalogue(CatalogueArgs),
    /// How right models are: films whose truth is known, by one or several models
    Evaluate(EvaluateArgs),
    /// What a session and a month cost on AWS, from counted calls of a run here
    Cost(CostArgs),
}

#[derive(Debug, Args)]
struct AnalyzeArgs {
    /// The video; a sample is made when absent
    video: Option<PathBuf>,
    /// Print only the final snapshot, as JSON
    #[arg(long)]
    json: bool,
    /// URL of a running service, without /v1; a local stack is started when absent. If that service asks who opens a
    /// session, put a JWT of its issuer into DODOLENS_JWT
    #[arg(long, value_name = "URL")]
    endpoint: Option<Url>,
    /// Bytes of a chunk
    #[arg(long, value_name = "N")]
    chunk_bytes: Option<u32>,
    /// Chunks on their way at the same time, at most
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    parallel: Option<u32>,
    /// Language of the inventory
    #[arg(long, default_value = "en", value_parser = locale())]
    locale: Locale,
    /// Keep the receipt of erasure in this file, and the keys to check it with in receipt-keys.json beside it
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    faults: FaultArgs,
}

#[derive(Debug, Args)]
struct ServeArgs {
    /// Port of the HTTP API on 127.0.0.1
    #[arg(long, value_name = "P", default_value_t = 8080)]
    port: u16,
    #[command(flatten)]
    faults: FaultArgs,
}

#[derive(Debug, Args)]
struct CatalogueArgs {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Cli {
    /// Which log lines to show, as a `tracing` filter, unless the environment says otherwise.
    #[must_use]
    pub const fn default_log_filter(&self) -> &'static str {
        match self.command {
            Command::Serve(_) => "info",
            _ => "warn",
        }
    }

    /// Does what was asked; the exit status says whether it worked.
    pub async fn run(self) -> ExitCode {
        let mut stdout = io::stdout();
        let mut output = Output {
            is_terminal: stdout.is_terminal(),
            to: &mut stdout,
        };
        let done = match self.command {
            Command::Analyze(args) => Box::pin(analyze::run(args, &mut output)).await,
            Command::VerifyReceipt(args) => receipt::verify(&args, &mut output),
            Command::Serve(args) => serve::run(&args, &mut output).await,
            Command::MakeVideo(args) => make_video::run(&args).await,
            Command::Catalogue(args) => catalogue::run(args.json, &mut output),
            Command::Evaluate(args) => Box::pin(evaluate::run(&args, &mut output)).await,
            Command::Cost(args) => Box::pin(cost::run(&args, &mut output)).await,
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                say(&error.report());
                error.exit_code()
            }
        }
    }
}

fn locale() -> impl clap::builder::TypedValueParser<Value = Locale> {
    PossibleValuesParser::new(["fr", "en", "es"])
        .map(|tag| Locale::from_tag(&tag).unwrap_or_default())
}

/// Where results go.
struct Output<'a> {
    to: &'a mut dyn io::Write,
    is_terminal: bool,
}

impl Output<'_> {
    /// Writes a result. A reader that has gone away has had enough.
    fn print(&mut self, text: &str) -> io::Result<()> {
        match writeln!(self.to, "{text}").and_then(|()| self.to.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done,
        }
    }
}

/// Writes a line that is no result. Where standard error is closed there is nobody to tell.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Waits for Ctrl-C or `SIGTERM`.
async fn stop_requested() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn analyze_takes_what_is_documented() {
        let line = "x analyze v.mp4 --json --endpoint http://127.0.0.1:9 --chunk-bytes 262144 \
                    --parallel 3 --locale es --receipt r.json";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Analyze(args) = cli.command else {
            panic!("not analyze");
        };
        assert_eq!(args.video, Some(PathBuf::from("v.mp4")));
        assert!(args.json);
        assert_eq!(args.endpoint.unwrap().as_str(), "http://127.0.0.1:9/");
        assert_eq!((args.chunk_bytes, args.parallel), (Some(262_144), Some(3)));
        assert_eq!(args.locale, Locale::Es);
        assert_eq!(args.receipt, Some(PathBuf::from("r.json")));
    }

    #[test]
    fn all_is_optional_and_the_rest_is_refused() {
        for good in [
            "x analyze",
            "x serve",
            "x serve --port 0",
            "x verify-receipt r.json --keys k.json",
            "x catalogue --json",
            "x evaluate films --vision openai:gpt-6-luna --vision anthropic:claude-haiku-4-5 --repeat 3",
        ] {
            assert!(Cli::try_parse_from(good.split(' ')).is_ok(), "{good}");
        }
        for bad in [
            "x",
            "x analyze --parallel 0",
            "x analyze --locale de",
            "x analyze --endpoint nowhere",
            "x serve --port 70000",
        ] {
            assert!(Cli::try_parse_from(bad.split(' ')).is_err(), "{bad}");
        }
    }
}
