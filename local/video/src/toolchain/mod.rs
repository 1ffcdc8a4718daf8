//! What has to be built or fetched before anything runs: the functions' bootstraps and ffmpeg.

mod ffmpeg;

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

pub use ffmpeg::{encoder, encoder_program, ffmpeg, ffmpeg_program};
use serde::Deserialize;
use thiserror::Error;
use tokio::{process::Command, sync::OnceCell};

/// Why a tool could not be had. The tool's own messages are on stderr.
#[derive(Debug, Error)]
pub enum ToolchainError {
    /// A program could not be started.
    #[error("{program} could not be started: {source}")]
    Start {
        /// Which one.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A program ended with a failure.
    #[error("{program} failed ({status}); its messages are above")]
    Failed {
        /// Which one.
        program: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// cargo's messages don't say where the binaries are.
    #[error("cargo did not say where it put the functions' binaries")]
    Messages,
    /// The variable `FFMPEG` names no build.
    #[error("FFMPEG is {0:?}; there are wheel and minimal")]
    Build(String),
    /// There is no ffmpeg for this machine.
    #[error("no ffmpeg is pinned for {os} on {architecture}")]
    Platform {
        /// Operating system.
        os: &'static str,
        /// Instruction set.
        architecture: &'static str,
    },
}

/// The workspace's root directory, where `template.yaml` is.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here)
}

/// Builds every binary of the workspace with the `local` profile and returns the directory that they are in, each
/// under its own name. The packages are the workspace's default members, as in a plain `cargo build`, so that their
/// dependencies have the same features and are not compiled a second time. They are built once a process.
///
/// # Errors
/// If cargo can't be started or the build fails.
pub async fn bootstraps() -> Result<PathBuf, ToolchainError> {
    static DIRECTORY: OnceCell<PathBuf> = OnceCell::const_new();
    DIRECTORY.get_or_try_init(build).await.cloned()
}

async fn build() -> Result<PathBuf, ToolchainError> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(&cargo);
    command.args([
        "build",
        "--profile",
        "local",
        "--bins",
        "--message-format",
        "json-render-diagnostics",
    ]);
    for (name, _) in
        env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_of_outer_package))
    {
        command.env_remove(name);
    }
    let messages = output(command.current_dir(root()), &cargo).await?;
    directory(&messages).ok_or(ToolchainError::Messages)
}

/// Whether a variable tells of the package that `cargo run` or `cargo test` started us from. Build scripts would take
/// it as a change and compile again.
fn is_of_outer_package(variable: &str) -> bool {
    let prefixes = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    let names = [
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "CARGO_TARGET_TMPDIR",
        "OUT_DIR",
    ];
    prefixes.iter().any(|prefix| variable.starts_with(prefix)) || names.contains(&variable)
}

/// Where the executables in cargo's messages are.
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn directory(messages: &[u8]) -> Option<PathBuf> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let mut executables = messages
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok()?.executable);
    executables.next_back()?.parent().map(Path::to_owned)
}

/// Runs a program to its end with our stderr and returns what it wrote to stdout.
async fn output(command: &mut Command, program: &str) -> Result<Vec<u8>, ToolchainError> {
    let command = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let output = command.output().await;
    let output = output.map_err(|source| ToolchainError::Start {
        program: program.to_owned(),
        source,
    })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(ToolchainError::Failed {
            program: program.to_owned(),
            status: output.status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_function_s_bootstrap_is_built() {
        let directory = bootstraps().await.unwrap();
        for function in std::fs::read_dir(root().join("functions")).unwrap() {
            let binary = directory.join(function.unwrap().file_name());
            assert!(binary.is_file(), "{}", binary.display());
        }
    }

    #[tokio::test]
    async fn a_program_that_fails_or_is_not_there_is_named() {
        let failed = output(&mut Command::new("false"), "false")
            .await
            .unwrap_err();
        assert!(
            failed
                .to_string()
                .starts_with("false failed (exit status: 1)"),
            "{failed}"
        );
        let absent = output(&mut Command::new("/no/such/program"), "absent")
            .await
            .unwrap_err();
        assert!(matches!(absent, ToolchainError::Start { .. }), "{absent}");
    }

    #[test]
    fn only_what_tells_of_the_outer_package_is_kept_from_cargo() {
        for variable in [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_BIN_EXE_session",
            "OUT_DIR",
        ] {
            assert!(is_of_outer_package(variable), "{variable}");
        }
        for variable in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "CARGO",
            "RUSTFLAGS",
        ] {
            assert!(!is_of_outer_package(variable), "{variable}");
        }
    }

    #[test]
    fn cargo_says_where_the_binaries_are() {
        let messages = br#"{"reason":"compiler-artifact","executable":null}
{"reason":"compiler-artifact","executable":"/t/local/session"}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(directory(messages), Some(PathBuf::from("/t/local")));
        assert_eq!(
            directory(b"{\"reason\":\"build-finished\",\"success\":true}"),
            None
        );
    }
}
