//! What inline policies allow.

use super::with;
use crate::stack::Statement;

const REAL: &str = include_str!("../../../../../template.yaml");

#[test]
fn policies_are_read_with_their_conditions() {
    let base = [("AuthMode", "none")];
    let sends = |parameters: &[(&str, &str)]| {
        let stack = with(REAL, parameters).unwrap();
        let allowed = stack.functions["ProcessFunction"].allowed.clone();
        let mut allowed = allowed.into_iter();
        allowed.find(|it| it.actions == ["sqs:SendMessage"])
    };
    assert_eq!(sends(&base), None);
    let hook = ("WebhookUrl", "https://hooks.example");
    assert_eq!(
        sends(&[base[0], hook]),
        Some(Statement {
            actions: vec!["sqs:SendMessage".into()],
            resources: vec!["arn:aws:sqs:eu-west-3:000000000000:dodolens-Deliveries".into()],
        })
    );
}

#[test]
fn what_is_no_plain_allowance_is_refused() {
    let policies = "            - Effect: Allow\n              Action: sqs:SendMessage\n";
    assert!(REAL.contains(policies));
    for (changed, place) in [
        (policies.replace("Allow", "Deny"), "Effect"),
        (
            format!("{policies}              Condition: {{}}\n"),
            "Statement",
        ),
        (policies.replace("Action", "NotAction"), "Statement"),
    ] {
        let changed = REAL.replacen(policies, &changed, 1);
        let error = with(&changed, &[("AuthMode", "none")]).unwrap_err();
        assert!(error.to_string().contains(place), "{error}");
    }
}
