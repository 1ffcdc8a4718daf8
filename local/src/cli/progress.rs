//! What happens on the way, on standard error: bars and lines in a terminal, lines elsewhere.

use std::time::Duration;

use dodolens::{
    domain::session::{Progress, Stage},
    wire::ws::{Event, ServerMessage},
};
use indicatif::{HumanBytes, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::say;
use crate::client::Report;

const UPLOAD: &str = "upload   {bar:30} {bytes} of {total_bytes}, {bytes_per_sec} {msg}";
const ANALYSIS: &str = "analysis {bar:30} {percent} % {msg}";

/// Two bars with lines above them; where there is no terminal the bars are hidden.
pub(super) struct Screen {
    bars: MultiProgress,
    upload: ProgressBar,
    analysis: ProgressBar,
}

impl Screen {
    pub(super) fn new() -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let upload = bars.add(ProgressBar::new(0).with_style(style(UPLOAD)));
        let analysis = bars.add(ProgressBar::new(100).with_style(style(ANALYSIS)));
        Self {
            bars,
            upload,
            analysis,
        }
    }

    pub(super) fn show(&mut self, report: &Report) {
        match report {
            Report::Uploaded { bytes, total } => {
                self.upload.set_length(*total);
                self.upload.set_position(*bytes);
            }
            Report::Polled(progress) => self.progress(*progress),
            Report::Event(message) => match &message.event {
                Event::AiAnalysisProgress(now) => self.progress(now.progress),
                Event::ChunkReceived {
                    received,
                    total_chunks,
                    ..
                } if !self.bars.is_hidden() => {
                    self.upload
                        .set_message(format!("({received} of {total_chunks} chunks)"));
                    return;
                }
                Event::AnalysisComplete(_) => self.analysis.set_position(100),
                _ => {}
            },
            _ => {}
        }
        if let Some(line) = line(report, self.upload.elapsed()) {
            // Not `println`, which is hidden with the bars.
            self.bars.suspend(|| say(&line));
        }
    }

    pub(super) fn finish(self) {
        self.upload.finish_and_clear();
        self.analysis.finish_and_clear();
    }

    fn progress(&self, progress: Progress) {
        self.analysis
            .set_position((progress.fraction * 100.0) as u64);
        self.analysis.set_message(stage(progress.stage));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// A report as a line, if it is worth one.
fn line(report: &Report, elapsed: Duration) -> Option<String> {
    Some(match report {
        Report::Uploaded { bytes, total } if bytes == total => {
            let rate = *total as f64 / elapsed.as_secs_f64().max(0.001);
            let (total, rate) = (HumanBytes(*total), HumanBytes(rate as u64));
            format!("uploaded {total}, {rate}/s")
        }
        Report::Uploaded { .. } | Report::Polled(_) => return None,
        Report::Finalized => "finalized: the whole video is handed over".to_owned(),
        Report::Retrying { what, error, after } => {
            format!("{what}: {error}; again in {} ms", after.as_millis())
        }
        Report::Connected => "connected: events come by WebSocket".to_owned(),
        Report::Disconnected => "disconnected: polling until events come again".to_owned(),
        Report::Event(message) => event(message),
    })
}

fn event(message: &ServerMessage) -> String {
    let text = match &message.event {
        Event::SessionJoined(snapshot) => format!(
            "session_joined: {} is {}",
            snapshot.session_id,
            snapshot.state.as_str()
        ),
        Event::ChunkReceived {
            index,
            received,
            total_chunks,
        } => format!("chunk_received: {index} ({received} of {total_chunks})"),
        Event::ProcessingStarted {} => "processing_started".to_owned(),
        Event::FramesExtracted {
            frames,
            sound,
            duration_seconds,
        } => {
            let sound = if *sound { "with" } else { "without" };
            format!("frames_extracted: {frames} of {duration_seconds:.1} s, {sound} sound")
        }
        Event::AiAnalysisProgress(now) => {
            let objects = now.found.objects.iter().map(|object| object.quantity);
            format!(
                "ai_analysis_progress: {} {:.0} %, {} objects found",
                stage(now.progress.stage),
                now.progress.fraction * 100.0,
                objects.fold(now.found.more, u32::saturating_add)
            )
        }
        Event::AnalysisComplete(inventory) => format!(
            "analysis_complete: {} entries, {:.2} m³",
            inventory.objects().len(),
            inventory.total_volume
        ),
        Event::Error(problem) => format!("error: {} ({})", problem.title, problem.code.as_str()),
        Event::SessionErased(receipt) => {
            format!(
                "session_erased: key destroyed at {}",
                receipt.statement.key_destroyed_at
            )
        }
        Event::Pong {} => "pong".to_owned(),
    };
    format!("{} #{} {text}", message.timestamp, message.seq)
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Extracting => "extracting",
        Stage::Analysing => "analysing",
        Stage::Finishing => "finishing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn shown(event: Event) -> Option<String> {
        let message = ServerMessage {
            event,
            session_id: None,
            seq: 4,
            timestamp: fixture::NOW,
        };
        line(&Report::Event(Box::new(message)), Duration::ZERO)
    }

    #[test]
    fn an_event_is_a_line_with_its_time_number_and_name() {
        let chunk = Event::ChunkReceived {
            index: 3,
            received: 5,
            total_chunks: 80,
        };
        assert_eq!(
            shown(chunk).unwrap(),
            "2026-11-21T01:00:00.000Z #4 chunk_received: 3 (5 of 80)"
        );
        let done = Event::AnalysisComplete(Box::new(fixture::inventory()));
        assert_eq!(
            shown(done).unwrap(),
            "2026-11-21T01:00:00.000Z #4 analysis_complete: 3 entries, 2.23 m³"
        );
    }

    #[test]
    fn only_the_end_of_the_upload_is_a_line() {
        let at = |bytes| {
            let total = 4 << 20;
            line(&Report::Uploaded { bytes, total }, Duration::from_secs(2))
        };
        assert_eq!(at(1), None);
        assert_eq!(at(4 << 20).unwrap(), "uploaded 4.00 MiB, 2.00 MiB/s");
    }

    #[test]
    fn the_templates_of_the_bars_are_valid() {
        for template in [UPLOAD, ANALYSIS] {
            ProgressStyle::with_template(template).unwrap();
        }
    }
}
