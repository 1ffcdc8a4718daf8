//! A table of Airtable: one row a session.
//! <https://airtable.com/developers/web/api/update-multiple-records>

use std::{fmt, time::Duration};

use ::http::header;
use reqwest::{Method, Url};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{
    Pace, SinkClient, SinkConfigError,
    http::{Refusal, checked, send, wiped_json},
};
use dodolens_app::ports::{CompletedResult, ResultSink, SinkError};
use dodolens_domain::{locale::Locale, sink::SinkName, time::Timestamp};
use dodolens_http_client::secret_header;

/// The field that rows are told apart by.
const KEY_FIELD: &str = "Session";
/// After a 429 no request of anybody succeeds for so long.
/// <https://airtable.com/developers/web/api/rate-limits>
const SHUT_FOR: Duration = Duration::from_secs(30);

/// A table's address.
#[derive(Clone)]
pub struct AirtableTable(Url);

impl fmt::Debug for AirtableTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AirtableTable")
    }
}

impl AirtableTable {
    /// The table with this name or id, in the base with this id; `api` is `https://api.airtable.com/v0`.
    ///
    /// # Errors
    /// [`SinkConfigError::Address`].
    pub fn new(api: &str, base_id: &str, table: &str) -> Result<Self, SinkConfigError> {
        let mut url = checked(api)?;
        if base_id.is_empty() || table.is_empty() {
            return Err(SinkConfigError::Address);
        }
        url.path_segments_mut()
            .map_err(|()| SinkConfigError::Address)?
            .pop_if_empty()
            .extend([base_id, table]);
        Ok(Self(url))
    }
}

/// A table with the token that opens it.
#[derive(Debug)]
pub struct AirtableSink<'a> {
    client: &'a SinkClient,
    table: &'a AirtableTable,
    pace: &'a Pace,
    token: Token,
}

struct Token(Zeroizing<String>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[token redacted]")
    }
}

impl<'a> AirtableSink<'a> {
    /// With a personal access token that has the scope `data.records:write`. All requests to the base share a pace.
    #[must_use]
    pub const fn new(
        client: &'a SinkClient,
        table: &'a AirtableTable,
        pace: &'a Pace,
        token: Zeroizing<String>,
    ) -> Self {
        let token = Token(token);
        Self {
            client,
            table,
            pace,
            token,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Upsert<'a> {
    perform_upsert: PerformUpsert,
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PerformUpsert {
    fields_to_merge_on: [&'static str; 1],
}

#[derive(Serialize)]
struct Record<'a> {
    fields: Fields<'a>,
}

/// The fields that the table must have: docs/API.md.
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(rename = "Session")]
    session: String,
    #[serde(rename = "Completed")]
    completed: Timestamp,
    #[serde(rename = "Language")]
    language: Locale,
    #[serde(rename = "Volume m3")]
    volume: f64,
    #[serde(rename = "Volume m3 from")]
    volume_from: f64,
    #[serde(rename = "Volume m3 to")]
    volume_to: f64,
    #[serde(rename = "Weight kg")]
    weight: f64,
    #[serde(rename = "Vehicle")]
    vehicle: &'a str,
    #[serde(rename = "Vehicles")]
    vehicles: u32,
    #[serde(rename = "Inventory")]
    inventory: &'a str,
}

impl ResultSink for AirtableSink<'_> {
    const NAME: SinkName = SinkName::Airtable;

    async fn accept(&self, result: &CompletedResult<'_>) -> Result<(), SinkError> {
        let bearer = secret_header("Bearer ", &self.token.0).ok_or(SinkError::Credential)?;
        let inventory = wiped_json(result.inventory);
        let found = result.inventory;
        let [volume_from, volume_to] = found.total_volume_range;
        let body = wiped_json(&Upsert {
            perform_upsert: PerformUpsert {
                fields_to_merge_on: [KEY_FIELD],
            },
            records: [Record {
                fields: Fields {
                    session: result.session.to_string(),
                    completed: result.completed_at,
                    language: found.locale,
                    volume: found.total_volume,
                    volume_from,
                    volume_to,
                    weight: found.total_weight_kg,
                    vehicle: found.vehicle.name(found.locale),
                    vehicles: found.vehicle.count,
                    inventory: std::str::from_utf8(&inventory).unwrap_or_default(),
                },
            }],
        });
        self.pace
            .turn()
            .await
            .map_err(|retry_after| SinkError::Busy { retry_after })?;
        let request = self
            .client
            .json(Method::PATCH, &self.table.0, body)
            .header(header::AUTHORIZATION, bearer);
        send(request, |refusal| self.judge(refusal)).await
    }
}

impl AirtableSink<'_> {
    /// <https://airtable.com/developers/web/api/errors>
    fn judge(&self, refusal: Refusal) -> SinkError {
        match refusal.status.as_u16() {
            429 => {
                let retry_after = refusal.retry_after.unwrap_or_default().max(SHUT_FOR);
                self.pace.shut(retry_after);
                SinkError::Busy { retry_after }
            }
            408 | 500..=599 => refusal.passing(),
            // A token, a base, a table or a field that is not as it should be.
            _ => refusal.lasting(),
        }
    }
}
