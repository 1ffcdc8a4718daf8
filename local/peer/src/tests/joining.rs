//! Several pictures and several lists of things: what is the same.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use image::GrayImage;
use reqwest::Client;
use serde_json::{Value, json};

use super::*;
use crate::{Failures, Faults, Rates, Task};

/// Asks OpenAI's `/responses`; the answer's JSON, or the status.
async fn ask(peer: &Peer, model: &str, content: Value, schema: &Value) -> Result<Value, u16> {
    let body = json!({
        "model": model, "store": false, "input": [{"role": "user", "content": content}],
        "text": {"format": {"type": "json_schema", "name": "asked", "strict": true, "schema": schema}},
    });
    let request = Client::new().post(format!("{}/responses", peer.base_url()));
    let response = request.bearer_auth(KEY).json(&body).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    let text = body["output"][0]["content"][0]["text"].as_str();
    text.map(|text| serde_json::from_str(text).unwrap())
        .ok_or(status)
}

async fn look(peer: &Peer, model: &str, pictures: &[GrayImage]) -> Vec<Value> {
    let nullable =
        |ids: &[&str]| json!({"anyOf": [{"type": "string", "enum": ids}, {"type": "null"}]});
    let schema = things_schema(&nullable(&["chair", "tv"]), &nullable(&["kitchen"]));
    let shown = pictures.iter().map(|picture| {
        let url = format!("data:image/jpeg;base64,{}", STANDARD.encode(jpeg(picture)));
        json!({"type": "input_image", "image_url": url, "detail": "low"})
    });
    let answer = ask(peer, model, shown.collect(), &schema).await.unwrap();
    answer["things"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_thing_of_several_pictures_is_told_once() {
    let peer = peer(PeerOptions::new(KEY)).await;
    let one = ("chair", "kitchen#1", 20, 20, 4);
    let pictures = [
        picture(700, 300, &[one]),
        picture(700, 300, &[]),
        picture(700, 300, &[one, ("chair", "kitchen#2", 300, 60, 4)]),
    ];
    let things = look(&peer, "gpt-6-luna", &pictures).await;
    let told: Vec<_> = things
        .iter()
        .map(|thing| (&thing["mark"], &thing["seen"]))
        .collect();
    let seen = |frames: &[u32]| {
        let seen = frames
            .iter()
            .map(|frame| json!({"frame": frame, "count": 1}));
        seen.collect::<Value>()
    };
    assert_eq!(
        told,
        [
            (&json!("number 1"), &seen(&[0, 2])),
            (&json!("number 2"), &seen(&[2]))
        ]
    );
}

#[tokio::test]
async fn each_model_errs_by_its_own_rate() {
    let mut options = PeerOptions::new(KEY);
    options.miss = Rates {
        usual: 0.0,
        models: [("gpt-6.1-terra".into(), 1.0)].into(),
    };
    options.confuse.models.insert("gpt-6.1-sol".into(), 1.0);
    let peer = peer(options).await;
    let pictures = [picture(300, 300, &[("tv", "kitchen#1", 20, 20, 4)])];
    let tv = look(&peer, "gpt-6-luna", &pictures).await;
    assert_eq!((tv.len(), &tv[0]["catalogueId"]), (1, &json!("tv")));
    assert_eq!(
        look(&peer, "gpt-6.1-terra", &pictures).await,
        Vec::<Value>::new()
    );
    let other = look(&peer, "gpt-6.1-sol", &pictures).await;
    assert_ne!(other[0]["catalogueId"], "tv");
    assert_eq!(look(&peer, "gpt-6.1-sol", &pictures).await, other);
}

#[tokio::test]
async fn lists_of_things_are_joined_and_fail_by_themselves() {
    let mut options = PeerOptions::new(KEY);
    let fail = Some(Failures {
        status: 503,
        requests: Some(1),
    });
    options.join = Faults {
        fail,
        ..Faults::default()
    };
    let peer = peer(options).await;
    let ids = json!({"type": "array", "items": {"type": "integer"}});
    let group = json!({"type": "object", "properties": {"ids": ids}, "required": ["ids"], "additionalProperties": false});
    let schema = json!({"type": "object", "properties": {"groups": {"type": "array", "items": group}},
        "required": ["groups"], "additionalProperties": false});
    let thing = |id: u32| {
        json!({"id": id, "call": id, "catalogueId": "chair", "label": "chair", "room": "kitchen", "count": 1,
            "mark": "number 1", "from": 0.0, "to": 3.5})
    };
    let list = json!({"things": [thing(4), thing(9)]}).to_string();
    let shown = json!([{"type": "input_text", "text": list}]);
    let asked = || ask(&peer, "gpt-6-luna", shown.clone(), &schema);
    assert_eq!(asked().await, Err(503));
    assert_eq!(asked().await, Ok(json!({"groups": [{"ids": [4, 9]}]})));
    let no_list = json!([{"type": "input_text", "text": "no list"}]);
    assert_eq!(ask(&peer, "gpt-6-luna", no_list, &schema).await, Err(400));
    let seen = peer.seen();
    let seen: Vec<_> = seen.iter().map(|seen| (seen.task, seen.status)).collect();
    assert_eq!(
        seen,
        [(Task::Join, 503), (Task::Join, 200), (Task::Join, 400)]
    );
}
