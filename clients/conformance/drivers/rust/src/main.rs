//! The Rust driver: generated messages over tonic.

use std::collections::HashMap;
use std::error::Error;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyperloom_client::Connection;
use hyperloom_client::v1::*;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, Stdin, Stdout};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

mod driver {
    include!("gen/hyperloom.conformance.v1.rs");
}
use driver::driver_request::Command;
use driver::driver_response::Event;

/// A call under way: where what is still to be sent goes, and how it is given up.
struct Call {
    requests: Option<mpsc::UnboundedSender<Vec<u8>>>,
    cancel: Arc<Notify>,
}

/// A way to a broker, and what is shown there.
#[derive(Clone)]
struct Client {
    channel: Channel,
    token: String,
}

type Calls = Arc<Mutex<HashMap<u64, Call>>>;
type Events = mpsc::UnboundedSender<Event>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (events, told) = mpsc::unbounded_channel();
    tokio::spawn(tell(told));
    let client = "Rust, tonic".into();
    events.send(Event::Ready(driver::DriverReady {
        client,
        sdk: String::new(),
    }))?;

    let mut clients: HashMap<u32, Client> = HashMap::new();
    let calls = Calls::default();
    let mut commands = BufReader::new(tokio::io::stdin());
    while let Some(command) = next_command(&mut commands).await? {
        match command {
            Command::Connect(connect) => {
                let endpoint = Endpoint::from_shared(format!("http://{}", connect.address))?;
                let client = Client {
                    channel: endpoint.connect_lazy(),
                    token: connect.token,
                };
                clients.insert(connect.client, client);
            }
            Command::Disconnect(disconnect) => {
                clients.remove(&disconnect.client);
            }
            // This driver has said that it has no SDK.
            Command::Sdk(_) => {}
            Command::Start(start) => begin(&clients, &calls, &events, start).await?,
            // A call may have ended while the command was on its way: then there is nothing left to do.
            Command::Send(send) => {
                if let Some(requests) = calls
                    .lock()
                    .await
                    .get(&send.call)
                    .and_then(|call| call.requests.as_ref())
                {
                    let _ = requests.send(send.message);
                }
            }
            Command::Finish(finish) => {
                if let Some(call) = calls.lock().await.get_mut(&finish.call) {
                    call.requests = None;
                }
            }
            Command::Cancel(cancel) => {
                if let Some(call) = calls.lock().await.get(&cancel.call) {
                    call.cancel.notify_one();
                }
            }
        }
    }
    Ok(())
}

async fn next_command(input: &mut BufReader<Stdin>) -> Result<Option<Command>, Box<dyn Error>> {
    let mut size = 0;
    let mut shift = 0;
    loop {
        let Ok(byte) = input.read_u8().await else {
            return Ok(None);
        };
        size |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
        shift += 7;
    }
    let mut data = vec![0; size];
    input.read_exact(&mut data).await?;
    let request = driver::DriverRequest::decode(data.as_slice())?;
    Ok(Some(request.command.ok_or("an unknown command")?))
}

async fn tell(mut events: mpsc::UnboundedReceiver<Event>) -> std::io::Result<()> {
    let mut output: Stdout = tokio::io::stdout();
    while let Some(event) = events.recv().await {
        let response = driver::DriverResponse { event: Some(event) };
        output
            .write_all(&response.encode_length_delimited_to_vec())
            .await?;
        output.flush().await?;
    }
    Ok(())
}

async fn begin(
    clients: &HashMap<u32, Client>,
    calls: &Calls,
    events: &Events,
    start: driver::StartCall,
) -> Result<(), Box<dyn Error>> {
    let client = clients
        .get(&start.client)
        .ok_or("an unknown client")?
        .clone();
    let (requests, queue) = mpsc::unbounded_channel();
    let cancel = Arc::new(Notify::new());
    let sender = match &start.request {
        Some(request) => {
            requests.send(request.clone())?;
            None
        }
        None => Some(requests),
    };
    let call = Call {
        requests: sender,
        cancel: cancel.clone(),
    };
    calls.lock().await.insert(start.call, call);
    let (calls, events) = (calls.clone(), events.clone());
    let timeout = start.timeout.unwrap_or_default();
    let timeout = Duration::new(timeout.seconds as u64, timeout.nanos as u32);
    tokio::spawn(async move {
        let (number, given_up) = (start.call, Status::new(Code::Cancelled, "given up"));
        let outcome = tokio::select! {
            outcome = dispatch(client, &start, timeout, queue, &events) => outcome,
            () = cancel.notified() => Err(given_up),
        };
        calls.lock().await.remove(&number);
        let status = outcome.err().unwrap_or_else(|| Status::new(Code::Ok, ""));
        let _ = events.send(Event::Ended(driver::CallEnded {
            call: number,
            code: status.code() as i32,
            message: status.message().into(),
            status: status.details().to_vec(),
        }));
    });
    Ok(())
}

/// Calls the method of that name with its own types.
macro_rules! methods {
    ($($name:literal: $request:ty => $response:ty,)*) => {
        async fn dispatch(
            client: Client,
            start: &driver::StartCall,
            timeout: Duration,
            queue: mpsc::UnboundedReceiver<Vec<u8>>,
            events: &Events,
        ) -> Result<(), Status> {
            match start.method.as_str() {
                $(concat!("hyperloom.v1.", $name) => exchange::<$request, $response>(client, start, timeout, queue, events).await,)*
                other => Err(Status::unimplemented(format!("the driver knows no method {other}"))),
            }
        }
    };
}

methods! {
    "ContextService/Publish": PublishRequest => PublishResponse,
    "ContextService/PublishStream": PublishStreamRequest => PublishStreamResponse,
    "ContextService/Get": GetRequest => GetResponse,
    "ContextService/BatchGet": BatchGetRequest => BatchGetResponse,
    "ContextService/List": ListRequest => ListResponse,
    "ContextService/Subscribe": SubscribeRequest => SubscribeResponse,
    "ContextService/BeginGhost": BeginGhostRequest => BeginGhostResponse,
    "ContextService/Checkpoint": CheckpointRequest => CheckpointResponse,
    "ContextService/Commit": CommitRequest => CommitResponse,
    "ContextService/Revert": RevertRequest => RevertResponse,
    "ContextService/GetGhost": GetGhostRequest => GetGhostResponse,
    "ContextService/ListGhosts": ListGhostsRequest => ListGhostsResponse,
    "ContextService/KeepAlive": KeepAliveRequest => KeepAliveResponse,
    "ContextService/History": HistoryRequest => HistoryResponse,
    "ContextService/Diff": DiffRequest => DiffResponse,
    "ContextService/Blame": BlameRequest => BlameResponse,
    "ContextService/RenderContext": RenderContextRequest => RenderContextResponse,
    "ContextService/Search": SearchRequest => SearchResponse,
    "ContextService/Trace": TraceRequest => TraceResponse,
    "ForestService/CreateForest": CreateForestRequest => CreateForestResponse,
    "ForestService/ListForests": ListForestsRequest => ListForestsResponse,
    "ForestService/DeleteForest": DeleteForestRequest => DeleteForestResponse,
    "ForestService/Compact": CompactRequest => CompactResponse,
    "ForestService/Backup": BackupRequest => BackupResponse,
    "ForestService/Restore": RestoreRequest => RestoreResponse,
    "ForestService/GetStatus": GetStatusRequest => GetStatusResponse,
    "LockService/GrantLease": GrantLeaseRequest => GrantLeaseResponse,
    "LockService/EndLease": EndLeaseRequest => EndLeaseResponse,
    "LockService/ListLeases": ListLeasesRequest => ListLeasesResponse,
    "LockService/AcquireLock": AcquireLockRequest => AcquireLockResponse,
    "LockService/ReleaseLock": ReleaseLockRequest => ReleaseLockResponse,
    "LockService/InspectLocks": InspectLocksRequest => InspectLocksResponse,
    "ReviewService/ListReviews": ListReviewsRequest => ListReviewsResponse,
    "ReviewService/SubscribeReviews": SubscribeReviewsRequest => SubscribeReviewsResponse,
    "ReviewService/Review": ReviewRequest => ReviewResponse,
    "SchemaService/RegisterSchema": RegisterSchemaRequest => RegisterSchemaResponse,
    "SchemaService/ValidateSchema": ValidateSchemaRequest => ValidateSchemaResponse,
    "SchemaService/GetSchema": GetSchemaRequest => GetSchemaResponse,
    "SchemaService/ListSchemas": ListSchemasRequest => ListSchemasResponse,
    "SchemaService/SetUnboundPaths": SetUnboundPathsRequest => SetUnboundPathsResponse,
}

/// To gRPC's wire every call is a stream of messages each way; a unary call is one with a single message.
async fn exchange<Q, A>(
    client: Client,
    start: &driver::StartCall,
    timeout: Duration,
    queue: mpsc::UnboundedReceiver<Vec<u8>>,
    events: &Events,
) -> Result<(), Status>
where
    Q: Message + Default + Send + Sync + 'static,
    A: Message + Default + Send + Sync + 'static,
{
    let late = Status::new(Code::DeadlineExceeded, "no answer before the deadline");
    let work = async {
        let mut grpc = tonic::client::Grpc::new(Connection::new(client.channel))
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX);
        grpc.ready()
            .await
            .map_err(|error| Status::unavailable(error.to_string()))?;
        let messages =
            UnboundedReceiverStream::new(queue).map_while(|data| Q::decode(data.as_slice()).ok());
        let mut request = Request::new(messages);
        // tonic's own clock would end the call with CANCELLED: ours is first, the broker's is behind.
        request.set_timeout(timeout + Duration::from_secs(1));
        if !client.token.is_empty() {
            let shown = format!("Bearer {}", client.token);
            let shown = shown.parse().map_err(|_| Status::internal("no header"))?;
            request.metadata_mut().insert("authorization", shown);
        }
        let path = PathAndQuery::from_str(&format!("/{}", start.method)).expect("a method's path");
        let codec: ProstCodec<Q, A> = ProstCodec::default();
        let mut answers = grpc.streaming(request, path, codec).await?.into_inner();
        while let Some(answer) = answers.message().await? {
            let received = driver::MessageReceived {
                call: start.call,
                message: answer.encode_to_vec(),
            };
            let _ = events.send(Event::Received(received));
        }
        Ok(())
    };
    tokio::time::timeout(timeout, work)
        .await
        .unwrap_or(Err(late))
}
