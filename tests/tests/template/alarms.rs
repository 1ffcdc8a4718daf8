use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    file, of_type, quoted, resources, section,
    watch::{Named, Watch},
};

/// What an alarm watches. Metric math of CloudWatch may name several.
fn watches(alarm: &Value) -> Vec<Watch> {
    let condition = alarm.get("Condition").and_then(Value::as_str);
    let conditions: BTreeSet<_> = condition.map(str::to_owned).into_iter().collect();
    let properties = &alarm["Properties"];
    let Some(parts) = properties.get("Metrics") else {
        return vec![watch(properties, conditions)];
    };
    let parts = parts.as_array().unwrap().iter();
    parts
        .filter_map(|part| {
            let mut conditions = conditions.clone();
            let part = part.get("Fn::If").map_or(part, |choice| {
                conditions.insert(choice[0].as_str().unwrap().to_owned());
                assert_eq!(choice[2], json!({"Ref": "AWS::NoValue"}));
                &choice[1]
            });
            let stat = part.get("MetricStat")?;
            assert_eq!(
                part["ReturnData"], false,
                "an alarm watches one value: {part}"
            );
            Some(watch(&stat["Metric"], conditions))
        })
        .collect()
}

fn watch(metric: &Value, conditions: BTreeSet<String>) -> Watch {
    let dimensions = metric["Dimensions"].as_array().unwrap().iter();
    Watch {
        namespace: metric["Namespace"].as_str().unwrap().to_owned(),
        metric: metric["MetricName"].as_str().unwrap().to_owned(),
        dimensions: dimensions
            .map(|each| {
                (
                    each["Name"].as_str().unwrap().to_owned(),
                    Named::of(&each["Value"]),
                )
            })
            .collect(),
        conditions,
    }
}

#[test]
fn each_alarm_watches_what_exists() {
    let resources = resources();
    let mut alarms = 0;
    for (id, alarm) in of_type(resources, "AWS::CloudWatch::Alarm") {
        let watches = watches(alarm);
        assert!(!watches.is_empty(), "{id} watches nothing");
        for watch in watches {
            let checked = watch.check(resources);
            assert_eq!(checked, Ok(()), "{id}: {watch:?}");
        }
        alarms += 1;
    }
    assert!(alarms >= 15, "{alarms}");
}

/// Names of the metrics in a formula: identifiers that no parenthesis follows.
fn operands(formula: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = BTreeSet::new();
    let mut rest = formula;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let from = &rest[start..];
        let end = from.find(|c| !is_name(c)).unwrap_or(from.len());
        if !from[end..].starts_with('(') {
            names.insert(&from[..end]);
        }
        rest = &from[end..];
    }
    names
}

#[test]
fn each_formula_uses_all_its_metrics_and_no_others() {
    for (id, alarm) in of_type(resources(), "AWS::CloudWatch::Alarm") {
        let Some(parts) = alarm["Properties"].get("Metrics") else {
            continue;
        };
        let parts = parts.as_array().unwrap().iter();
        let parts: Vec<_> = parts
            .map(|part| part.get("Fn::If").map_or(part, |of| &of[1]))
            .collect();
        let formulas: Vec<_> = parts
            .iter()
            .filter_map(|part| part["Expression"].as_str())
            .collect();
        let [formula] = formulas[..] else {
            panic!("{id} watches one value")
        };
        let metrics: BTreeSet<_> = parts
            .iter()
            .filter(|part| part.get("MetricStat").is_some())
            .map(|part| part["Id"].as_str().unwrap())
            .collect();
        if !formula.contains("METRICS()") {
            assert_eq!(operands(formula), metrics, "{id}");
        }
    }
}

#[test]
fn each_alarm_says_what_it_means_and_tells_somebody() {
    let topic =
        json!({"Fn::If": ["MakesAlarmTopic", {"Ref": "AlarmTopic"}, {"Ref": "AlarmTopicArn"}]});
    for (id, alarm) in of_type(resources(), "AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        for actions in ["AlarmActions", "OKActions"] {
            assert_eq!(properties[actions], json!([topic]), "{id}");
        }
        assert!(
            properties["AlarmDescription"].as_str().unwrap().len() > 20,
            "{id}"
        );
        let missing = properties["TreatMissingData"].as_str().unwrap();
        // Those of which nothing is heard are alarming where something must be heard every minute or hour.
        let must_be_heard = ["MediaOverdueAlarm", "KeyAgeAlarm"].contains(&id);
        let expected = if must_be_heard {
            "breaching"
        } else {
            "notBreaching"
        };
        assert_eq!(missing, expected, "{id}");
    }
}

#[test]
fn the_runbook_has_an_entry_for_each_alarm_and_for_no_other() {
    let resources = resources();
    let alarms = of_type(resources, "AWS::CloudWatch::Alarm");
    let alarms = alarms.chain(of_type(resources, "AWS::Budgets::Budget"));
    let alarms: BTreeSet<_> = alarms.map(|(id, _)| id.to_owned()).collect();
    let runbook = file("docs/RUNBOOK.md");
    let entries = section(&runbook, "Alarms").lines();
    let headings = entries.filter(|line| line.starts_with("### "));
    let entries: Vec<_> = headings.flat_map(quoted).map(str::to_owned).collect();
    assert_eq!(entries.iter().cloned().collect::<BTreeSet<_>>(), alarms);
    assert_eq!(entries.len(), alarms.len(), "an alarm has two entries");
}
