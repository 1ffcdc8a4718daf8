//! What AWS bills, and how much of it is used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something that AWS has a price for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// Write request units: 1 KB of an item, begun.
    TableWrites,
    /// Read request units: 4 KB of an item, begun; eventually consistent half.
    TableReads,
    /// GB of tables, for a month.
    TableStorage,
    /// Requests to an HTTP API: 512 KB of a body, begun.
    HttpRequests,
    /// Messages of a WebSocket API: 32 KB, begun.
    SocketMessages,
    /// Minutes of open WebSocket connections.
    SocketMinutes,
    /// Invocations of functions.
    Invocations,
    /// GB-seconds of functions, arm64.
    Compute,
    /// Requests to SQS.
    QueueRequests,
    /// Secrets, for a month.
    Secrets,
    /// Requests to Secrets Manager.
    SecretCalls,
    /// GB written to logs.
    LogIngestion,
    /// GB of logs, for a month.
    LogStorage,
    /// Custom metrics, for a month.
    Metrics,
    /// Alarms on one metric, for a month.
    Alarms,
    /// Dashboards, for a month.
    Dashboards,
    /// Traces that X-Ray records.
    Traces,
    /// GB sent to the Internet.
    DataOut,
    /// Users who sign in to the user pool in a month.
    Users,
}

impl Item {
    /// The service on the bill, and what is counted.
    #[must_use]
    pub const fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::TableWrites => ("DynamoDB", "write units"),
            Self::TableReads => ("DynamoDB", "read units"),
            Self::TableStorage => ("DynamoDB", "GB-months"),
            Self::HttpRequests => ("API Gateway", "HTTP requests"),
            Self::SocketMessages => ("API Gateway", "WebSocket messages"),
            Self::SocketMinutes => ("API Gateway", "connection minutes"),
            Self::Invocations => ("Lambda", "invocations"),
            Self::Compute => ("Lambda", "GB-seconds"),
            Self::QueueRequests => ("SQS", "requests"),
            Self::Secrets => ("Secrets Manager", "secrets"),
            Self::SecretCalls => ("Secrets Manager", "requests"),
            Self::LogIngestion => ("CloudWatch", "GB of logs written"),
            Self::LogStorage => ("CloudWatch", "GB-months of logs"),
            Self::Metrics => ("CloudWatch", "metrics"),
            Self::Alarms => ("CloudWatch", "alarms"),
            Self::Dashboards => ("CloudWatch", "dashboards"),
            Self::Traces => ("X-Ray", "traces"),
            Self::DataOut => ("Data transfer", "GB out"),
            Self::Users => ("Cognito", "monthly users"),
        }
    }
}

/// How much of each item.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub struct Usage(BTreeMap<Item, f64>);

impl Usage {
    /// Adds some of an item.
    pub fn add(&mut self, item: Item, amount: f64) {
        *self.0.entry(item).or_default() += amount;
    }

    /// This with some of an item.
    #[must_use]
    pub fn with(mut self, item: Item, amount: f64) -> Self {
        self.add(item, amount);
        self
    }

    /// How much of an item.
    #[must_use]
    pub fn of(&self, item: Item) -> f64 {
        self.0.get(&item).copied().unwrap_or_default()
    }

    /// This and that.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        for (item, amount) in &other.0 {
            self.add(*item, *amount);
        }
        self
    }

    /// So many times this.
    #[must_use]
    pub fn times(&self, count: f64) -> Self {
        let items = self.0.iter();
        Self(
            items
                .map(|(item, amount)| (*item, amount * count))
                .collect(),
        )
    }

    /// What this is more than `base`.
    #[must_use]
    pub fn beyond(&self, base: &Self) -> Self {
        let items = self.0.iter();
        Self(
            items
                .map(|(item, amount)| (*item, (amount - base.of(*item)).max(0.0)))
                .collect(),
        )
    }

    /// The items that there is something of, in the order of the bill.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        self.0.keys().copied()
    }
}
