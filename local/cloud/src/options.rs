//! What differs from one run of a stack to another.

use std::{collections::BTreeMap, ffi::OsString, time::Duration};

use super::{logs::LogSink, meter::Meter};

/// What differs from one run to another.
#[derive(Debug, Clone)]
pub struct Options {
    /// Most instances of a function at once; more invocations wait for one.
    pub max_instances: usize,
    /// An instance unused for so long is ended.
    pub idle_timeout: Duration,
    /// Factor on the periods of schedules and rotations; 1.0 is real time.
    pub schedule_scale: f64,
    /// Time between two sweeps of expired items; `None` for never, as AWS may take days.
    pub ttl_sweep: Option<Duration>,
    /// Where the functions' output goes.
    pub logs: LogSink,
    /// Sees what AWS would bill.
    pub meter: Meter,
    /// AWS's time limits.
    pub limits: Limits,
    /// Commands that a function is started through, by its logical id: a program and the arguments that come before the
    /// bootstrap. The instance is then this program and all that it starts in its process group.
    pub wrappers: BTreeMap<String, Vec<OsString>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_instances: 64,
            idle_timeout: Duration::from_secs(300),
            schedule_scale: 1.0,
            ttl_sweep: None,
            logs: LogSink::stderr(),
            meter: Meter::default(),
            limits: Limits::default(),
            wrappers: BTreeMap::new(),
        }
    }
}

/// Time limits, by default AWS's own.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A gateway waits so long for a function.
    pub integration: Duration,
    /// A bootstrap asks for its first event within this.
    pub init: Duration,
    /// A WebSocket connection without traffic is closed after this.
    pub websocket_idle: Duration,
    /// A WebSocket connection is closed after this.
    pub websocket_life: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            integration: Duration::from_secs(30),
            init: Duration::from_secs(10),
            websocket_idle: Duration::from_secs(600),
            websocket_life: Duration::from_secs(7200),
        }
    }
}
