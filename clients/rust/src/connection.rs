//! A channel whose calls end with UNAVAILABLE where their connection breaks.
//!
//! tonic 0.14 says UNKNOWN there, for unary calls and for streams that are open: it knows connections that could not be
//! made, and no others (<https://github.com/grpc/grpc-rust/pull/629>). The gRPC libraries of other languages say
//! UNAVAILABLE, by which programs know that they may call again.

use std::error::Error;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::BodyExt;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, StdError, http};
use tonic::transport::Channel;
use tonic::{Code, Status};

/// A [`Channel`], or what is layered over one, that says [`Code::Unavailable`] where the connection breaks, as gRPC does in
/// other languages; tonic alone says [`Code::Unknown`] there.
///
/// ```ignore
/// let channel = Channel::from_static("http://127.0.0.1:7400").connect_lazy();
/// let mut context = ContextServiceClient::new(Connection::new(channel));
/// ```
#[derive(Clone, Debug)]
pub struct Connection<Inner = Channel> {
    inner: Inner,
}

impl<Inner> Connection<Inner> {
    /// Calls go through it.
    pub fn new(inner: Inner) -> Self {
        Self { inner }
    }
}

impl<Inner> Service<http::Request<Body>> for Connection<Inner>
where
    Inner: Service<http::Request<Body>, Response = http::Response<Body>>,
    Inner::Error: Into<StdError>,
    Inner::Future: Send + 'static,
{
    type Response = http::Response<Body>;
    type Error = Status;
    type Future = BoxFuture<Self::Response, Status>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        let ready = self.inner.poll_ready(context);
        ready.map_err(|error| told(Status::from_error(error.into())))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let answering = self.inner.call(request);
        Box::pin(async move {
            let answer = answering.await;
            let answer = answer.map_err(|error| told(Status::from_error(error.into())))?;
            Ok(answer.map(|body| Body::new(body.map_err(told))))
        })
    }
}

/// What the broker has said comes in trailers, not as an error: an unknown one here is the transport's.
fn told(status: Status) -> Status {
    if status.code() != Code::Unknown || !is_broken(&status) {
        return status;
    }
    let mut unavailable = Status::unavailable(status.message());
    unavailable.set_source(Arc::new(status));
    unavailable
}

/// Whether the connection is gone, or the broker lets go of it; a stream that was reset alone says why by itself.
fn is_broken(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<std::io::Error>() {
            return true;
        }
        if let Some(http2) = error.downcast_ref::<h2::Error>() {
            return http2.is_io() || http2.is_go_away();
        }
        cause = error.source();
    }
    false
}
