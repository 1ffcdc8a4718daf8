//! EventBridge schedules.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    lambda::{InvokeError, Lambda},
    names::{ACCOUNT, REGION, rule_arn, uuid},
};

/// Invokes a function for a schedule.
///
/// # Errors
/// As [`InvokeError`] says.
pub(super) async fn run(lambda: &Lambda, function: &str, rule: &str) -> Result<Bytes, InvokeError> {
    lambda
        .invoke(function, event(rule).to_string().into())
        .await
}

/// Invokes a function every so often until `stop` changes, first after one period. A run is not
/// waited for: as in AWS, the next one comes when its time has come.
pub(super) async fn repeat(
    lambda: Arc<Lambda>,
    function: String,
    rule: String,
    every: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(every.max(Duration::from_millis(1)));
    ticks.tick().await;
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let (lambda, function, rule) = (Arc::clone(&lambda), function.clone(), rule.clone());
        tokio::spawn(async move {
            if let Err(error) = run(&lambda, &function, &rule).await {
                tracing::warn!(function, rule, %error, "schedule.run_failed");
            }
        });
    }
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html>
fn event(rule: &str) -> Value {
    let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({
        "version": "0",
        "id": uuid(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": time,
        "region": REGION,
        "resources": [rule_arn(rule)],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_every_field_of_aws() {
        let event = event("every-minute");
        assert_eq!(event["detail-type"], "Scheduled Event");
        assert_eq!(event["source"], "aws.events");
        assert_eq!(
            event["resources"][0],
            "arn:aws:events:eu-west-3:000000000000:rule/every-minute"
        );
        assert_eq!(event["detail"], json!({}));
        let time: Timestamp = event["time"].as_str().unwrap().parse().unwrap();
        assert!(time.duration_until(Timestamp::now()).as_secs() < 5);
    }
}
