use std::collections::BTreeSet;

use dodolens::app::metrics::table::ALL;
use serde_json::{Map, Value};

use crate::{
    of_type, resources,
    watch::{Named, Watch},
};

fn dashboard() -> &'static Value {
    let mut dashboards = of_type(resources(), "AWS::CloudWatch::Dashboard");
    dashboards.next().unwrap().1
}

/// The dashboard with `${Name}` as `@Name`, and the conditions that hold in `with`.
fn rendered(with: &[&str]) -> Value {
    let body = &dashboard()["Properties"]["DashboardBody"]["Fn::Sub"];
    let variables = body[1].as_object().unwrap();
    let variables = variables.iter().map(|(name, choice)| {
        let choice = &choice["Fn::If"];
        let holds = with.contains(&choice[0].as_str().unwrap());
        let chosen = if holds { &choice[1] } else { &choice[2] };
        let text = chosen.get("Fn::Sub").unwrap_or(chosen);
        (name.as_str(), text.as_str().unwrap())
    });
    let mut text = body[0].as_str().unwrap().to_owned();
    for (name, value) in variables {
        text = text.replace(&format!("${{{name}}}"), value);
    }
    serde_json::from_str(&with_names(&text)).unwrap()
}

/// Writes each `${Name}` as `@Name`.
fn with_names(text: &str) -> String {
    let mut pieces = text.split("${");
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').unwrap();
        out.extend(["@", name, rest]);
    }
    out
}

fn widgets(body: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let widgets = body["widgets"].as_array().unwrap().iter();
    widgets.map(|widget| widget.as_object().unwrap())
}

/// What the widgets watch.
fn watches(body: &Value, conditions: &BTreeSet<String>) -> Vec<Watch> {
    let graphs = widgets(body).filter(|widget| widget["type"] == "metric");
    graphs
        .flat_map(|widget| widget["properties"]["metrics"].as_array().unwrap())
        .map(|metric| watch(metric.as_array().unwrap(), conditions))
        .collect()
}

/// `[namespace, name, dimension, value, …, {how it is drawn}]`, or a search.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
fn watch(metric: &[Value], conditions: &BTreeSet<String>) -> Watch {
    if let [Value::Object(drawn)] = metric {
        return search(drawn["expression"].as_str().unwrap(), conditions);
    }
    let texts: Vec<&str> = metric.iter().filter_map(Value::as_str).collect();
    let dimensions = texts[2..].chunks(2);
    assert!(metric.last().unwrap()["stat"].is_string(), "{metric:?}");
    Watch {
        namespace: texts[0].to_owned(),
        metric: texts[1].to_owned(),
        dimensions: dimensions
            .map(|pair| (pair[0].to_owned(), Named::rendered(pair[1])))
            .collect(),
        conditions: conditions.clone(),
    }
}

/// `SEARCH('{namespace,dimension,…} name="value" …', 'statistic', period)`. The quotes make a value match as a whole.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html>
fn search(expression: &str, conditions: &BTreeSet<String>) -> Watch {
    let inner = expression.strip_prefix("SEARCH('{").unwrap();
    let (schema, rest) = inner.split_once("} ").unwrap();
    let (terms, _) = rest.split_once("', '").unwrap();
    let terms: Vec<(&str, &str)> = terms
        .split(' ')
        .map(|term| term.split_once('=').unwrap())
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect();
    let of = |wanted: &str| {
        terms
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| *value)
    };
    let mut schema = schema.split(',');
    let namespace = schema.next().unwrap().to_owned();
    let dimensions = schema.map(|name| {
        let value = of(name).map_or(Named::Any, Named::rendered);
        (name.to_owned(), value)
    });
    Watch {
        namespace,
        metric: of("MetricName").unwrap().to_owned(),
        dimensions: dimensions.collect(),
        conditions: conditions.clone(),
    }
}

#[test]
fn each_widget_shows_what_exists() {
    let resources = resources();
    for with in [vec![], vec!["HasSinks"]] {
        let conditions = with.iter().map(|name| (*name).to_owned()).collect();
        for watch in watches(&rendered(&with), &conditions) {
            assert_eq!(watch.check(resources), Ok(()), "{watch:?}");
        }
    }
}

#[test]
fn every_metric_of_ours_is_shown() {
    let watches = watches(&rendered(&["HasSinks"]), &BTreeSet::new());
    let shown = watches.iter().filter_map(Watch::of_ours);
    let shown: BTreeSet<_> = shown.map(|metric| metric.name).collect();
    let all: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
    assert_eq!(shown, all);
}

#[test]
fn every_alarm_that_is_there_with_the_dashboard_is_shown() {
    let body = rendered(&[]);
    let mut shown = widgets(&body).filter(|widget| widget["type"] == "alarm");
    let shown = shown.next().unwrap()["properties"]["alarms"]
        .as_array()
        .unwrap();
    let shown: BTreeSet<_> = shown
        .iter()
        .map(|arn| arn.as_str().unwrap().to_owned())
        .collect();
    let resources = resources();
    let alarms = of_type(resources, "AWS::CloudWatch::Alarm");
    let alarms = alarms.filter(|(_, alarm)| {
        let condition = alarm.get("Condition");
        condition.is_none() || condition == dashboard().get("Condition")
    });
    let arns: BTreeSet<_> = alarms.map(|(id, _)| format!("@{id}.Arn")).collect();
    assert_eq!(shown, arns);
}

#[test]
fn widgets_are_side_by_side() {
    let body = rendered(&["HasSinks"]);
    let number = |widget: &Map<String, Value>, name: &str| widget[name].as_u64().unwrap();
    let mut taken = BTreeSet::new();
    for widget in widgets(&body) {
        let (x, y) = (number(widget, "x"), number(widget, "y"));
        let (right, bottom) = (x + number(widget, "width"), y + number(widget, "height"));
        assert!(right <= 24, "{widget:?}");
        for cell in (x..right).flat_map(|x| (y..bottom).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "on top of another: {widget:?}");
        }
    }
}
