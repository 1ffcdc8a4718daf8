//! Stacks with both sinks, sessions that are complete, and orders to deliver them.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_sqs::config::{BehaviorVersion, Region};
use dodolens::{
    app::ports::{Clock as _, SessionStore as _},
    aws::SystemClock,
    domain::{
        catalogue,
        evidence::{Cue, Decision, Evidence},
        fusion::fuse,
        ids::SessionId,
        inventory::Inventory,
        locale::Locale,
        receipt::{ErasureReceipt, ErasureStatement, PartsFate},
        session::{Change, Ending, Lease, Session},
    },
};
use dodolens_local::{peer::PeerOptions, stack::Stack};
use dodolens_tests::{
    session::opened,
    stack::{AI_KEY, Setup, TestStack},
};
use serde_json::{Map, Value, json};

use crate::{
    airtable::{Airtable, BASE_ID, TABLE, TOKEN},
    receiver::{Receiver, SECRET},
};

/// A stack that delivers to both sinks.
pub struct Sinks {
    pub stack: TestStack,
    pub airtable: Airtable,
    pub receiver: Receiver,
}

impl Sinks {
    pub async fn start() -> Self {
        Self::with(&[], &[], None).await
    }

    /// With these parameters of the template and variables of the functions over the usual ones. No schedule runs.
    pub async fn with(
        parameters: &[(&'static str, &str)],
        variables: &[(&'static str, &str)],
        adjust: Option<fn(&mut Stack)>,
    ) -> Self {
        Self::beside(PeerOptions::new(AI_KEY), parameters, variables, adjust).await
    }

    /// The same, and these models.
    pub async fn beside(
        peer: PeerOptions,
        parameters: &[(&'static str, &str)],
        variables: &[(&'static str, &str)],
        adjust: Option<fn(&mut Stack)>,
    ) -> Self {
        let (airtable, receiver) = (Airtable::start().await, Receiver::start().await);
        let usual = [
            ("WebhookUrl", receiver.url.as_str()),
            ("WebhookSecret", SECRET),
            ("AirtableBaseId", BASE_ID),
            ("AirtableTable", TABLE),
            ("AirtableToken", TOKEN),
        ];
        let parameters = usual.iter().chain(parameters);
        let stack = TestStack::start(Setup {
            peer,
            parameters: parameters
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            environment: [("AIRTABLE_API", airtable.api.as_str())]
                .iter()
                .chain(variables)
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            schedule_scale: 1e6,
            adjust,
            ..Setup::default()
        })
        .await;
        Self {
            stack,
            airtable,
            receiver,
        }
    }

    /// A session that has just been completed. Its media are verified absent if it is certified.
    pub async fn completed(&self, certified: bool) -> Session {
        let sessions = self.stack.sessions();
        let session = opened(SystemClock.now());
        sessions.create(&session).await.unwrap();
        let now = SystemClock.now();
        let owner = "worker".to_owned();
        let (claimed_until, until) = (now, now + Duration::from_secs(60));
        for change in [
            Change::Queue { claimed_until },
            Change::Lease(Lease {
                owner: owner.clone(),
                until,
            }),
            Change::End {
                ending: Ending::Complete {
                    owner,
                    result: Some(Box::new(inventory())),
                },
                keep: Duration::from_secs(600),
            },
        ] {
            sessions.change(session.id, &change, now).await.unwrap();
        }
        if certified {
            self.certify(session.id).await;
        }
        sessions.load(session.id).await.unwrap().unwrap()
    }

    /// Says that a session's media are verified absent.
    pub async fn certify(&self, id: SessionId) {
        let (sessions, now) = (self.stack.sessions(), SystemClock.now());
        let session = sessions.load(id).await.unwrap().unwrap();
        let fate = PartsFate::Deleted {
            parts_verified_absent_at: now,
        };
        let receipt = ErasureReceipt {
            statement: ErasureStatement::of(&session, fate).unwrap(),
            signature: "signed".into(),
        };
        let change = Change::Certify {
            receipt,
            recheck_at: now + Duration::from_secs(60),
        };
        sessions.change(id, &change, now).await.unwrap();
    }

    /// Gives the function an order as the queue would in this attempt, and says whether it is done with.
    pub async fn order(&self, session: SessionId, sink: &str, attempt: u32) -> bool {
        let order = json!({"sessionId": session.to_string(), "sink": sink});
        self.invoke(&order.to_string(), attempt).await
    }

    /// Gives the function a message with this body.
    pub async fn invoke(&self, body: &str, attempt: u32) -> bool {
        let event = json!({"Records": [{
            "messageId": "m", "receiptHandle": "h", "body": body,
            "attributes": {"ApproximateReceiveCount": attempt.to_string()},
            "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-3",
        }]});
        let answer = self
            .stack
            .running
            .cloud
            .invoke("DeliverFunction", &event)
            .await
            .unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        answer["batchItemFailures"] == json!([])
    }

    pub fn queue(&self, logical: &str) -> String {
        let urls = self.stack.running.cloud.urls();
        urls.queue(&format!("dodolens-{logical}"))
    }

    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-3"))
            .credentials_provider(Credentials::for_tests())
            .endpoint_url(self.stack.running.cloud.urls().sqs())
            .build();
        aws_sdk_sqs::Client::from_conf(config)
    }

    /// Sends a message to a queue.
    pub async fn send(&self, queue: &str, body: &Value) {
        let send = self.sqs().send_message().queue_url(self.queue(queue));
        send.message_body(body.to_string()).send().await.unwrap();
    }

    /// How many messages a queue holds, taken ones included.
    pub async fn waiting(&self, queue: &str) -> u32 {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Taken,
        };
        let ask = self.sqs().get_queue_attributes();
        let ask = ask.queue_url(self.queue(queue)).attribute_names(Visible);
        let answer = ask.attribute_names(Taken).send().await.unwrap();
        let counts = answer.attributes.unwrap();
        counts
            .values()
            .map(|count| count.parse::<u32>().unwrap())
            .sum()
    }

    /// Takes a letter from the dead-letter queue, if one comes within the time.
    pub async fn dead_letter(&self, within_seconds: i32) -> Option<Value> {
        let (sqs, url) = (self.sqs(), self.queue("DeliveriesDeadLetter"));
        let receive = sqs.receive_message().queue_url(&url);
        let received = receive.wait_time_seconds(within_seconds).send().await;
        let letter = received.unwrap().messages?.into_iter().next()?;
        let delete = sqs.delete_message().queue_url(url);
        let delete = delete.set_receipt_handle(letter.receipt_handle);
        delete.send().await.unwrap();
        Some(serde_json::from_str(&letter.body.unwrap()).unwrap())
    }

    /// Waits until the table of Airtable has a row, and gives the last.
    pub async fn row(&self) -> Map<String, Value> {
        let wait = async {
            loop {
                if let Some(row) = self.airtable.rows().pop() {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(180), wait)
            .await
            .unwrap()
    }

    /// How often a message was logged by a function.
    pub fn logged(&self, function: &str, message: &str) -> usize {
        let lines = self.lines(function);
        let lines = lines.iter().filter(|line| line["message"] == message);
        lines.count()
    }

    /// All that a function logged.
    pub fn lines(&self, function: &str) -> Vec<Value> {
        let logs = self.stack.logs.lock().unwrap();
        let lines = logs.iter().filter(|line| line.function == function);
        lines
            .filter_map(|line| serde_json::from_str(&line.text).ok())
            .collect()
    }

    /// Waits until a message is logged by a function.
    pub async fn until_logged(&self, function: &str, message: &str) {
        self.until_logged_times(1, function, message).await;
    }

    /// Waits until a message is logged so many times by a function.
    pub async fn until_logged_times(&self, times: usize, function: &str, message: &str) {
        let wait = async {
            while self.logged(function, message) < times {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(180), wait).await;
        waited.unwrap_or_else(|_| panic!("{message}\n{}", self.stack.logged()));
    }

    /// Ends the stack; none of its functions has logged a credential, an address or a result.
    pub async fn end(self) {
        let logged = self.stack.logged();
        for secret in [TOKEN, SECRET, &self.receiver.url, &self.airtable.api] {
            assert!(!logged.contains(secret), "{logged}");
        }
        assert!(!logged.contains("totalVolume"), "{logged}");
        self.stack.running.shutdown().await;
    }
}

/// What was found in a home: ten boxes.
pub fn inventory() -> Inventory {
    let boxes = Cue {
        item: catalogue::item("carton"),
        label: String::new(),
        room: None,
        count: Some(10),
        decision: Decision::Move,
        remark: None,
    };
    let evidence = Evidence {
        cues: vec![boxes],
        ..Evidence::default()
    };
    fuse(&evidence, Locale::Fr, Default::default())
}
