//! The first event of a function finds its connections open and its keys read.

use bytes::Bytes;
use dodolens_local::{toolchain, video::VideoSpec};
use dodolens_tests::{
    cold::{AWAITED, Certificate, Cold, unfed},
    stack::{Setup, TestStack, showing, video},
};

/// Reads and deletes the parts of a video at the same time, over as many connections as that takes.
const PROCESS: &str = "ProcessFunction";

/// How often a function is started anew that was too slow.
const TRIES: usize = 20;

#[tokio::test]
async fn the_first_event_waits_for_no_connection() {
    let stack = TestStack::start(Setup {
        adjust: Some(unfed),
        schedule_scale: 1e6,
        ..Setup::default()
    })
    .await;
    let spec = VideoSpec {
        seconds: 1.0,
        size: (320, 180),
        ..showing(&["sofa_3_seat@living_room"])
    };
    let video: Bytes = std::fs::read(video(&spec, ".mp4").await).unwrap().into();
    let certificate = Certificate::new();
    let cold = Cold::new(&stack, &video, Some(&certificate)).await;
    let bootstraps = toolchain::bootstraps().await.unwrap();
    for function in AWAITED {
        let mut start = cold.start(function, &bootstraps).await;
        // No start waits for connections longer than 2 s, and a busy machine may need longer to open them.
        for _ in 0..TRIES {
            if function == PROCESS || start.connections[1] == 0 {
                break;
            }
            start = cold.start(function, &bootstraps).await;
        }
        let [ahead, in_first, in_second] = start.connections;
        assert!(ahead > 0, "{function}: {start:?}");
        assert_eq!(in_second, 0, "{function}: {start:?}");
        if function != PROCESS {
            assert_eq!(in_first, 0, "{function}: {start:?}");
        }
    }
    stack.running.shutdown().await;
}
