//! Credentials in Secrets Manager: the AI providers' keys, and those of sinks.

use aws_sdk_secretsmanager::Client;
use zeroize::Zeroizing;

use super::unavailable;
use crate::ports::Unavailable;

/// The text of the secret with this name or ARN. Nothing keeps it here, so a change counts with the next reading.
///
/// # Errors
/// [`Unavailable`], naming `what`, when it can't be read.
pub async fn credential(
    client: &Client,
    secret: &str,
    what: &'static str,
) -> Result<Zeroizing<String>, Unavailable> {
    let value = client
        .get_secret_value()
        .secret_id(secret)
        .send()
        .await
        .map_err(|error| unavailable(what, &error))?;
    value
        .secret_string
        .map(Zeroizing::new)
        .ok_or(Unavailable(what))
}
