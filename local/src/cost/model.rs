//! Usage times prices: what a session and a month cost.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    ai::AiCost,
    assumed::{self, HOURS, POLL, POLLERS, RETENTION_DAYS, TTL_DAYS, UPLINK},
    item::{Item, Usage},
    prices::{PriceError, Prices, Region},
};

/// What was counted in a run.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// One session, from its opening to the second look of the sweep.
    pub session: Usage,
    /// One look of the sweep at an open session.
    pub look: Usage,
    /// A sweep that finds nothing.
    pub idle_sweep: Usage,
    /// An hourly run of `rotate-key`.
    pub hourly: Usage,
    /// Custom metrics in the log.
    pub metrics: usize,
    /// Queues that feed functions.
    pub queue_sources: usize,
    /// Deployed resources, by type.
    pub resources: BTreeMap<String, usize>,
    /// Bytes of the video.
    pub video_bytes: f64,
    /// Whether parts were left to the table's TTL.
    pub shredded: bool,
}

/// One item of the bill.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// What it is.
    pub item: Item,
    /// How much a session uses.
    pub session_amount: f64,
    /// What that costs, US dollars.
    pub session_usd: f64,
    /// How much a month uses without any session.
    pub fixed_amount: f64,
    /// How much the month uses in all.
    pub month_amount: f64,
    /// What that costs, US dollars.
    pub month_usd: f64,
    /// Where the price is from.
    pub source: String,
    /// When it was read; `None`: looked up nowhere.
    pub price_read: Option<String>,
}

/// The bill.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// The region whose prices these are.
    pub region: String,
    /// Date of the table of prices.
    pub prices_of: String,
    /// Sessions in the month.
    pub sessions: f64,
    /// Bytes of each video.
    pub video_bytes: f64,
    /// `DeleteParts`.
    pub delete_parts: &'static str,
    /// AWS, by item.
    pub aws: Vec<Line>,
    /// The models, a session.
    pub ai: AiCost,
    /// Sums.
    pub sums: Sums,
    /// What is assumed.
    pub assumptions: Vec<String>,
}

/// Sums, US dollars unless said otherwise.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sums {
    /// AWS, for one session more.
    pub session_aws_usd: f64,
    /// The models, for one session more.
    pub session_ai_usd: f64,
    /// Both, in euros.
    pub session_eur: f64,
    /// AWS, a month without any session.
    pub fixed_usd: f64,
    /// AWS, the month.
    pub month_aws_usd: f64,
    /// The models, the month.
    pub month_ai_usd: f64,
    /// Both, in euros.
    pub month_eur: f64,
    /// Dollars for a euro.
    pub dollars_per_euro: f64,
}

impl Counted {
    /// What one session more uses: what was counted, and what comes of its real length.
    #[must_use]
    pub fn per_session(&self) -> Usage {
        let minutes = self.video_bytes * 8.0 / UPLINK / 60.0;
        let mut usage = self.session.clone().plus(&self.look.times(minutes.ceil()));
        let open = (minutes + assumed::WAIT_FOR_AI / 60.0).ceil();
        usage.add(Item::SocketMinutes, open);
        // Explicitly deleted parts lie there for minutes, which is nothing of a month.
        if self.shredded {
            let share = TTL_DAYS * 24.0 / HOURS;
            usage.add(Item::TableStorage, self.video_bytes / 1e9 * share);
        }
        with_stored_logs(usage)
    }

    /// What a month uses without any session.
    #[must_use]
    pub fn fixed(&self) -> Usage {
        let count = |kind: &str| self.resources.get(kind).copied().unwrap_or_default() as f64;
        let polls = self.queue_sources as f64 * POLLERS * HOURS * 3600.0 / POLL;
        let usage = self
            .idle_sweep
            .times(HOURS * 60.0)
            .plus(&self.hourly.times(HOURS));
        let usage = usage
            .with(Item::QueueRequests, polls)
            .with(Item::Secrets, count("AWS::SecretsManager::Secret"))
            .with(Item::Alarms, count("AWS::CloudWatch::Alarm"))
            .with(Item::Dashboards, count("AWS::CloudWatch::Dashboard"))
            .with(Item::Metrics, self.metrics as f64);
        with_stored_logs(usage)
    }

    /// The bill of a month with so many sessions, each of a user of its own.
    ///
    /// # Errors
    /// [`PriceError`] for a region without prices.
    pub fn bill(
        &self,
        prices: &Prices,
        region: &str,
        sessions: f64,
        ai: AiCost,
    ) -> Result<Bill, PriceError> {
        let priced = prices.region(region)?;
        let (session, fixed) = (self.per_session(), self.fixed());
        let month = session
            .times(sessions)
            .plus(&fixed)
            .with(Item::Users, sessions);
        let lines = month.items();
        let lines: Vec<Line> = lines
            .map(|item| line(&priced, item, &session, &fixed, &month))
            .collect::<Result<_, _>>()?;
        let fixed_usd: f64 = cost(&priced, &fixed)?;
        let sum = |of: fn(&Line) -> f64| lines.iter().map(of).sum::<f64>();
        let (session_aws_usd, month_aws_usd) =
            (sum(|line| line.session_usd), sum(|line| line.month_usd));
        let rate = prices.dollars_per_euro.value;
        let session_ai_usd = ai.usd();
        let month_ai_usd = session_ai_usd * sessions;
        Ok(Bill {
            region: region.to_owned(),
            prices_of: prices.date.clone(),
            sessions,
            video_bytes: self.video_bytes,
            delete_parts: if self.shredded { "shred" } else { "explicit" },
            aws: lines,
            ai,
            sums: Sums {
                session_aws_usd,
                session_ai_usd,
                session_eur: (session_aws_usd + session_ai_usd) / rate,
                fixed_usd,
                month_aws_usd,
                month_ai_usd,
                month_eur: (month_aws_usd + month_ai_usd) / rate,
                dollars_per_euro: rate,
            },
            assumptions: assumed::in_words(),
        })
    }
}

fn with_stored_logs(usage: Usage) -> Usage {
    let months = RETENTION_DAYS * 24.0 / HOURS;
    let stored = usage.of(Item::LogIngestion) * months;
    usage.with(Item::LogStorage, stored)
}

fn line(
    priced: &Region<'_>,
    item: Item,
    session: &Usage,
    fixed: &Usage,
    month: &Usage,
) -> Result<Line, PriceError> {
    let source = priced.source(item)?;
    Ok(Line {
        item,
        session_amount: session.of(item),
        session_usd: priced.cost(item, session.of(item))?,
        fixed_amount: fixed.of(item),
        month_amount: month.of(item),
        month_usd: priced.cost(item, month.of(item))?,
        source: source.what.clone(),
        price_read: source.read.clone(),
    })
}

fn cost(priced: &Region<'_>, usage: &Usage) -> Result<f64, PriceError> {
    usage
        .items()
        .map(|item| priced.cost(item, usage.of(item)))
        .sum()
}
