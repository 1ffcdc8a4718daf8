//! The layer with ffmpeg.

use std::path::Path;

use dodolens_local::toolchain;
use tokio::process::Command;

use crate::{
    deployment::{Deployment, deployment},
    tools::run,
};

/// Unpacks an archive as Lambda does: with the modes of its files.
const UNPACK: &str = "
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for member in archive.infolist():
        os.chmod(archive.extract(member, sys.argv[2]), member.external_attr >> 16)
";

/// Unpacks the layer that is attached to `process` into `directory`: MiniStack keeps layers, but gives functions that
/// bring their own runtime no `/opt`.
pub async fn unpack(deployment: &Deployment, python: &Path, directory: &Path) {
    let process = deployment.id("ProcessFunction");
    let configuration = deployment.lambda(&format!("{process}/configuration")).await;
    let layers = configuration["Layers"].as_array().unwrap();
    let [layer] = layers.as_slice() else {
        panic!("{layers:?}");
    };
    let arn = layer["Arn"].as_str().unwrap();
    let (name, version) = arn.rsplit_once(':').unwrap();
    let name = name.rsplit_once(':').unwrap().1;
    let url = &deployment.ministack.url;
    let about = format!("{url}/2018-10-31/layers/{name}/versions/{version}");
    let about: serde_json::Value = reqwest::get(about).await.unwrap().json().await.unwrap();
    let content = about["Content"]["Location"].as_str().unwrap();
    let content = reqwest::get(content)
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    let archive = directory.with_extension("zip");
    std::fs::write(&archive, content.bytes().await.unwrap()).unwrap();
    run(Command::new(python)
        .args(["-c", UNPACK])
        .arg(archive)
        .arg(directory))
    .await;
}

#[tokio::test]
async fn the_layer_that_is_attached_has_the_pinned_ffmpeg() {
    let deployed = deployment().await;
    let pinned = toolchain::ffmpeg().await.unwrap().join("bin/ffmpeg");
    assert_eq!(
        std::fs::read(&deployed.ffmpeg).unwrap(),
        std::fs::read(pinned).unwrap()
    );
    let version = run(Command::new(&deployed.ffmpeg).arg("-version")).await;
    assert!(
        version.starts_with("ffmpeg version 7.0.2-static"),
        "{version}"
    );
}
