//! The real template, and small ones that break a rule each.

mod environments;
mod logs;
mod policies;
mod real;
mod sinks;
mod small;
mod versions;

use super::{Places, TemplateError, read};
use crate::stack::Stack;

fn places() -> Places {
    Places {
        http: "http://127.0.0.1:3000".to_owned(),
        websocket: "ws://127.0.0.1:3001".to_owned(),
        connections: "http://127.0.0.1:3002".to_owned(),
        sqs: "http://127.0.0.1:3003".to_owned(),
        layers: "/layers".into(),
    }
}

fn with(template: &str, parameters: &[(&str, &str)]) -> Result<Stack, TemplateError> {
    let parameters = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    read(template, &parameters, &places())
}
