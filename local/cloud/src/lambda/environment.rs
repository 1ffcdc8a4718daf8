//! The environment variables of an instance.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::{collections::BTreeMap, path::Path};

use crate::{
    listeners::Urls,
    names::{REGION, uuid},
    stack::Function,
};

/// Everything that an instance gets, and nothing of this process's own environment; what the stack
/// says comes last. `id` is the function's logical id.
pub(super) fn of(
    id: &str,
    function: &Function,
    bootstrap: &Path,
    urls: &Urls,
    runtime_api: String,
) -> BTreeMap<String, String> {
    let root = bootstrap.parent().unwrap_or(Path::new("/"));
    let date = jiff::Zoned::now().strftime("%Y/%m/%d").to_string();
    let stream = format!("{date}/[$LATEST]{}", uuid().replace('-', ""));
    let fixed = [
        ("AWS_LAMBDA_RUNTIME_API", runtime_api),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        (
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory_mb.to_string(),
        ),
        (
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", function.name),
        ),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_REGION", REGION.into()),
        ("AWS_DEFAULT_REGION", REGION.into()),
        // Nothing here checks a signature; as a role's key would, this one tells who asks.
        ("AWS_ACCESS_KEY_ID", id.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".into()),
        ("AWS_ENDPOINT_URL_DYNAMODB", urls.dynamodb()),
        ("AWS_ENDPOINT_URL_SQS", urls.sqs()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", urls.secrets_manager()),
        ("LAMBDA_TASK_ROOT", root.display().to_string()),
        ("_HANDLER", "bootstrap".into()),
        ("TZ", ":UTC".into()),
        ("LANG", "en_US.UTF-8".into()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin".into()),
    ];
    let mut all: BTreeMap<_, _> = fixed.map(|(name, value)| (name.to_owned(), value)).into();
    all.extend(function.environment.clone());
    all
}
