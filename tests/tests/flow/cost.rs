//! What is counted of a real run agrees with what can be reckoned: writing a MiB takes 1,026 write units (three parts of
//! about 342 KB), and deleting it takes them once more.

use dodolens_local::cost::{Item, Run, Seen, run};

/// Size of the video, and the write units that each of its MiB takes.
const MIB: f64 = 8.0;
const UNITS: f64 = 1026.0;

async fn counted(shred: bool) -> Seen {
    let video_bytes = (MIB * f64::from(1 << 20)) as u64;
    let wanted = Run {
        video_bytes,
        video_seconds: 20.0,
        shred,
    };
    run(&wanted).await.unwrap()
}

#[tokio::test]
async fn a_counted_session_agrees_with_the_arithmetic() {
    for (shred, times) in [(false, 2.0), (true, 1.0)] {
        let seen = counted(shred).await;
        let size = seen.counted.video_bytes / f64::from(1 << 20);
        assert!((size / MIB - 1.0).abs() < 0.1, "{size} MiB");
        let session = &seen.counted.session;
        let writes = session.of(Item::TableWrites) / (size * UNITS);
        assert!((times..times * 1.04).contains(&writes), "{writes}");
        let chunks = size.ceil();
        // Two units of 512 KB a chunk, and the other calls of a session.
        let requests = session.of(Item::HttpRequests) - 2.0 * chunks;
        assert!((2.0..12.0).contains(&requests), "{requests}");
        assert!(session.of(Item::SocketMessages) >= chunks);
        assert!(session.of(Item::Invocations) >= chunks + 5.0);
        assert!(session.of(Item::Compute) > 0.0);
        // One for every two seconds, and those that neighbouring requests share.
        assert!(
            (10..=20).contains(&seen.ai.pictures),
            "{}",
            seen.ai.pictures
        );
        assert!((seen.ai.sound_seconds - 20.0).abs() < 1.0);
        // 20 eventually consistent units for each MiB that is read; nothing is verified absent when shredded.
        assert!(session.of(Item::TableReads) > 0.0);
        assert!(seen.counted.metrics > 0 && seen.counted.queue_sources > 0);
        assert!(seen.counted.resources["AWS::SecretsManager::Secret"] >= 3);
    }
}
