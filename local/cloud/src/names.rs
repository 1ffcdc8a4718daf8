//! What a resource of this machine is called, in AWS's forms.

pub use crate::template::{ACCOUNT, REGION};

/// `apiId` of the HTTP API.
pub(super) const HTTP_API_ID: &str = "localhttp0";
/// `apiId` of the WebSocket API.
pub(super) const WEBSOCKET_API_ID: &str = "localws000";

/// ARN of a function, by its physical name.
#[must_use]
pub fn function_arn(name: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}")
}

/// ARN of a queue, by its physical name.
#[must_use]
pub fn queue_arn(name: &str) -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
}

/// ARN of a table, by its physical name.
#[must_use]
pub fn table_arn(name: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

/// ARN of a method of a connection, by the WebSocket API's id and stage.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html>
#[must_use]
pub fn connection_arn(api: &str, stage: &str, method: &str, connection: &str) -> String {
    format!(
        "arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/{stage}/{method}/@connections/{connection}"
    )
}

/// ARN of an EventBridge rule, by its name.
#[must_use]
pub fn rule_arn(name: &str) -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}")
}

/// ARN of a secret, by its name; AWS ends it with six characters of its own choice.
#[must_use]
pub fn secret_arn(name: &str) -> String {
    format!("{}{name}{SECRET_SUFFIX}", secret_arn_prefix())
}

/// Name of the secret that an id means: its name, its ARN, or its ARN without the six characters.
pub fn secret_name(id: &str) -> &str {
    let Some(rest) = id.strip_prefix(&secret_arn_prefix()) else {
        return id;
    };
    rest.strip_suffix(SECRET_SUFFIX).unwrap_or(rest)
}

const SECRET_SUFFIX: &str = "-l0cal0";

fn secret_arn_prefix() -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:")
}

/// A fresh request, message or version id.
pub(super) fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_by_name_arn_and_partial_arn() {
        let arn = secret_arn("app/key");
        assert_eq!(secret_name("app/key"), "app/key");
        assert_eq!(secret_name(&arn), "app/key");
        assert_eq!(secret_name(arn.trim_end_matches(SECRET_SUFFIX)), "app/key");
    }
}
