//! Scenarios of calls with one answer, and of calls that fail.
use std::time::Duration;

use hyperloom_client::rpc::BadRequest;
use hyperloom_client::{detail, error_info};
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request};

use crate::requests::{get, next_text, put, subscribe, text_of};
use crate::{Client, Outcome, check, check_equal};

pub async fn writes_and_reads(mut client: Client) -> Outcome {
    for round in 0..100 {
        let text = format!("round {round} ✓");
        let published = client.publish(put("/rust/unary", &text)).await?.into_inner();
        check(published.revision > 0, "a publish without a revision")?;
        check_equal(text_of(client.get(get("/rust/unary")).await?.into_inner()), text)?;
    }
    Ok(())
}

pub async fn compresses(client: Client) -> Outcome {
    let mut client = client.send_compressed(CompressionEncoding::Gzip).accept_compressed(CompressionEncoding::Gzip);
    let text = "the same words again and again; ".repeat(10_000);
    client.publish(put("/rust/gzip", &text)).await?;
    let response = client.get(get("/rust/gzip")).await?;
    let encoding = response.metadata().get("grpc-encoding").map(|value| value.as_bytes().to_vec());
    check_equal(encoding, Some(b"gzip".to_vec()))?;
    check_equal(text_of(response.into_inner()), text)
}

pub async fn big_message(mut client: Client) -> Outcome {
    let text = "0123456789abcdef".repeat(2 * 1024 * 1024 / 16);
    client.publish(put("/rust/big", &text)).await?;
    for _ in 0..5 {
        let got = text_of(client.get(get("/rust/big")).await?.into_inner());
        check(got == text, "two megabytes did not come back as they were sent")?;
    }
    Ok(())
}

pub async fn refusal(mut client: Client) -> Outcome {
    let Err(refused) = client.publish(put("no path", "x")).await else {
        return Err("a publish to a malformed path was not refused".into());
    };
    check_equal(refused.code(), Code::InvalidArgument)?;
    let Some(info) = error_info(&refused) else {
        return Err("the refusal gives no reason".into());
    };
    check(!info.reason.is_empty(), "the reason of the refusal is empty")?;
    let violations = detail::<BadRequest>(&refused).unwrap_or_default().field_violations;
    let field = violations.into_iter().next().map(|each| each.field).unwrap_or_default();
    check_equal(field, "operations[0].path".to_string())
}

pub async fn deadline(mut client: Client) -> Outcome {
    client.publish(put("/rust/deadline", "here")).await?;
    let mut request = Request::new(subscribe("/rust/deadline"));
    // The broker is told of it too, and ends the call; tonic's own timer only covers the wait for headers.
    request.set_timeout(Duration::from_secs(1));
    let mut responses = client.subscribe(request).await?.into_inner();
    check_equal(next_text(&mut responses).await?, "here".to_string())?;
    let code = loop {
        match responses.message().await {
            Ok(Some(_)) => {}
            Ok(None) => break Code::Ok,
            Err(status) => break status.code(),
        }
    };
    check_equal(code, Code::DeadlineExceeded)
}
