use hyperloom_client::error_info;
use hyperloom_client::v1::context_service_client::ContextServiceClient;
use hyperloom_client::v1::subscribe_response::Message;
use hyperloom_client::v1::value::Kind;
use hyperloom_client::v1::{
    BeginGhostRequest, CommitRequest, GetRequest, Operation, PublishRequest, SubscribeRequest,
    Value, operation,
};

fn put(path: &str, text: &str) -> Operation {
    let value = Value {
        kind: Some(Kind::Text(text.into())),
        ..Default::default()
    };
    Operation {
        path: path.into(),
        action: Some(operation::Action::Put(value)),
        ..Default::default()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::var("HYPERLOOM_ADDRESS").unwrap_or("127.0.0.1:7400".into());
    let mut context = ContextServiceClient::connect(format!("http://{address}")).await?;
    let author = "researcher".to_owned();

    // Write. A request id makes it safe to repeat: use a fresh one for each, random if you can.
    let published = context
        .publish(PublishRequest {
            operations: vec![put("/session_1/task", "compare three databases")],
            author: author.clone(),
            request_id: format!("researcher-{}", std::time::UNIX_EPOCH.elapsed()?.as_nanos()),
            ..Default::default()
        })
        .await?
        .into_inner();
    println!("published at revision {}", published.revision);

    // Read.
    let task = GetRequest {
        path: "/session_1/task".into(),
        ..Default::default()
    };
    let node = context
        .get(task)
        .await?
        .into_inner()
        .node
        .unwrap_or_default();
    println!(
        "{} by {}: {:?}",
        node.path,
        node.author,
        node.value.and_then(|value| value.kind)
    );

    // Watch: the state first, then every change.
    let subscribe = SubscribeRequest {
        patterns: vec!["/session_1/**".into()],
        ..Default::default()
    };
    let mut changes = context.subscribe(subscribe).await?.into_inner();

    // Try something risky in a ghost: nothing of it is seen by others before the commit.
    let begin = BeginGhostRequest {
        scope: "/session_1".into(),
        author: author.clone(),
        ..Default::default()
    };
    let ghost = context
        .begin_ghost(begin)
        .await?
        .into_inner()
        .ghost
        .unwrap_or_default();
    let staged = context
        .publish(PublishRequest {
            ghost_id: ghost.id.clone(),
            edition: ghost.edition,
            operations: vec![put("/session_1/summary", "etcd sorts its keys")],
            author: author.clone(),
            ..Default::default()
        })
        .await?
        .into_inner();
    let summary = GetRequest {
        path: "/session_1/summary".into(),
        ..Default::default()
    };
    if let Err(refused) = context.get(summary).await {
        println!(
            "not on the trunk yet: {}",
            error_info(&refused).unwrap_or_default().reason
        );
    }
    let commit = CommitRequest {
        ghost_id: ghost.id,
        edition: staged.edition,
        author,
        ..Default::default()
    };
    let committed = context.commit(commit).await?.into_inner();
    println!("committed at revision {}", committed.revision);

    while let Some(item) = changes.message().await? {
        match item.message {
            Some(Message::Snapshot(part)) => println!("{} nodes to begin with", part.nodes.len()),
            Some(Message::Event(event)) => {
                println!(
                    "{} changed {} at revision {}",
                    event.author, event.changes[0].path, event.revision
                );
                break;
            }
            _ => {}
        }
    }
    Ok(())
}
