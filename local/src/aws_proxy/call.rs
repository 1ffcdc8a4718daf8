//! Who asks for what, as seen from outside.

use axum::http::{HeaderMap, Method, header::AUTHORIZATION};
use serde_json::Value;

use dodolens_cloud::names::{connection_arn, queue_arn, secret_arn, secret_name, table_arn};

/// The one function that asks the AI; its requests carry the provider's key and no name.
const ASKS_AI: &str = "ProcessFunction";
/// What a request of no function counts as.
const UNSIGNED: &str = "unsigned";

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// DynamoDB.
    DynamoDb,
    /// SQS.
    Sqs,
    /// Secrets Manager.
    Secrets,
    /// `@connections` of API Gateway.
    Connections,
    /// The simulated AI.
    Ai,
}

impl Service {
    /// By the header that names the operation of an AWS service with JSON requests.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match target(headers).split('.').next() {
            Some("AmazonSQS") => Self::Sqs,
            Some("secretsmanager") => Self::Secrets,
            _ => Self::DynamoDb,
        }
    }
}

/// One request of a function. Nothing of what it says is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Logical id of the function.
    pub function: String,
    /// Who is asked.
    pub service: Service,
    /// The operation by its name in the service's API, such as `GetItem`; method and path of a request to the AI.
    pub operation: String,
    /// ARNs of the tables, indexes, queue, secret or connection that it is about.
    pub resources: Vec<String>,
    /// Length of its body, bytes.
    pub request_bytes: usize,
}

impl Call {
    /// From a request; `below` is its path within the service, `websocket` the id and stage of the WebSocket API.
    pub(super) fn of(
        service: Service,
        method: &Method,
        below: &str,
        headers: &HeaderMap,
        body: &[u8],
        websocket: (&str, &str),
    ) -> Self {
        let (operation, resources) = match service {
            Service::Ai => (format!("{method} {below}"), Vec::new()),
            Service::Connections => {
                let connection = below.trim_start_matches("/@connections/");
                let (api, stage) = websocket;
                let arn = connection_arn(api, stage, method.as_str(), connection);
                (management(method).to_owned(), vec![arn])
            }
            Service::DynamoDb | Service::Sqs | Service::Secrets => {
                let operation = target(headers).rsplit('.').next().unwrap_or_default();
                let body = serde_json::from_slice(body).unwrap_or_default();
                (operation.to_owned(), resources(&body))
            }
        };
        Self {
            function: function(service, headers),
            service,
            operation,
            resources,
            request_bytes: body.len(),
        }
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>
fn management(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GetConnection",
        Method::DELETE => "DeleteConnection",
        _ => "PostToConnection",
    }
}

fn target(headers: &HeaderMap) -> &str {
    let target = headers.get("x-amz-target");
    target.and_then(|it| it.to_str().ok()).unwrap_or_default()
}

/// The function, by the id of the key that its request is signed with.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>
fn function(service: Service, headers: &HeaderMap) -> String {
    if service == Service::Ai {
        return ASKS_AI.to_owned();
    }
    let signature = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let credential = signature.and_then(|it| Some(it.split_once("Credential=")?.1));
    let key = credential.and_then(|it| it.split('/').next());
    key.unwrap_or(UNSIGNED).to_owned()
}

/// What a request with a JSON body is about.
fn resources(body: &Value) -> Vec<String> {
    let text = |value: &Value, name| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let table = |value: &Value| {
        let table = table_arn(&text(value, "TableName")?);
        Some(match text(value, "IndexName") {
            Some(index) => format!("{table}/index/{index}"),
            None => table,
        })
    };
    if let Some(url) = text(body, "QueueUrl") {
        return vec![queue_arn(url.rsplit('/').next().unwrap_or_default())];
    }
    if let Some(secret) = text(body, "SecretId") {
        return vec![secret_arn(secret_name(&secret))];
    }
    let batch = body.get("RequestItems").and_then(Value::as_object);
    let batch = batch
        .into_iter()
        .flat_map(|tables| tables.keys().map(|name| table_arn(name)));
    let transaction = body.get("TransactItems").and_then(Value::as_array);
    let transaction = transaction.into_iter().flatten();
    let transaction = transaction
        .filter_map(|item| item.as_object()?.values().next())
        .filter_map(table);
    table(body)
        .into_iter()
        .chain(batch)
        .chain(transaction)
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn call(service: Service, method: Method, target: &str, below: &str, body: &Value) -> Call {
        let mut headers = HeaderMap::new();
        let signature = "AWS4-HMAC-SHA256 Credential=SweepFunction/20261121/eu-west-3/x";
        headers.insert(AUTHORIZATION, HeaderValue::from_static(signature));
        headers.insert("x-amz-target", target.parse().unwrap());
        let body = body.to_string();
        Call::of(
            service,
            &method,
            below,
            &headers,
            body.as_bytes(),
            ("api", "v1"),
        )
    }

    #[test]
    fn a_call_names_function_operation_and_resources() {
        for (service, method, target, below, body, operation, resources) in [
            (
                Service::DynamoDb,
                Method::POST,
                "DynamoDB_20120810.Query",
                "/",
                json!({ "TableName": "t", "IndexName": "i" }),
                "Query",
                vec!["arn:aws:dynamodb:eu-west-3:000000000000:table/t/index/i"],
            ),
            (
                Service::DynamoDb,
                Method::POST,
                "DynamoDB_20120810.BatchGetItem",
                "/",
                json!({ "RequestItems": { "t": {}, "u": {} } }),
                "BatchGetItem",
                vec![
                    "arn:aws:dynamodb:eu-west-3:000000000000:table/t",
                    "arn:aws:dynamodb:eu-west-3:000000000000:table/u",
                ],
            ),
            (
                Service::DynamoDb,
                Method::POST,
                "DynamoDB_20120810.TransactWriteItems",
                "/",
                json!({ "TransactItems": [{ "Put": { "TableName": "t" } }] }),
                "TransactWriteItems",
                vec!["arn:aws:dynamodb:eu-west-3:000000000000:table/t"],
            ),
            (
                Service::Sqs,
                Method::POST,
                "AmazonSQS.SendMessage",
                "/",
                json!({ "QueueUrl": "http://127.0.0.1:1/000000000000/q" }),
                "SendMessage",
                vec!["arn:aws:sqs:eu-west-3:000000000000:q"],
            ),
            (
                Service::Secrets,
                Method::POST,
                "secretsmanager.GetSecretValue",
                "/",
                json!({ "SecretId": "s" }),
                "GetSecretValue",
                vec!["arn:aws:secretsmanager:eu-west-3:000000000000:secret:s-l0cal0"],
            ),
            (
                Service::Connections,
                Method::POST,
                "",
                "/@connections/c",
                json!({}),
                "PostToConnection",
                vec!["arn:aws:execute-api:eu-west-3:000000000000:api/v1/POST/@connections/c"],
            ),
        ] {
            let call = call(service, method, target, below, &body);
            assert_eq!(call.function, "SweepFunction");
            assert_eq!(call.operation, operation);
            assert_eq!(call.resources, resources);
        }
    }

    #[test]
    fn requests_of_the_ai_have_no_name() {
        let call = call(Service::Ai, Method::POST, "", "/responses", &json!({}));
        assert_eq!(call.function, ASKS_AI);
        assert_eq!(call.operation, "POST /responses");
    }

    #[test]
    fn the_target_tells_the_service() {
        for (target, service) in [
            ("AmazonSQS.SendMessage", Service::Sqs),
            ("secretsmanager.GetSecretValue", Service::Secrets),
            ("DynamoDB_20120810.GetItem", Service::DynamoDb),
        ] {
            let headers = [("x-amz-target", target)];
            let headers = headers
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .into_iter()
                .collect();
            assert_eq!(Service::of(&headers), service);
        }
    }
}
