//! The requests that scenarios send, and what they look for in answers.
use std::error::Error;

use tonic::Streaming;

use hyperloom_client::v1::{
    Append, GetRequest, GetResponse, Operation, PublishRequest, PublishStreamRequest, SubscribeRequest,
    SubscribeResponse, Value, append, change, operation, subscribe_response, value,
};

pub fn put(path: &str, text: impl Into<String>) -> PublishRequest {
    let value = Value { kind: Some(value::Kind::Text(text.into())), ..Default::default() };
    publish(path, operation::Action::Put(value))
}

pub fn append(path: &str, text: impl Into<String>) -> PublishStreamRequest {
    let addition = Append { addition: Some(append::Addition::Text(text.into())) };
    let diff = publish(path, operation::Action::Append(addition));
    PublishStreamRequest { publish: Some(diff), ..Default::default() }
}

fn publish(path: &str, action: operation::Action) -> PublishRequest {
    let operation = Operation { path: path.into(), action: Some(action), ..Default::default() };
    PublishRequest { operations: vec![operation], author: "rust".into(), ..Default::default() }
}

pub fn get(path: &str) -> GetRequest {
    GetRequest { path: path.into(), ..Default::default() }
}

/// First what is there, so that the first message tells that the subscription has begun, then what changes.
pub fn subscribe(pattern: &str) -> SubscribeRequest {
    SubscribeRequest { patterns: vec![pattern.into()], ..Default::default() }
}

pub fn text_of(response: GetResponse) -> String {
    text(response.node.and_then(|node| node.value))
}

/// The first text in a stream's next message that is no bookmark.
pub async fn next_text(responses: &mut Streaming<SubscribeResponse>) -> Result<String, Box<dyn Error + Send + Sync>> {
    loop {
        let Some(response) = responses.message().await? else {
            return Err("a subscription ended by itself".into());
        };
        match response.message {
            Some(subscribe_response::Message::Snapshot(part)) => {
                return Ok(text(part.nodes.into_iter().next().and_then(|node| node.value)));
            }
            Some(subscribe_response::Message::Event(event)) => {
                let change = event.changes.into_iter().next();
                return match change.and_then(|each| each.action) {
                    Some(change::Action::Put(value)) => Ok(text(Some(value))),
                    other => Err(format!("expected a put, not {other:?}").into()),
                };
            }
            _ => {}
        }
    }
}

fn text(value: Option<Value>) -> String {
    match value.and_then(|each| each.kind) {
        Some(value::Kind::Text(text)) => text,
        other => format!("no text but {other:?}"),
    }
}
