//! The programs of others that this suite runs, each in a Python environment of its own, with every package pinned by its
//! hash. SAM and MiniStack need different versions of botocore.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use dodolens_local::toolchain;
use tokio::process::Command;

/// Where the programs are.
pub struct Tools {
    /// AWS's SAM.
    pub sam: PathBuf,
    /// MiniStack.
    pub ministack: PathBuf,
    /// A Python.
    pub python: PathBuf,
}

impl Tools {
    /// Installs what is not there yet.
    pub async fn install() -> Self {
        let (sam, ministack) = tokio::join!(environment("sam"), environment("ministack"));
        Self {
            sam: sam.join("bin/sam"),
            python: sam.join("bin/python"),
            ministack: ministack.join("bin/ministack"),
        }
    }
}

/// The directory of this suite's own files.
pub fn files() -> PathBuf {
    toolchain::root().join("tests/tests/aws/tools")
}

/// The Python environment of `requirements-NAME.txt`, which holds a copy of the file it was made from.
async fn environment(name: &str) -> PathBuf {
    let wanted = files().join(format!("requirements-{name}.txt"));
    let directory = toolchain::root().join("target/tools").join(name);
    let installed = directory.join("requirements.txt");
    let text = std::fs::read(&wanted).unwrap();
    if std::fs::read(&installed).is_ok_and(|found| found == text) {
        return directory;
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&directory))
    .await;
    let mut pip = Command::new(directory.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args([
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--requirement",
    ]);
    run(pip.arg(wanted)).await;
    std::fs::write(installed, text).unwrap();
    directory
}

/// Runs a program to its end and returns what it wrote to stdout.
///
/// # Panics
/// When it fails, with what it wrote.
pub async fn run(command: &mut Command) -> String {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{stdout}\n{stderr}"
    );
    stdout
}

/// An empty directory.
pub fn empty(directory: &Path) {
    if directory.exists() {
        std::fs::remove_dir_all(directory).unwrap();
    }
    std::fs::create_dir_all(directory).unwrap();
}
