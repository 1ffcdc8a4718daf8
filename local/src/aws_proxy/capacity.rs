//! What a call consumes of DynamoDB, as DynamoDB itself says.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConsumedCapacity.html>

use axum::body::Bytes;
use serde_json::{Value, json};

/// The request with the wish to be told what it consumes. A body that is not an object stays as it is.
pub(super) fn asked(body: &Bytes) -> Bytes {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut request)) => {
            request.insert("ReturnConsumedCapacity".into(), json!("TOTAL"));
            Value::Object(request).to_string().into()
        }
        _ => body.clone(),
    }
}

/// What an answer says of it: capacity units of all tables and indexes. An error says nothing.
pub(super) fn told(body: &[u8]) -> Option<f64> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let units = |of: &Value| of.get("CapacityUnits").and_then(Value::as_f64);
    match answer.get("ConsumedCapacity")? {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => units(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacity_is_asked_for_and_told() {
        let asked = asked(&Bytes::from_static(br#"{"TableName":"t"}"#));
        let asked: Value = serde_json::from_slice(&asked).unwrap();
        assert_eq!(
            asked,
            json!({ "TableName": "t", "ReturnConsumedCapacity": "TOTAL" })
        );
        assert_eq!(
            told(br#"{"ConsumedCapacity":{"CapacityUnits":1.5}}"#),
            Some(1.5)
        );
        let two = br#"{"ConsumedCapacity":[{"CapacityUnits":1.0},{"CapacityUnits":2.0}]}"#;
        assert_eq!(told(two), Some(3.0));
        assert_eq!(told(br#"{"__type":"error"}"#), None);
    }

    #[test]
    fn what_is_no_object_stays_as_it_is() {
        let body = Bytes::from_static(b"[1]");
        assert_eq!(asked(&body), body);
    }
}
