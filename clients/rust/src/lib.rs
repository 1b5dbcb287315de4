//! The gRPC client of Hyperloom, generated from its API: [`v1`] holds a client for each service and every message.
//!
//! Everything the broker refuses comes as a [`tonic::Status`]; [`error_info`] tells the reason out of the documented
//! [`v1::ErrorReason`]s, which is what to decide by, never the message. Over a [`Connection`], calls whose connection breaks
//! end with UNAVAILABLE, as in other languages.

/// The API, version 1.
#[allow(rustdoc::all, clippy::all)]
pub mod v1 {
    include!("gen/hyperloom.v1.rs");
}

/// What statuses carry: details of refusals.
#[allow(rustdoc::all, clippy::all)]
pub mod rpc {
    include!("gen/google.rpc.rs");
}

mod connection;
pub use connection::Connection;

use prost::{Message, Name};

/// Why the broker refused a call: reason and metadata. `None` where the status is not the broker's, such as that of a
/// connection that failed.
pub fn error_info(status: &tonic::Status) -> Option<rpc::ErrorInfo> {
    detail(status)
}

/// The detail of one type that a status carries, such as [`v1::ConflictReport`], [`v1::DeadlockReport`] or
/// [`rpc::BadRequest`].
pub fn detail<T: Message + Name + Default>(status: &tonic::Status) -> Option<T> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    details.iter().find_map(|any| any.to_msg().ok())
}
