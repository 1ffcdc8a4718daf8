//! Where the functions' output goes.

use std::{fmt, io::Write, sync::Arc};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// A line that a function wrote, or that Lambda wrote about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Logical id of the function.
    pub function: String,
    /// Number of the instance, counted from 1 within its function.
    pub instance: u64,
    /// The line, without its end.
    pub text: String,
}

impl LogLine {
    fn is_problem(&self) -> bool {
        match serde_json::from_str::<Value>(&self.text) {
            Ok(line) => matches!(
                line.get("level").and_then(Value::as_str),
                Some("WARN" | "ERROR")
            ),
            Err(_) => !self.text.is_empty(),
        }
    }
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} {}", self.function, self.instance, self.text)
    }
}

/// Takes every log line as it comes.
#[derive(Clone)]
pub struct LogSink(Arc<dyn Fn(LogLine) + Send + Sync>);

impl LogSink {
    /// A sink that calls `take`, which must not block.
    pub fn new(take: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// A sink that writes to stderr.
    #[must_use]
    pub fn stderr() -> Self {
        // A closed stderr is no reason to stop.
        Self::new(|line| drop(writeln!(std::io::stderr().lock(), "{line}")))
    }

    /// A sink that writes to stderr what is no JSON, or of level warn or error: not the audit log nor metrics.
    #[must_use]
    pub fn problems() -> Self {
        let stderr = Self::stderr();
        Self::new(move |line| {
            if line.is_problem() {
                (stderr.0)(line);
            }
        })
    }

    /// The log of one instance.
    pub(super) fn of(&self, function: &str, instance: u64) -> InstanceLog {
        InstanceLog {
            sink: self.clone(),
            function: function.to_owned(),
            instance,
        }
    }
}

impl fmt::Debug for LogSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogSink")
    }
}

/// The log of one instance.
#[derive(Clone)]
pub(super) struct InstanceLog {
    sink: LogSink,
    function: String,
    instance: u64,
}

impl InstanceLog {
    pub fn line(&self, text: String) {
        (self.sink.0)(LogLine {
            function: self.function.clone(),
            instance: self.instance,
            text,
        });
    }

    /// Copies lines until the output ends.
    pub async fn pump(self, output: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(output).split(b'\n');
        while let Ok(Some(line)) = lines.next_segment().await {
            self.line(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_problem_is_told_from_routine() {
        let is_problem = |text: &str| {
            let (function, text) = ("Echo".into(), text.into());
            let line = LogLine {
                function,
                instance: 1,
                text,
            };
            line.is_problem()
        };
        for problem in [
            "thread 'main' panicked",
            r#"{"level":"ERROR"}"#,
            r#"{"level":"WARN","audit":false}"#,
        ] {
            assert!(is_problem(problem), "{problem}");
        }
        for routine in ["", r#"{"level":"INFO","audit":true}"#, r#"{"_aws":{}}"#] {
            assert!(!is_problem(routine), "{routine}");
        }
    }

    #[tokio::test]
    async fn lines_are_tagged_and_bad_utf8_is_kept_apart() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = {
            let seen = Arc::clone(&seen);
            LogSink::new(move |line| seen.lock().unwrap().push(line.to_string()))
        };
        sink.of("Echo", 3).pump(&b"one\r\n\xfftwo"[..]).await;
        assert_eq!(*seen.lock().unwrap(), ["Echo/3 one", "Echo/3 \u{fffd}two"]);
    }
}
