//! Runs of a shell in place of ffmpeg.

use std::{os::fd::AsFd, time::Duration};

use super::*;
use crate::memfd::MemoryFile;

/// A shell, which needs more than the filter lets through; the suite `jail` tests that.
fn shell<'a>(script: &str, input: &'a [u8]) -> (Ffmpeg, Run<'a>) {
    let jail = Arc::new(Jail::unfiltered(Path::new("/bin/sh")));
    let arguments = vec!["-c".to_owned(), script.to_owned()];
    let limits = Limits {
        cpu: Duration::from_secs(60),
        memory: DECODING,
    };
    (
        Ffmpeg { jail },
        Run {
            arguments,
            input,
            file: None,
            limits,
        },
    )
}

#[tokio::test]
async fn feeds_and_reads_at_the_same_time() {
    let input = vec![5; 1 << 20];
    let (ffmpeg, run) = shell("cat", &input);
    let output = ffmpeg.run(run, |out| read_all(out, 1 << 21)).await;
    assert_eq!(*output.unwrap().output, input);
}

#[tokio::test]
async fn output_is_bounded_and_a_stuck_child_is_killed() {
    let (ffmpeg, run) = shell("cat /dev/zero", b"");
    let output = ffmpeg.run(run, |out| read_all(out, 1 << 20)).await;
    assert_eq!(output, Err(MediaError::TooLarge));
}

#[tokio::test]
async fn each_end_has_its_fault_whatever_came_before() {
    for (end, error) in [
        ("kill -SYS $$", DecoderFault::Forbidden.into()),
        ("kill -KILL $$", DecoderFault::Killed.into()),
        ("kill -SEGV $$", DecoderFault::Crashed.into()),
        ("kill -ABRT $$", DecoderFault::Crashed.into()),
        ("kill -XCPU $$", MediaError::TooSlow),
        ("exit 255", MediaError::TooSlow),
        (
            "echo [dec:h264] Decoding error: Cannot allocate memory >&2",
            DecoderFault::OutOfMemory.into(),
        ),
    ] {
        let script = format!("echo a picture; {end}");
        let (ffmpeg, run) = shell(&script, b"");
        let output = ffmpeg.run(run, |out| read_all(out, 100)).await;
        assert_eq!(output, Err(error), "{end}");
    }
    let (ffmpeg, run) = shell("echo a picture; exit 1", b"");
    let output = ffmpeg.run(run, |out| read_all(out, 100)).await;
    assert_eq!(output.unwrap().output.as_slice(), b"a picture\n");
}

#[tokio::test]
async fn whoever_is_killed_in_the_middle_is_not_to_blame_for_what_is_missing() {
    let (ffmpeg, run) = shell("echo half; kill -KILL $$", b"");
    let read = async |mut out: Output| {
        let mut whole = [0; 10];
        let read = out.read_exact(&mut whole).await;
        read.map(drop).map_err(|_| MediaError::Unreadable)
    };
    let output = ffmpeg.run(run, read).await;
    assert_eq!(output, Err(DecoderFault::Killed.into()));
}

#[tokio::test]
async fn what_it_says_is_read_however_much_it_is() {
    let script = "head -c 1000000 /dev/zero >&2; echo done";
    let (ffmpeg, run) = shell(script, b"");
    let output = ffmpeg.run(run, |out| read_all(out, 100)).await;
    assert_eq!(output.unwrap().output.as_slice(), b"done\n");
}

#[tokio::test]
async fn each_run_reads_the_file_from_its_beginning() {
    let opened = MemoryFile::new(7).unwrap().open().unwrap();
    seek(&opened, SeekFrom::End(0)).unwrap();
    let (ffmpeg, run) = shell("exit 0", b"");
    let run = Run {
        file: Some(opened.as_fd()),
        ..run
    };
    let output = ffmpeg.run(run, |out| read_all(out, 100)).await;
    assert!(output.is_ok());
    assert_eq!(seek(&opened, SeekFrom::Current(0)), Ok(0));
}

#[tokio::test]
async fn short_of_memory_it_is_run_again_on_one_thread() {
    let (ffmpeg, mut run) = shell("echo $2; [ $2 = 1 ] || echo Out of memory >&2", b"");
    run.arguments
        .extend(["sh", "-threads", "2"].map(str::to_owned));
    let output = ffmpeg.run(run, |out| read_all(out, 100)).await;
    assert_eq!(output.unwrap().output.as_slice(), b"1\n");
}

#[tokio::test]
async fn an_argument_that_is_none_is_unavailable() {
    let (ffmpeg, run) = shell("echo \0", b"");
    let output = ffmpeg.run(run, |out| read_all(out, 10)).await;
    assert_eq!(output, Err(MediaError::Decoder(DecoderFault::Unavailable)));
}

#[tokio::test]
async fn a_missing_program_is_told_at_start() {
    let path = Path::new("/nonexistent/ffmpeg");
    let started = Ffmpeg::start(path, Strictness::Lenient, None).await;
    assert!(matches!(started.err(), Some(StartError::Missing(_))));
}

#[tokio::test]
async fn dropping_the_future_kills_the_child() {
    let (ffmpeg, run) = shell("echo $$; exec sleep 1000", b"");
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let reading = ffmpeg.run(run, async |mut out: Output| {
        let mut line = vec![0; 32];
        let n = out.read(&mut line).await.unwrap();
        sender.send(line[..n].to_vec()).await.unwrap();
        std::future::pending::<Result<(), MediaError>>().await
    });
    let pid = tokio::select! {
        _ = reading => unreachable!("it never ends"),
        pid = receiver.recv() => String::from_utf8(pid.unwrap()).unwrap(),
    };
    let stat = format!("/proc/{}/stat", pid.trim());
    let gone = async {
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone)
        .await
        .unwrap();
}
