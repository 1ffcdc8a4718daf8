//! The sinks that this deployment has.

use dodolens::{
    app::{
        deliver::{Delivered, Undelivered, deliver},
        ports::{HasClock, HasSessions},
    },
    aws::{SecretsClient, clients::Clients, secret_text},
    config,
    domain::{ids::SessionId, sink::SinkName},
    sinks::{AirtableSink, AirtableTable, Pace, SinkClient, WebhookSink, WebhookUrl},
};
use lambda_runtime::Error;

/// What is said when it can't be read. It is read for each delivery and kept by nobody, so a change counts at once.
const CREDENTIAL: &str = "the credential of a sink";

/// A sink's address, and the name of the secret with its credential.
#[derive(Debug)]
struct Place<T> {
    address: T,
    secret: String,
}

/// The sinks that results may go to.
#[derive(Debug)]
pub struct Sinks {
    client: SinkClient,
    secrets: SecretsClient,
    airtable: Option<Place<AirtableTable>>,
    /// Of all requests to Airtable.
    pace: Pace,
    webhook: Option<Place<WebhookUrl>>,
}

impl Sinks {
    /// From the environment: those that `SINKS` names.
    ///
    /// # Errors
    /// When a variable of one of them is missing or unreadable.
    pub fn from_environment(aws: &Clients) -> Result<Self, Error> {
        let mut sinks = Self {
            client: SinkClient::new()?,
            secrets: aws.secrets(),
            airtable: None,
            pace: Pace::default(),
            webhook: None,
        };
        for sink in config::sinks()? {
            match sink {
                SinkName::Airtable => {
                    sinks.airtable = Some(Place {
                        address: AirtableTable::new(
                            &config::text("AIRTABLE_API")?,
                            &config::text("AIRTABLE_BASE_ID")?,
                            &config::text("AIRTABLE_TABLE")?,
                        )?,
                        secret: config::text("AIRTABLE_TOKEN_SECRET")?,
                    });
                }
                SinkName::Webhook => {
                    sinks.webhook = Some(Place {
                        address: WebhookUrl::new(&config::text("WEBHOOK_URL")?)?,
                        secret: config::text("WEBHOOK_SECRET")?,
                    });
                }
            }
        }
        Ok(sinks)
    }

    /// Hands the result of a session to one of them, with its credential as it stands now.
    ///
    /// # Errors
    /// See [`Undelivered`].
    pub async fn deliver(
        &self,
        ports: &(impl HasSessions + HasClock),
        session: SessionId,
        to: SinkName,
    ) -> Result<Delivered, Undelivered> {
        match to {
            SinkName::Airtable => {
                let place = self.airtable.as_ref().ok_or(Undelivered::NotConfigured)?;
                let token = secret_text(&self.secrets, &place.secret, CREDENTIAL).await?;
                let sink = AirtableSink::new(&self.client, &place.address, &self.pace, token);
                deliver(ports, &sink, session).await
            }
            SinkName::Webhook => {
                let place = self.webhook.as_ref().ok_or(Undelivered::NotConfigured)?;
                let secret = secret_text(&self.secrets, &place.secret, CREDENTIAL).await?;
                let sink = WebhookSink::new(&self.client, &place.address, ports.clock(), &secret)?;
                deliver(ports, &sink, session).await
            }
        }
    }
}
