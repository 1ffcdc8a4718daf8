//! What a run on this machine can't tell, and what is taken for it. Each is printed beside the result.

/// Hours of a month, as AWS's own calculator counts them.
pub const HOURS: f64 = 730.0;
/// The share of a CPU that a function has is its memory over this, MB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub const MB_PER_CPU: f64 = 1769.0;
/// What a function waits for each request to an AWS service, seconds, as if all came one after the other.
pub const WAIT_PER_CALL: f64 = 0.010;
/// How long `process` waits for the models, seconds; the simulated ones answer at once.
pub const WAIT_FOR_AI: f64 = 20.0;
/// Uplink of a client, bits a second.
pub const UPLINK: f64 = 10e6;
/// Bytes of the lines START, END and REPORT that Lambda writes for each invocation.
pub const LAMBDA_LINES: f64 = 400.0;
/// Bytes that CloudWatch counts for each line besides its text.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
pub const LINE_OVERHEAD: f64 = 26.0;
/// Bytes of a line of the HTTP API's access log.
pub const ACCESS_LINE: f64 = 350.0;
/// Days that logs are kept: the default of the parameter `LogRetentionDays`.
pub const RETENTION_DAYS: f64 = 30.0;
/// Days that expired parts lie in the table until its TTL deletes them: "within a few days".
pub const TTL_DAYS: f64 = 3.0;
/// Long polls of an idle queue at the same time, by Lambda's standard poller.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
pub const POLLERS: f64 = 5.0;
/// How long each of them takes, seconds.
pub const POLL: f64 = 20.0;
/// Tokens of the instructions of a request to a model, and those of its answer.
pub const PROMPT_TOKENS: f64 = 3_000.0;
/// Tokens of the answer about the pictures of one request: some twenty things.
pub const LOOK_TOKENS: f64 = 1_500.0;
/// Tokens of the answer to any other request.
pub const ANSWER_TOKENS: f64 = 3_000.0;

/// The list, for readers.
#[must_use]
pub fn in_words() -> Vec<String> {
    vec![
        format!(
            "Lambda bills, for each invocation, its time on this machine at the CPU share of its memory (MB / {MB_PER_CPU}), \
             {:.0} ms for each of its requests to AWS as if one after the other, and {WAIT_FOR_AI} s for the models: \
             durations are not measured on Lambda",
            WAIT_PER_CALL * 1e3
        ),
        "functions start cold: secrets are read anew, and the time of starts here is in".to_owned(),
        format!(
            "the client has an uplink of {} Mbit/s; the sweep looks at the open session once a minute meanwhile",
            UPLINK / 1e6
        ),
        "X-Ray records every invocation (its default is the first of each second and 5 % of the rest)".to_owned(),
        format!(
            "log lines of AWS's own: {LAMBDA_LINES} B an invocation, {ACCESS_LINE} B a request; logs are kept for \
             {RETENTION_DAYS} days, as large as they came"
        ),
        format!("with shred, parts lie in the table for {TTL_DAYS} days"),
        format!("an idle queue is asked by {POLLERS} long polls of {POLL} s at a time"),
        format!(
            "a model is given {PROMPT_TOKENS} tokens of text with each request and answers with {LOOK_TOKENS} about pictures, \
             with {ANSWER_TOKENS} else; pictures count by their size, as shared/prices.json says of one of 1024 by 1024"
        ),
        "free allowances are not deducted, but for the first 10,000 users of Cognito; no taxes".to_owned(),
    ]
}
