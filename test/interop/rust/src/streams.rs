//! Scenarios of streams, alone and many at once.
use crate::requests::{append, get, next_text, put, subscribe, text_of};
use crate::{Client, Outcome, check, check_equal};
use hyperloom_client::v1::publish_stream_response::Outcome as Published;

pub async fn subscription(mut client: Client) -> Outcome {
    client.publish(put("/rust/watched", "before")).await?;
    let mut responses = client.subscribe(subscribe("/rust/watched")).await?.into_inner();
    check_equal(next_text(&mut responses).await?, "before".to_string())?;
    for round in 0..200 {
        let text = format!("round {round}");
        client.publish(put("/rust/watched", &text)).await?;
        check_equal(next_text(&mut responses).await?, text)?;
    }
    Ok(())
}

pub async fn publish_stream(mut client: Client) -> Outcome {
    let requests = tokio_stream::iter((0..1_000).map(|_| append("/rust/stream", ".")));
    let mut responses = client.publish_stream(requests).await?.into_inner();
    let mut revisions = Vec::new();
    while let Some(response) = responses.message().await? {
        match response.outcome {
            Some(Published::Published(outcome)) => revisions.push(outcome.revision),
            other => return Err(format!("expected a publish, not {other:?}").into()),
        }
    }
    check_equal(revisions.len(), 1_000)?;
    check(revisions.is_sorted_by(|a, b| a < b), "outcomes are out of order")?;
    let text = text_of(client.get(get("/rust/stream")).await?.into_inner());
    check_equal(text, ".".repeat(1_000))
}

pub async fn cancellation(mut client: Client) -> Outcome {
    client.publish(put("/rust/cancelled", "here")).await?;
    for _ in 0..100 {
        // What is dropped is reset.
        let mut responses = client.subscribe(subscribe("/rust/cancelled")).await?.into_inner();
        check_equal(next_text(&mut responses).await?, "here".to_string())?;
    }
    check_equal(text_of(client.get(get("/rust/cancelled")).await?.into_inner()), "here".to_string())
}

pub async fn parallel_streams(mut client: Client) -> Outcome {
    client.publish(put("/rust/parallel", "before")).await?;
    let mut all = Vec::new();
    for _ in 0..300 {
        all.push(client.subscribe(subscribe("/rust/parallel")).await?.into_inner());
    }
    for responses in &mut all {
        check_equal(next_text(responses).await?, "before".to_string())?;
    }
    for round in 0..5 {
        let text = format!("round {round}");
        client.publish(put("/rust/parallel", &text)).await?;
        for responses in &mut all {
            check_equal(next_text(responses).await?, text.clone())?;
        }
    }
    Ok(())
}

pub async fn slow_reader(mut client: Client) -> Outcome {
    client.publish(put("/rust/slow", "before")).await?;
    let mut slow = client.subscribe(subscribe("/rust/slow")).await?.into_inner();
    check_equal(next_text(&mut slow).await?, "before".to_string())?;
    // More than all windows on the way hold.
    let text = "x".repeat(1024 * 1024);
    for round in 0..24 {
        client.publish(put("/rust/slow", &text)).await?;
        let node = client.get(get("/rust/slow")).await?.into_inner().node.unwrap_or_default();
        check_equal(node.version, round + 2)?;
    }
    drop(slow);
    Ok(())
}
