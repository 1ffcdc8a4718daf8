//! What API Gateway writes about each request: what an operator needs, and nothing that names a client or a session.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::written;

const TEMPLATE: &str = include_str!("../../../../../template.yaml");

/// Variables that name nobody: neither client nor session, and no text that a client chose.
const NAMELESS: [&str; 12] = [
    "apiId",
    "error.responseType",
    "eventType",
    "integration.latency",
    "integration.requestId",
    "integration.status",
    "requestId",
    "requestTime",
    "responseLatency",
    "responseLength",
    "routeKey",
    "status",
];

#[test]
fn access_logs_name_neither_clients_nor_sessions() {
    let template = written(TEMPLATE).unwrap();
    for stage in ["HttpStage", "WebSocketStage"] {
        let settings = &template["Resources"][stage]["Properties"]["AccessLogSettings"];
        let format = settings["Format"].as_str().unwrap();
        let line: Value = serde_json::from_str(format).unwrap();
        let mut written = BTreeSet::new();
        for (field, variable) in line.as_object().unwrap() {
            let variable = variable.as_str().unwrap();
            let variable = variable.strip_prefix("$context.").unwrap();
            assert!(NAMELESS.contains(&variable), "{stage}, {field}: {variable}");
            written.insert(variable.to_owned());
        }
        assert!(written.contains("routeKey") && written.contains("status"));
        let group = settings["DestinationArn"]["Fn::GetAtt"][0]
            .as_str()
            .unwrap();
        let group = &template["Resources"][group];
        assert_eq!(group["Type"], "AWS::Logs::LogGroup");
        assert_eq!(
            group["Properties"]["RetentionInDays"]["Ref"],
            "LogRetentionDays"
        );
    }
}
