//! What tonic does with a broker: `hyperloom-interop BROKER_PORT AGED_PORT`, where the second broker ends connections after a
//! second. Prints `passed` or `failed` with the name of each scenario.
mod aging;
mod calls;
mod requests;
mod streams;

use std::{env, error::Error, future::Future, time::Duration};

use tokio::time::timeout;
use tonic::transport::Channel;

use hyperloom_client::v1::context_service_client::ContextServiceClient;

/// What a scenario ends with; an error says what does not hold.
pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

pub type Client = ContextServiceClient<Channel>;

#[tokio::main]
async fn main() -> Outcome {
    let mut arguments = env::args().skip(1);
    let (Some(broker), Some(aged)) = (arguments.next(), arguments.next()) else {
        return Err("usage: hyperloom-interop BROKER_PORT AGED_PORT".into());
    };
    let client = Client::connect(format!("http://127.0.0.1:{broker}"))
        .await?
        .max_decoding_message_size(64 * 1024 * 1024)
        .max_encoding_message_size(64 * 1024 * 1024);
    tell("writes and reads a node", calls::writes_and_reads(client.clone())).await;
    tell("compresses with gzip, and inflates replies", calls::compresses(client.clone())).await;
    tell("sends and receives two megabytes in one message", calls::big_message(client.clone())).await;
    tell("reads the details of a refusal", calls::refusal(client.clone())).await;
    tell("meets its deadline in the middle of a stream", calls::deadline(client.clone())).await;
    tell("follows a subscription", streams::subscription(client.clone())).await;
    tell("publishes a thousand diffs over a stream, in order", streams::publish_stream(client.clone())).await;
    tell("cancels a stream and goes on with the connection", streams::cancellation(client.clone())).await;
    tell("has 300 streams on one connection", streams::parallel_streams(client.clone())).await;
    tell("is not held up by a stream that it does not read", streams::slow_reader(client)).await;
    tell("moves to new connections as old ones reach their age", aging::calls_go_on(&aged)).await;
    tell("keeps a stream over the GOAWAY of its connection", aging::stream_goes_on(&aged)).await;
    Ok(())
}

async fn tell(name: &str, scenario: impl Future<Output = Outcome>) {
    match timeout(Duration::from_secs(120), scenario).await {
        Ok(Ok(())) => println!("passed {name}"),
        Ok(Err(failure)) => println!("failed {name}: {failure}"),
        Err(_) => println!("failed {name}: it took more than two minutes"),
    }
}

/// Fails with `what` unless it `holds`.
pub fn check(holds: bool, what: impl Into<String>) -> Outcome {
    if holds { Ok(()) } else { Err(what.into().into()) }
}

/// Fails unless both are equal.
pub fn check_equal<T: PartialEq + std::fmt::Debug>(actual: T, expected: T) -> Outcome {
    check(actual == expected, format!("expected {expected:?}, not {actual:?}"))
}
