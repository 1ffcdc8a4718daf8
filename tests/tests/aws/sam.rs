//! `sam build`, `sam deploy`, and what is deployed then.

use std::{collections::BTreeMap, env, ffi::OsString, path::PathBuf};

use dodolens_local::toolchain;
use serde::Deserialize;
use tokio::process::Command;

use crate::{ministack::MiniStack, tools};

/// Name of the stack.
const STACK: &str = "dodolens";

/// SAM over the project's template.
pub struct Sam<'a> {
    /// The program.
    pub program: PathBuf,
    /// Where the deployment goes.
    pub ministack: &'a MiniStack,
    /// Where what is built goes.
    pub directory: PathBuf,
}

impl Sam<'_> {
    /// `sam build`: its own way for each function and layer, but for the compiler, for which [`tools::files`] has a
    /// stand-in that hands over what the tests have built already.
    pub async fn build(&self, parameters: &[(&str, String)]) {
        let mut command = self.command("build");
        // Where cargo looks for its subcommands; the directory of its own comes first unless it is named.
        let mut path = vec![tools::files()];
        path.extend(env::var_os("CARGO_HOME").map(|home| PathBuf::from(home).join("bin")));
        path.extend(env::split_paths(&env::var_os("PATH").unwrap()));
        command.env("PATH", env::join_paths(path).unwrap());
        command.env("BOOTSTRAPS", toolchain::bootstraps().await.unwrap());
        command.env("CARGO_TARGET_DIR", self.directory.join("target"));
        command
            .arg("--no-cached")
            .arg("--build-dir")
            .arg(self.build_dir());
        tools::run(command.args(overrides(parameters))).await;
    }

    /// `sam deploy`
    pub async fn deploy(&self, parameters: &[(&str, String)]) {
        let mut command = self.command("deploy");
        command.args([
            "--stack-name",
            STACK,
            "--resolve-s3",
            "--capabilities",
            "CAPABILITY_IAM",
        ]);
        command.args([
            "--no-confirm-changeset",
            "--no-fail-on-empty-changeset",
            "--no-progressbar",
        ]);
        command.arg("--template-file").arg(self.template());
        tools::run(command.args(overrides(parameters))).await;
    }

    /// Physical ids of what is deployed by its logical ids.
    pub async fn resources(&self) -> BTreeMap<String, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Resource {
            logical_resource_id: String,
            physical_resource_id: String,
        }
        let mut command = Command::new(&self.program);
        command.args([
            "list",
            "resources",
            "--stack-name",
            STACK,
            "--output",
            "json",
        ]);
        command.arg("--template-file").arg(self.template());
        let listed = tools::run(self.settings(&mut command)).await;
        let listed: Vec<Resource> = serde_json::from_str(&listed).unwrap();
        let pairs = listed.into_iter();
        pairs
            .map(|it| (it.logical_resource_id, it.physical_resource_id))
            .collect()
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name);
        self.settings(&mut command);
        command
    }

    fn settings<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.current_dir(toolchain::root());
        command
            .env("SAM_CLI_TELEMETRY", "0")
            .env_remove("AWS_PROFILE");
        command.envs(self.ministack.environment())
    }

    fn build_dir(&self) -> PathBuf {
        self.directory.join("build")
    }

    fn template(&self) -> PathBuf {
        self.build_dir().join("template.yaml")
    }
}

fn overrides(parameters: &[(&str, String)]) -> Vec<OsString> {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("ParameterKey={name},ParameterValue={value}").into());
    [OsString::from("--parameter-overrides")]
        .into_iter()
        .chain(pairs)
        .collect()
}
