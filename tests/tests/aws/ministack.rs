//! MiniStack on a port of its own, and the operations of AWS that the tests use on it.

use std::{path::Path, process::Stdio, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use tokio::process::{ChildStdin, Command};

/// The region that is deployed to.
pub const REGION: &str = "eu-west-3";
/// How long it may take to start.
const START_WITHIN: Duration = Duration::from_secs(60);
/// Runs the program in `"$@"` until our stdin closes, which it does when this process ends in any way; then ends the
/// whole process group, and so the program and all that it started.
const SUPERVISE: &str = r#""$@" & cat > /dev/null; kill -KILL 0"#;

/// A running MiniStack. It ends, with the functions it runs, when this is dropped or this process ends.
pub struct MiniStack {
    /// Where it answers.
    pub url: String,
    _stdin: ChildStdin,
}

impl MiniStack {
    /// Starts `program`, with `directory` for its files and log.
    pub async fn start(program: &Path, directory: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let url = format!("http://127.0.0.1:{port}");
        let log = std::fs::File::create(directory.join("ministack.log")).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISE, "sh"]).arg(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap());
        command.env("HOME", directory).env("TMPDIR", directory);
        for (name, value) in [
            ("BIND_HOST", "127.0.0.1"),
            ("MINISTACK_HOST", "127.0.0.1"),
            ("MINISTACK_REGION", REGION),
            ("IOT_MTLS_ENABLED", "0"),
            ("GATEWAY_PORT", &port.to_string()),
            // For the functions.
            ("AWS_ENDPOINT_URL", &url),
        ] {
            command.env(name, value);
        }
        command
            .stdin(Stdio::piped())
            .stderr(log.try_clone().unwrap())
            .stdout(log);
        let mut child = command.process_group(0).spawn().unwrap();
        let started = Self {
            url,
            _stdin: child.stdin.take().unwrap(),
        };
        let healthy = async {
            let health = format!("{}/_ministack/health", started.url);
            while !reqwest::get(&health)
                .await
                .is_ok_and(|answer| answer.status().is_success())
            {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let healthy = tokio::time::timeout(START_WITHIN, healthy).await;
        healthy.unwrap_or_else(|_| {
            panic!(
                "MiniStack does not start, see its log in {}",
                directory.display()
            )
        });
        started
    }

    /// Settings of a client of AWS.
    pub fn config(&self) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .endpoint_url(&self.url)
            .build()
    }

    /// Settings of a program that is a client of AWS.
    pub fn environment(&self) -> [(&'static str, &str); 6] {
        [
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_DEFAULT_REGION", REGION),
            ("NO_PROXY", "127.0.0.1"),
            ("no_proxy", "127.0.0.1"),
        ]
    }
}
