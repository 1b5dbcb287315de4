//! Scenarios with a broker that tells each connection to go away after a second.
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tonic::Status;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

use crate::requests::{get, next_text, put, subscribe, text_of};
use crate::{Client, Outcome, check, check_equal};

/// A channel that counts the connections that it opens.
async fn counted(port: &str) -> Result<(Channel, Arc<AtomicUsize>), tonic::transport::Error> {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    let connector = service_fn(move |uri: Uri| {
        seen.fetch_add(1, Ordering::Relaxed);
        async move {
            let address = uri.authority().map(ToString::to_string).unwrap_or_default();
            Ok::<_, std::io::Error>(TokioIo::new(TcpStream::connect(address).await?))
        }
    });
    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))?;
    Ok((endpoint.connect_with_connector(connector).await?, count))
}

/// Makes a call, and makes it anew where its connection took no more: it was never sent then. tonic leaves that to its users.
async fn persist<T, F>(call: impl Fn() -> F) -> Result<T, Status>
where
    F: Future<Output = Result<T, Status>>,
{
    loop {
        match call().await {
            Err(status) if was_never_sent(&status) => {}
            outcome => return outcome,
        }
    }
}

fn was_never_sent(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// No call fails, though several connections end meanwhile.
pub async fn calls_go_on(port: &str) -> Outcome {
    let (channel, connections) = counted(port).await?;
    let client = Client::new(channel);
    let mut count = 0;
    while connections.load(Ordering::Relaxed) < 4 {
        let text = format!("call {count}");
        persist(|| {
            let mut client = client.clone();
            let request = put("/rust/aging", &text);
            async move { client.publish(request).await }
        })
        .await?;
        let response = persist(|| {
            let mut client = client.clone();
            async move { client.get(get("/rust/aging")).await }
        })
        .await?;
        check_equal(text_of(response.into_inner()), text)?;
        count += 1;
    }
    check(count > 4, "too few calls to say anything")
}

/// A connection that was told to go away still carries the streams that it has.
pub async fn stream_goes_on(port: &str) -> Outcome {
    let (channel, connections) = counted(port).await?;
    let mut client = Client::new(channel);
    client.publish(put("/rust/kept", "before")).await?;
    let mut responses = client.subscribe(subscribe("/rust/kept")).await?.into_inner();
    check_equal(next_text(&mut responses).await?, "before".to_string())?;
    let mut round = 0;
    while connections.load(Ordering::Relaxed) < 3 {
        let text = format!("round {round}");
        persist(|| {
            let mut client = client.clone();
            let request = put("/rust/kept", &text);
            async move { client.publish(request).await }
        })
        .await?;
        check_equal(next_text(&mut responses).await?, text)?;
        round += 1;
    }
    Ok(())
}
