//! What a decoder that has been taken over may try: none of it gets through, and all of it would without the jail.

use std::{
    io::ErrorKind,
    net::{TcpListener, UdpSocket},
    time::Duration,
};

use dodolens::app::ports::{DecoderFault, MediaError, MediaLimits};
use tokio::time::timeout;

use super::stand_in::{Confined, LIMITS, StandIn, confined, confined_with_file};

/// For what ends soon, on however slow a machine.
const SOME_TIME: Duration = Duration::from_secs(300);

/// Checks that an attempt succeeds outside and kills the decoder in the jail.
async fn is_killed(attempt: &str) {
    let stand_in = StandIn::to(attempt);
    assert!(stand_in.succeeds_unconfined(), "{attempt}: outside");
    is_killed_inside(attempt).await;
}

/// As [`is_killed`], for what may not be possible outside either.
async fn is_killed_inside(attempt: &str) {
    check_killed(&StandIn::to(attempt), attempt).await;
    check_killed(&StandIn::opening(attempt), attempt).await;
}

async fn check_killed(stand_in: &StandIn, attempt: &str) {
    for ended in [
        confined(stand_in, LIMITS).await,
        confined_with_file(stand_in).await,
    ] {
        let forbidden = Err(DecoderFault::Forbidden.into());
        assert_eq!(ended.result, forbidden, "{attempt}: killed by its filter");
    }
}

/// Checks that the decoder is told no, and gets nothing.
async fn check_refused(stand_in: &StandIn, attempt: &str) {
    for ended in [
        confined(stand_in, LIMITS).await,
        confined_with_file(stand_in).await,
    ] {
        assert_eq!(ended.result, Err(MediaError::Unreadable), "{attempt}");
        assert_eq!(ended.faults, 0, "{attempt}");
    }
}

#[tokio::test]
async fn a_stand_in_that_tries_nothing_is_taken_for_a_decoder() {
    for (stand_in, may_open) in [
        (StandIn::to("nothing"), false),
        (StandIn::opening("nothing"), true),
    ] {
        let Confined {
            result,
            faults,
            opens,
            ..
        } = confined(&stand_in, LIMITS).await;
        assert_eq!(faults, 0);
        assert_eq!(opens, may_open);
        assert_eq!(result.unwrap().frames.len(), LIMITS.frames);
    }
}

#[tokio::test]
async fn sockets() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    tcp.set_nonblocking(true).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_nonblocking(true).unwrap();
    let to_tcp = format!("tcp,{}", tcp.local_addr().unwrap().port());
    let to_udp = format!("udp,{}", udp.local_addr().unwrap().port());

    for attempt in [&to_tcp, &to_udp] {
        assert!(StandIn::to(attempt).succeeds_unconfined(), "{attempt}");
    }
    assert!(tcp.accept().is_ok() && udp.recv(&mut [0; 8]).is_ok());

    for attempt in [&to_tcp, &to_udp] {
        is_killed_inside(attempt).await;
    }
    let nothing = |error: std::io::Error| error.kind() == ErrorKind::WouldBlock;
    assert!(tcp.accept().is_err_and(nothing));
    assert!(udp.recv(&mut [0; 8]).is_err_and(nothing));
    is_killed("listen").await;
    is_killed("unix").await;
}

#[tokio::test]
async fn files() {
    let name = |folder: &str| format!("{folder}/dodolens-jail-{}", std::process::id());
    let folders = ["/tmp", "/dev/shm", "/proc/self/cwd"];
    for path in folders.map(name) {
        let argument = path.replace('/', "+");
        let create = format!("create,{argument}");
        assert!(StandIn::to(&create).succeeds_unconfined(), "{path}");
        for attempt in ["write", "append"] {
            is_killed(&format!("{attempt},{argument}")).await;
        }
        is_killed_inside(&format!("unlink,{argument}")).await;
        std::fs::remove_file(&path).unwrap();
        is_killed_inside(&create).await;
        is_killed_inside(&format!("mkdir,{argument}")).await;
        assert!(!std::fs::exists(&path).unwrap(), "{path}");
        assert!(!std::fs::exists(name("")).unwrap(), "in its own folder");
    }
    is_killed("memfd").await;
}

#[tokio::test]
async fn processes() {
    for attempt in ["fork", "command", "exec", "page"] {
        is_killed(attempt).await;
    }
    assert!(StandIn::to("descriptor").succeeds_unconfined());
    check_refused(&StandIn::to("descriptor"), "descriptor").await;
    check_killed(&StandIn::opening("descriptor"), "descriptor").await;
    for attempt in ["peek", "kill", "limits", "code"] {
        is_killed(attempt).await;
    }
    // Some hosts allow these to nobody.
    for attempt in ["ptrace", "uring", "unshare"] {
        is_killed_inside(attempt).await;
    }
}

#[tokio::test]
async fn reading_files() {
    let attempt = "read,+etc+passwd";
    assert!(StandIn::to(attempt).succeeds_unconfined());
    check_refused(&StandIn::to(attempt), attempt).await;
    // One that needs to open files gets this through: decision 0010 says so.
    let Confined { result, killed, .. } = confined(&StandIn::opening(attempt), LIMITS).await;
    assert!(result.is_ok() && !killed);
}

#[tokio::test]
async fn secrets_of_its_parent() {
    assert!(StandIn::to("environ").succeeds_unconfined());
    for attempt in ["environ", "mem"] {
        // Where reading is allowed it is the kernel that says no: the parent can't be dumped, the child has no capability.
        for stand_in in [StandIn::to(attempt), StandIn::opening(attempt)] {
            check_refused(&stand_in, attempt).await;
        }
    }
}

#[tokio::test]
async fn memory_and_threads() {
    for attempt in ["memory", "threads"] {
        let stand_in = StandIn::to(attempt);
        assert!(stand_in.succeeds_unconfined(), "{attempt}");
        let Confined { result, .. } = confined(&stand_in, LIMITS).await;
        assert_eq!(result.err(), Some(MediaError::Unreadable), "{attempt}");
    }
}

#[tokio::test]
async fn output() {
    for attempt in ["output", "headers"] {
        let stand_in = StandIn::to(attempt);
        let ended = timeout(SOME_TIME, confined(&stand_in, LIMITS)).await;
        let Confined { result, faults, .. } = ended.unwrap();
        assert_eq!(result.err(), Some(MediaError::Unreadable), "{attempt}");
        assert_eq!(faults, 0, "it is stopped by us");
    }
}

#[tokio::test]
async fn the_signal_of_the_cpu_limit_can_not_be_caught() {
    assert!(StandIn::to("catch").succeeds_unconfined());
    check_refused(&StandIn::to("catch"), "catch").await;
}

#[tokio::test]
async fn time() {
    let stand_in = StandIn::to("cpu");
    let limits = MediaLimits {
        deadline: Duration::from_secs(1),
        ..LIMITS
    };
    let ended = timeout(SOME_TIME, confined(&stand_in, limits)).await;
    assert_eq!(ended.unwrap().result.err(), Some(MediaError::TooSlow));
    let path = stand_in.path();
    let running = || {
        let mut processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes.any(|process| {
            let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            arguments.starts_with(path.as_os_str().as_encoded_bytes())
        })
    };
    let gone = async {
        while running() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let gone = timeout(SOME_TIME, gone).await;
    assert!(gone.is_ok(), "it goes on");
}
