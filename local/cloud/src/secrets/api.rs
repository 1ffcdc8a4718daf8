//! The wire of Secrets Manager: JSON 1.1, the operation in `X-Amz-Target`.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    password::Rules,
    store::{CURRENT, Payload, Refusal, Store, Version},
};
use crate::names::{secret_arn, secret_name, uuid};

/// The service's endpoint.
pub(super) fn router(store: Arc<Store>) -> Router {
    Router::new().route("/", post(handle)).with_state(store)
}

async fn handle(State(store): State<Arc<Store>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix("secretsmanager."));
    let (status, body) = match answer(&store, operation.unwrap_or_default(), &body) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(refusal) => {
            let name = refusal.to_string();
            (
                StatusCode::BAD_REQUEST,
                json!({ "__type": name, "Message": name }),
            )
        }
    };
    (
        status,
        [(CONTENT_TYPE, "application/x-amz-json-1.1")],
        body.to_string(),
    )
        .into_response()
}

fn answer(store: &Store, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    match operation {
        "GetSecretValue" => get(store, parsed(body)?),
        "PutSecretValue" => put(store, parsed(body)?),
        "DescribeSecret" => describe(store, parsed(body)?),
        "UpdateSecretVersionStage" => update_stage(store, parsed(body)?),
        "GetRandomPassword" => Ok(json!({ "RandomPassword": parsed::<Rules>(body)?.password()? })),
        _ => Err(Refusal::UnknownOperation),
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::InvalidParameter)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Get {
    secret_id: String,
    version_id: Option<String>,
    version_stage: Option<String>,
}

fn get(store: &Store, request: Get) -> Result<Value, Refusal> {
    let Get {
        secret_id,
        version_id,
        version_stage,
    } = request;
    let version = store.get(&secret_id, version_id.as_deref(), version_stage.as_deref())?;
    let mut answer = about(&secret_id, &version);
    if let Value::Object(answer) = &mut answer {
        answer.insert("CreatedDate".into(), epoch_seconds(version.created));
        match version.payload {
            Some(Payload::Text(text)) => answer.insert("SecretString".into(), text.into()),
            Some(Payload::Binary(base64)) => answer.insert("SecretBinary".into(), base64.into()),
            None => None,
        };
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    secret_id: String,
    client_request_token: Option<String>,
    secret_string: Option<String>,
    secret_binary: Option<String>,
    version_stages: Option<Vec<String>>,
}

fn put(store: &Store, request: Put) -> Result<Value, Refusal> {
    let payload = match (request.secret_string, request.secret_binary) {
        (Some(text), None) => Payload::Text(text),
        (None, Some(base64)) => Payload::Binary(base64),
        (Some(_), Some(_)) | (None, None) => return Err(Refusal::InvalidRequest),
    };
    let token = request.client_request_token.unwrap_or_else(uuid);
    let stages = request
        .version_stages
        .unwrap_or_else(|| vec![CURRENT.to_owned()]);
    let version = store.put(&request.secret_id, &token, payload, &stages)?;
    Ok(about(&request.secret_id, &version))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Describe {
    secret_id: String,
}

fn describe(store: &Store, request: Describe) -> Result<Value, Refusal> {
    let (versions, dates) = store.describe(&request.secret_id)?;
    let stages: BTreeMap<_, _> = versions
        .into_iter()
        .map(|version| (version.id, version.stages))
        .collect();
    let name = secret_name(&request.secret_id);
    Ok(json!({
        "ARN": secret_arn(name),
        "Name": name,
        "RotationEnabled": true,
        "CreatedDate": epoch_seconds(dates.created),
        "LastChangedDate": epoch_seconds(dates.changed),
        "LastRotatedDate": dates.rotated.map(epoch_seconds),
        "VersionIdsToStages": stages,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateStage {
    secret_id: String,
    version_stage: String,
    move_to_version_id: Option<String>,
    remove_from_version_id: Option<String>,
}

fn update_stage(store: &Store, request: UpdateStage) -> Result<Value, Refusal> {
    store.update_stage(
        &request.secret_id,
        &request.version_stage,
        request.move_to_version_id.as_deref(),
        request.remove_from_version_id.as_deref(),
    )?;
    let name = secret_name(&request.secret_id);
    Ok(json!({ "ARN": secret_arn(name), "Name": name }))
}

fn about(secret: &str, version: &Version) -> Value {
    let name = secret_name(secret);
    json!({
        "ARN": secret_arn(name),
        "Name": name,
        "VersionId": version.id,
        "VersionStages": version.stages,
    })
}

/// Unix time with milliseconds after the point.
#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of today fit in 53 bits"
)]
fn epoch_seconds(time: Timestamp) -> Value {
    json!(time.as_millisecond() as f64 / 1000.0)
}
