//! What a template asks for, resolved: the form in which the rest of this crate knows it.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde_json::{Map, Value};

/// Everything that one machine has to stand in for.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Functions by logical id.
    pub functions: BTreeMap<String, Function>,
    /// The HTTP API.
    pub http: HttpApi,
    /// The WebSocket API.
    pub websocket: WebSocketApi,
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// SQS queues; a dead-letter queue stands before the queues that name it.
    pub queues: Vec<Queue>,
    /// Secrets.
    pub secrets: Vec<Secret>,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Physical name.
    pub name: String,
    /// Name of the Cargo binary that is its bootstrap.
    pub binary: String,
    /// Environment variables, every intrinsic resolved to something that works on this machine.
    pub environment: BTreeMap<String, String>,
    /// A running invocation is ended after this.
    pub timeout: Duration,
    /// `MemorySize`, MB.
    pub memory_mb: u32,
    /// Most instances at once; `None` where the account's limit applies.
    pub max_concurrency: Option<u32>,
    /// Queues that it is fed from.
    pub queues: Vec<QueueSource>,
    /// Schedules that invoke it.
    pub schedules: Vec<Schedule>,
    /// What its inline policies allow.
    pub allowed: Vec<Statement>,
}

/// A statement of a policy with the effect `Allow` and no condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// IAM actions, such as `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// ARNs, with `*` for any text.
    pub resources: Vec<String>,
}

/// An SQS event source mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSource {
    /// Physical name of the queue.
    pub queue: String,
    /// Most messages an event.
    pub batch_size: u32,
    /// `ReportBatchItemFailures`: only the messages named in the response stay.
    pub partial_batch_response: bool,
    /// Most concurrent batches.
    pub max_concurrency: Option<u32>,
}

/// An EventBridge schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its name.
    pub name: String,
    /// Time between two runs.
    pub every: Duration,
}

/// An API Gateway HTTP API.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpApi {
    /// Its routes.
    pub routes: Vec<HttpRoute>,
    /// `CorsConfiguration`, if any.
    pub cors: Option<Cors>,
}

/// A route of an HTTP API, such as `PUT /v1/sessions/{id}/chunks/{index}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRoute {
    /// Method, upper case, or `ANY`.
    pub method: String,
    /// Path with `{name}` for variables; `$default` for the catch-all route.
    pub path: String,
    /// Logical id of the function.
    pub function: String,
}

/// `CorsConfiguration` of an HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// `AllowOrigins`
    pub allow_origins: Vec<String>,
    /// `AllowMethods`
    pub allow_methods: Vec<String>,
    /// `AllowHeaders`
    pub allow_headers: Vec<String>,
    /// `ExposeHeaders`
    pub expose_headers: Vec<String>,
    /// `MaxAge`
    pub max_age: Option<Duration>,
}

/// An API Gateway WebSocket API; routes are chosen by the `action` of a message's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketApi {
    /// What `Ref` gives: the first label of its host name in AWS.
    pub id: String,
    /// Stage name: the first segment of its URL's path.
    pub stage: String,
    /// Logical ids of functions by route key: `$connect`, `$disconnect`, `$default`, or an action.
    pub routes: BTreeMap<String, String>,
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Physical name.
    pub name: String,
    /// `AttributeDefinitions`: type (`S`, `N`, `B`) by name.
    pub attributes: BTreeMap<String, String>,
    /// `KeySchema`.
    pub key: Key,
    /// `GlobalSecondaryIndexes`.
    pub indexes: Vec<Index>,
    /// Attribute of `TimeToLiveSpecification`.
    pub ttl_attribute: Option<String>,
}

/// A `KeySchema`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The `HASH` attribute.
    pub hash: String,
    /// The `RANGE` attribute.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// `ProjectionType`: `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    /// `NonKeyAttributes` of an `INCLUDE`.
    pub included: Vec<String>,
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Physical name.
    pub name: String,
    /// `VisibilityTimeout`.
    pub visibility: Duration,
    /// `MessageRetentionPeriod`.
    pub retention: Duration,
    /// `RedrivePolicy`: physical name of the dead-letter queue, `maxReceiveCount`.
    pub redrive: Option<(String, u32)>,
}

/// A Secrets Manager secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Physical name.
    pub name: String,
    /// Its first value.
    pub value: SecretValue,
    /// Logical id of the rotation function and the time between two rotations.
    pub rotation: Option<(String, Duration)>,
}

/// Where a secret's first value comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum SecretValue {
    /// `GenerateSecretString` with this `PasswordLength`.
    Generated {
        /// Characters.
        length: usize,
        /// What the password is put into.
        within: Option<SecretObject>,
    },
    /// `SecretString`.
    Given(String),
}

/// `SecretStringTemplate`, and the `GenerateStringKey` that the password gets in it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretObject {
    /// The object.
    pub template: Map<String, Value>,
    /// The member that the password becomes.
    pub key: String,
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generated { length, .. } => {
                f.debug_struct("Generated").field("length", length).finish()
            }
            Self::Given(_) => f.write_str("Given(..)"),
        }
    }
}
