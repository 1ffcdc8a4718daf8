//! The part of `template.yaml` that hands results on.

use std::time::Duration;

use dodolens_wire::delivery::MAX_ATTEMPTS;

use super::with;
use crate::stack::{SecretValue, Stack};

const TEMPLATE: &str = include_str!("../../../../../template.yaml");

/// With both sinks.
pub(super) const WITH_SINKS: [(&str, &str); 6] = [
    ("AuthMode", "none"),
    ("WebhookUrl", "https://mover.example/hooks"),
    (
        "WebhookSecret",
        "whsec_VerySecretVerySecretVerySecretVerySecret",
    ),
    ("AirtableBaseId", "app0123456789abcd"),
    ("AirtableTable", "Moves"),
    ("AirtableToken", "pat-very-secret"),
];

fn environment<'a>(stack: &'a Stack, function: &str, variable: &str) -> Option<&'a str> {
    stack.functions[function]
        .environment
        .get(variable)
        .map(String::as_str)
}

#[test]
fn without_a_sink_there_is_nothing_of_them() {
    let stack = with(TEMPLATE, &[("AuthMode", "none")]).unwrap();
    assert!(!stack.functions.contains_key("DeliverFunction"));
    assert!(stack.queues.iter().all(|q| !q.name.contains("Deliveries")));
    for function in ["ProcessFunction", "SweepFunction"] {
        assert_eq!(environment(&stack, function, "SINKS"), None);
        assert_eq!(environment(&stack, function, "DELIVERIES_QUEUE_URL"), None);
    }
}

#[test]
fn who_orders_deliveries_knows_the_sinks_that_there_are() {
    let url = "http://127.0.0.1:3003/000000000000/dodolens-Deliveries";
    for (sinks, without) in [
        ("airtable,webhook", None),
        ("webhook", Some("Airtable")),
        ("airtable", Some("WebhookUrl")),
    ] {
        let given: Vec<_> = WITH_SINKS
            .into_iter()
            .filter(|(name, _)| without.is_none_or(|prefix| !name.starts_with(prefix)))
            .collect();
        let stack = with(TEMPLATE, &given).unwrap();
        for function in ["ProcessFunction", "SweepFunction", "DeliverFunction"] {
            assert_eq!(environment(&stack, function, "SINKS"), Some(sinks));
            assert_eq!(
                environment(&stack, function, "DELIVERIES_QUEUE_URL"),
                Some(url)
            );
        }
    }
}

#[test]
fn deliveries_have_time_attempts_and_an_end() {
    let stack = with(TEMPLATE, &WITH_SINKS).unwrap();
    let queue = |name: &str| stack.queues.iter().find(|q| q.name == name).unwrap();
    let (orders, dead) = (
        queue("dodolens-Deliveries"),
        queue("dodolens-DeliveriesDeadLetter"),
    );
    let deliver = &stack.functions["DeliverFunction"];
    assert!(orders.visibility > deliver.timeout);
    assert_eq!(orders.redrive, Some((dead.name.clone(), MAX_ATTEMPTS)));
    assert!(dead.retention > orders.retention);
    assert!(
        orders.retention > Duration::from_secs(86_400),
        "the whole life of a result"
    );
    let source = &deliver.queues[0];
    assert_eq!(source.queue, orders.name);
    assert!(source.partial_batch_response);
    // The pace of an instance is set for two of them: shared/sinks/src/pace.rs.
    assert_eq!(source.max_concurrency, Some(2));
}

#[test]
fn credentials_are_secrets_and_in_no_environment() {
    let stack = with(TEMPLATE, &WITH_SINKS).unwrap();
    for (name, value) in [
        (
            "dodolens-WebhookSigning",
            "whsec_VerySecretVerySecretVerySecretVerySecret",
        ),
        ("dodolens-AirtableAccess", "pat-very-secret"),
    ] {
        let secret = stack.secrets.iter().find(|s| s.name == name).unwrap();
        assert_eq!(secret.value, SecretValue::Given(value.to_owned()));
    }
    let shown = format!("{stack:?}");
    assert!(!shown.contains("VerySecret") && !shown.contains("very-secret"));
}

#[test]
fn parameters_that_don_t_fit_one_another_are_refused() {
    for (given, rule) in [
        (
            vec![
                ("WebhookUrl", "https://mover.example"),
                ("ResultTtlSeconds", "0"),
            ],
            "rule SinksNeedResults: ",
        ),
        (
            vec![
                ("AirtableBaseId", "app0123456789abcd"),
                ("AirtableTable", "Moves"),
                ("ResultTtlSeconds", "0"),
            ],
            "rule SinksNeedResults: ",
        ),
        (
            vec![("AirtableBaseId", "app0123456789abcd")],
            "rule AirtableIsWhole: ",
        ),
        (vec![("AirtableTable", "Moves")], "rule AirtableIsWhole: "),
    ] {
        let given: Vec<_> = [("AuthMode", "none")].into_iter().chain(given).collect();
        let error = with(TEMPLATE, &given).unwrap_err().to_string();
        assert!(
            error.starts_with(rule) && error.len() > rule.len(),
            "{error}"
        );
    }
    let unkept = [("AuthMode", "none"), ("ResultTtlSeconds", "0")];
    assert!(with(TEMPLATE, &unkept).is_ok());
}
