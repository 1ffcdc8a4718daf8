use std::{env, path::PathBuf};

use tokio::{process::Command, sync::OnceCell};

use super::{ToolchainError, output, root};

/// The two builds of ffmpeg: layers/ffmpeg/README.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Build {
    /// From the wheel, with all codecs. It makes the videos, whichever build decodes them.
    Wheel,
    /// From source, with what the service needs.
    Minimal,
}

impl Build {
    fn parse(name: &str) -> Result<Self, ToolchainError> {
        match name {
            "" | "wheel" => Ok(Self::Wheel),
            "minimal" => Ok(Self::Minimal),
            other => Err(ToolchainError::Build(other.to_owned())),
        }
    }

    /// The script that makes its layer, and where the layers lie.
    const fn places(self) -> (&'static str, &'static str) {
        match self {
            Self::Wheel => ("layers/ffmpeg/fetch.py", "target/ffmpeg"),
            Self::Minimal => ("layers/ffmpeg/build.py", "target/ffmpeg-minimal"),
        }
    }
}

/// Fetches or builds the ffmpeg of this machine's architecture that `process` runs, unless it is there, and returns the
/// layer's directory: what is `/opt` in Lambda, with `bin/ffmpeg` in it. Which build it is, the variable `FFMPEG` says,
/// as it does to `sam build`: `wheel`, the default, or `minimal`. It is made once even if several processes ask at once,
/// and checked once a process.
///
/// # Errors
/// If there is none for this machine, or it can't be had.
pub async fn ffmpeg() -> Result<PathBuf, ToolchainError> {
    let build = env::var("FFMPEG").unwrap_or_default();
    layer(Build::parse(&build)?).await
}

/// The program of [`ffmpeg`], for a caller that can't wait for a future.
///
/// # Errors
/// As [`ffmpeg`].
pub fn ffmpeg_program() -> Result<PathBuf, ToolchainError> {
    Ok(wait(ffmpeg)?.join("bin/ffmpeg"))
}

/// An ffmpeg that can also encode, whatever `process` runs: the program itself.
///
/// # Errors
/// As [`ffmpeg`].
pub async fn encoder() -> Result<PathBuf, ToolchainError> {
    Ok(layer(Build::Wheel).await?.join("bin/ffmpeg"))
}

/// [`encoder`] for a caller that can't wait for a future.
///
/// # Errors
/// As [`ffmpeg`].
pub fn encoder_program() -> Result<PathBuf, ToolchainError> {
    wait(encoder)
}

/// Runs a future to its end, from wherever it is called.
fn wait<F>(start: impl FnOnce() -> F + Send + 'static) -> Result<PathBuf, ToolchainError>
where
    F: Future<Output = Result<PathBuf, ToolchainError>>,
{
    let fetched = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|source| ToolchainError::Start {
            program: "a runtime".to_owned(),
            source,
        })?;
        runtime.block_on(start())
    });
    fetched
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

async fn layer(build: Build) -> Result<PathBuf, ToolchainError> {
    static WHEEL: OnceCell<PathBuf> = OnceCell::const_new();
    static MINIMAL: OnceCell<PathBuf> = OnceCell::const_new();
    let layer = match build {
        Build::Wheel => &WHEEL,
        Build::Minimal => &MINIMAL,
    };
    layer.get_or_try_init(|| make(build)).await.cloned()
}

async fn make(build: Build) -> Result<PathBuf, ToolchainError> {
    let (os, machine) = (env::consts::OS, env::consts::ARCH);
    let architecture = architecture(os, machine).ok_or(ToolchainError::Platform {
        os,
        architecture: machine,
    })?;
    let (script, layers) = build.places();
    let directory = root().join(layers).join(architecture);
    let mut command = Command::new("python3");
    command
        .arg(root().join(script))
        .arg(architecture)
        .arg(&directory);
    output(&mut command, script).await?;
    Ok(directory)
}

/// Lambda's name of an architecture that there is a static Linux build for.
fn architecture(os: &str, machine: &str) -> Option<&'static str> {
    match (os, machine) {
        ("linux", "x86_64") => Some("x86_64"),
        ("linux", "aarch64") => Some("arm64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ffmpeg_is_fetched_and_runs() {
        let (one, other) = tokio::join!(make(Build::Wheel), make(Build::Wheel));
        assert_eq!(one.unwrap(), other.unwrap());
        let mut command = Command::new(encoder().await.unwrap());
        let version = output(command.arg("-version"), "ffmpeg").await.unwrap();
        assert!(version.starts_with(b"ffmpeg version 7.0.2-static"));
    }

    #[test]
    fn the_build_of_ffmpeg_is_named() {
        assert_eq!(Build::parse("").unwrap(), Build::Wheel);
        assert_eq!(Build::parse("minimal").unwrap(), Build::Minimal);
        let error = Build::parse("Minimal").unwrap_err();
        assert!(error.to_string().contains("\"Minimal\""), "{error}");
    }

    #[test]
    fn ffmpeg_is_pinned_for_linux_on_both_architectures() {
        assert_eq!(architecture("linux", "aarch64"), Some("arm64"));
        assert_eq!(architecture("macos", "aarch64"), None);
    }
}
