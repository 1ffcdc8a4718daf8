//! Metrics that are made of API Gateway's access logs.

use std::collections::BTreeSet;

use dodolens::app::metrics::table::{ALL, NAMESPACE};
use serde_json::{Map, Value, json};

use crate::{
    of_type, resources,
    watch::{Named, Watch},
};

const FILTER: &str = "AWS::Logs::MetricFilter";

/// Whether a filter makes this metric of the access logs of this API.
pub fn check(watch: &Watch, resources: &Map<String, Value>) -> Result<(), String> {
    let [(_, Named::Reference(api))] = &watch.dimensions[..] else {
        return Err("its API is not named by a reference".to_owned());
    };
    let made = of_type(resources, FILTER).any(|(_, filter)| {
        let properties = &filter["Properties"];
        let stage = stage(&properties["LogGroupName"]);
        properties["MetricTransformations"][0]["MetricName"] == watch.metric.as_str()
            && stage["Properties"]["ApiId"]["Ref"] == api.as_str()
    });
    if made {
        Ok(())
    } else {
        Err(format!("no filter makes it of the access logs of {api}"))
    }
}

/// The stage that writes its access logs into a group.
fn stage(group: &Value) -> &'static Value {
    let destination = json!({"Fn::GetAtt": [group["Ref"], "Arn"]});
    let mut stages = of_type(resources(), "AWS::ApiGatewayV2::Stage");
    let found = stages.find(|(_, stage)| {
        stage["Properties"]["AccessLogSettings"]["DestinationArn"] == destination
    });
    found
        .unwrap_or_else(|| panic!("no stage writes to {group}"))
        .1
}

#[test]
fn each_filter_makes_a_metric_of_the_table_of_fields_that_lines_have() {
    let mut made = BTreeSet::new();
    for (id, filter) in of_type(resources(), FILTER) {
        let properties = &filter["Properties"];
        let stage = &stage(&properties["LogGroupName"])["Properties"];
        let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
        let line: Map<String, Value> = serde_json::from_str(format).unwrap();
        let pattern = properties["FilterPattern"].as_str().unwrap();
        let fields = pattern.split("$.").skip(1);
        for field in fields.map(|rest| rest.split(' ').next().unwrap()) {
            assert!(line.contains_key(field), "{id}: no line has {field}");
        }
        let made_of = &properties["MetricTransformations"][0];
        assert_eq!(made_of["MetricNamespace"], NAMESPACE, "{id}");
        let row = ALL.iter().find(|row| made_of["MetricName"] == row.name);
        let row = row.unwrap_or_else(|| panic!("{id} is not in the table"));
        assert!(row.functions.is_empty(), "{id}");
        assert_eq!(made_of["Unit"], row.unit.name(), "{id}");
        let dimensions = made_of["Dimensions"].as_array().unwrap();
        let keys: Vec<_> = dimensions.iter().map(|each| &each["Key"]).collect();
        assert_eq!(keys, row.dimensions.names(), "{id}");
        let field = dimensions[0]["Value"].as_str().unwrap();
        assert_eq!(
            line[field.strip_prefix("$.").unwrap()],
            "$context.apiId",
            "{id}"
        );
        made.insert(row.name);
    }
    let without_function = ALL.iter().filter(|row| row.functions.is_empty());
    assert_eq!(made, without_function.map(|row| row.name).collect());
}
