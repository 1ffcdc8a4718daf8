//! Credentials for others, in Secrets Manager.

use aws_sdk_secretsmanager::Client;
use zeroize::Zeroizing;

use super::unavailable;
use dodolens_app::ports::Unavailable;

/// The text of the secret with this name or ARN; `what` it is, is told when it can't be read.
///
/// # Errors
/// [`Unavailable`] when it can't be read.
pub async fn secret_text(
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
