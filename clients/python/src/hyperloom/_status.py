"""From gRPC's errors, and from refusals inside a publish stream, to this package's."""

from __future__ import annotations

from collections.abc import Iterable

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from hyperloom._errors import CODES, FieldViolation, HyperloomError, error_class
from hyperloom._gen.v1 import context_service_pb2, ghost_pb2, lock_pb2
from hyperloom._lock_records import deadlock_member_from
from hyperloom._records import conflict_from

DETAILS_KEY = "grpc-status-details-bin"


def error_from_rpc(error: grpc.aio.AioRpcError) -> HyperloomError:
    """The typed error for a failed call. Details that do not parse are as good as none."""
    trailers = error.trailing_metadata() or ()
    return error_from_status(error.code(), error.details() or "", _details(trailers))


def error_from_status(code: grpc.StatusCode, message: str, status: status_pb2.Status) -> HyperloomError:
    """The typed error for a status and its details."""
    info = error_details_pb2.ErrorInfo()
    bad = error_details_pb2.BadRequest()
    report = ghost_pb2.ConflictReport()
    deadlock = lock_pb2.DeadlockReport()
    for detail in status.details:
        for known in (info, bad, report, deadlock):
            if detail.Is(known.DESCRIPTOR):
                detail.Unpack(known)
    return error_class(code, info.reason)(
        message,
        code=code,
        reason=info.reason,
        metadata=dict(info.metadata),
        violations=[FieldViolation(each.field, each.description) for each in bad.field_violations],
        conflicts=[conflict_from(each) for each in report.conflicts],
        conflicts_total=report.total,
        circle=[deadlock_member_from(each) for each in deadlock.members],
    )


def error_from_refusal(refusal: context_service_pb2.Refusal) -> HyperloomError:
    """The typed error for a refused publish on a stream."""
    code = CODES.get(refusal.code, grpc.StatusCode.UNKNOWN)
    return error_class(code, refusal.reason)(
        refusal.message,
        code=code,
        reason=refusal.reason,
        metadata=dict(refusal.metadata),
        violations=[FieldViolation(each.field, each.description) for each in refusal.violations],
    )


def _details(trailers: Iterable[tuple[str, str | bytes]]) -> status_pb2.Status:
    for key, value in trailers:
        if key == DETAILS_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()
