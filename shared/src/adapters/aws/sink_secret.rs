//! Credentials of sinks in Secrets Manager. They are read for each delivery and kept by nobody, so a change counts at
//! once.

use aws_sdk_secretsmanager::Client;
use zeroize::Zeroizing;

use super::unavailable;
use crate::ports::Unavailable;

/// The text of the secret with this name or ARN.
///
/// # Errors
/// [`Unavailable`] when it can't be read.
pub async fn sink_secret(client: &Client, secret: &str) -> Result<Zeroizing<String>, Unavailable> {
    const WHAT: &str = "the credential of a sink";
    let value = client
        .get_secret_value()
        .secret_id(secret)
        .send()
        .await
        .map_err(|error| unavailable(WHAT, &error))?;
    value
        .secret_string
        .map(Zeroizing::new)
        .ok_or(Unavailable(WHAT))
}
