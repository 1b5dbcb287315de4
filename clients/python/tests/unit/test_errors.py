"""Goal: every reason and code has its type; broken details harm nobody. Method: statuses made by hand."""

from __future__ import annotations

import random

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import FileDescriptor
from google.rpc import error_details_pb2, status_pb2

import hyperloom
from hyperloom import SchemaProblem, _limits, _methods
from hyperloom._backoff import Backoff
from hyperloom._errors import error_class, is_retryable
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import (
    error_reason_pb2,
    forest_service_pb2,
    ghost_pb2,
    lock_pb2,
    lock_service_pb2,
    node_pb2,
    review_service_pb2,
)
from hyperloom._methods import Method
from hyperloom._status import error_from_refusal, error_from_rpc, error_from_status


def packed(*details: object) -> status_pb2.Status:
    status = status_pb2.Status()
    for detail in details:
        wrapped = AnyMessage()
        wrapped.Pack(detail)  # type: ignore[arg-type]
        status.details.append(wrapped)
    return status


def test_the_code_of_every_documented_reason_has_a_type() -> None:
    """The reasons' comments name their codes; here are the numbers' decades, which follow them."""
    codes = {
        0: grpc.StatusCode.INVALID_ARGUMENT,
        1: grpc.StatusCode.INVALID_ARGUMENT,
        2: grpc.StatusCode.NOT_FOUND,
        3: grpc.StatusCode.ALREADY_EXISTS,
        4: grpc.StatusCode.ABORTED,
        5: grpc.StatusCode.FAILED_PRECONDITION,
        6: grpc.StatusCode.OUT_OF_RANGE,
        7: grpc.StatusCode.RESOURCE_EXHAUSTED,
        8: grpc.StatusCode.UNAVAILABLE,
    }
    checked = 0
    for name, number in error_reason_pb2.ErrorReason.items():
        if number == 0 or number // 10 not in codes:
            continue
        found = error_class(codes[number // 10], name.removeprefix("ERROR_REASON_"))
        assert found is not hyperloom.HyperloomError, name
        checked += 1
    assert checked >= 28


def test_details_become_attributes() -> None:
    info = error_details_pb2.ErrorInfo(reason="REVISION_COMPACTED", metadata={"oldest_revision": "17"})
    bad = error_details_pb2.BadRequest(
        field_violations=[error_details_pb2.BadRequest.FieldViolation(field="view.at_revision", description="gone")]
    )
    error = error_from_status(grpc.StatusCode.OUT_OF_RANGE, "gone", packed(info, bad))
    assert isinstance(error, hyperloom.RevisionError)
    assert (error.reason, error.oldest_revision, error.newest_revision) == ("REVISION_COMPACTED", 17, None)
    assert error.violations == (hyperloom.FieldViolation("view.at_revision", "gone"),)
    assert str(error) == "gone [REVISION_COMPACTED]"


def test_conflicts_are_told_path_by_path() -> None:
    info = error_details_pb2.ErrorInfo(reason="CONFLICT")
    conflict = ghost_pb2.Conflict(
        path="/a",
        kind=ghost_pb2.CONFLICT_KIND_VALUE,
        trunk=node_pb2.Node(path="/a", value=node_pb2.Value(text="theirs")),
        ghost=node_pb2.Node(path="/a", value=node_pb2.Value(text="ours")),
    )
    report = ghost_pb2.ConflictReport(conflicts=[conflict], total=230)
    error = error_from_status(grpc.StatusCode.ABORTED, "conflict", packed(info, report))
    assert isinstance(error, hyperloom.ConflictError)
    assert error.conflicts_total == 230
    (told,) = error.conflicts
    assert (told.path, told.kind, told.base) == ("/a", "value", None)
    assert told.trunk is not None
    assert told.ghost is not None
    assert (told.trunk.value, told.ghost.value) == ("theirs", "ours")


def test_a_deadlock_tells_its_circle() -> None:
    info = error_details_pb2.ErrorInfo(reason="DEADLOCK", metadata={"lock_id": "9"})
    members = [
        lock_pb2.DeadlockMember(
            lease_id=str(index),
            lock_id=str(index + 1),
            author=f"agent {index}",
            targets=[lock_pb2.LockTarget(path=f"/a/{index}", mode=lock_pb2.LOCK_MODE_SHARED)],
        )
        for index in range(2)
    ]
    error = error_from_status(
        grpc.StatusCode.ABORTED, "deadlock", packed(info, lock_pb2.DeadlockReport(members=members))
    )
    assert isinstance(error, hyperloom.DeadlockError)
    assert [(each.author, each.lease_id, each.lock_id) for each in error.circle] == [
        ("agent 0", "0", "1"),
        ("agent 1", "1", "2"),
    ]
    assert error.circle[1].targets == (hyperloom.LockTarget("/a/1", "shared"),)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("LOCKED", hyperloom.LockedError),
        ("DEADLOCK", hyperloom.DeadlockError),
        ("STALE_FENCING_TOKEN", hyperloom.StaleFencingTokenError),
        ("LEASE_NOT_FOUND", hyperloom.LeaseLostError),
        ("REVIEW_REJECTED", hyperloom.ReviewRejectedError),
        ("REVIEW_OUTDATED", hyperloom.ReviewOutdatedError),
        ("GATE_LIMIT", hyperloom.GateLimitError),
        ("RACE_OVER", hyperloom.RaceOverError),
        ("RACE_EXHAUSTED", hyperloom.RaceExhaustedError),
    ],
)
def test_what_programs_decide_by_has_a_type_of_its_own(reason: str, kind: type[hyperloom.HyperloomError]) -> None:
    metadata = {"holder": "planner", "path": "/a", "reviewer": "law", "review_reason": "no", "winner_ghost_id": "7"}
    error = error_from_refusal(context.Refusal(code=10, reason=reason, metadata=metadata))
    assert type(error) is kind
    told = {"holder": "planner", "path": "/a", "reviewer": "law", "review_reason": "no", "winner_ghost_id": "7"}
    for name, value in told.items():
        assert getattr(error, name, value) == value


def test_details_that_do_not_parse_leave_the_code() -> None:
    trailers = grpc.aio.Metadata(("grpc-status-details-bin", b"\xff\xff\xff"))
    failure = grpc.aio.AioRpcError(grpc.StatusCode.NOT_FOUND, grpc.aio.Metadata(), trailers, details="no such node")
    error = error_from_rpc(failure)
    assert isinstance(error, hyperloom.NotFoundError)
    assert error.reason == ""


def test_a_refusal_in_a_stream_is_the_same_error() -> None:
    refusal = context.Refusal(code=10, message="no", reason="PRECONDITION_FAILED", metadata={"path": "/a"})
    error = error_from_refusal(refusal)
    assert isinstance(error, hyperloom.PreconditionFailedError)
    assert error.code is grpc.StatusCode.ABORTED
    assert error.metadata == {"path": "/a"}


def test_a_reason_of_a_newer_broker_falls_back_on_its_code() -> None:
    error = error_from_refusal(context.Refusal(code=9, reason="LOCK_HELD"))
    assert type(error) is hyperloom.StateError


@pytest.mark.parametrize("reason", ["NOT_SERVING", "JOURNAL_UNAVAILABLE", ""])
def test_what_is_unavailable_is_tried_again(reason: str) -> None:
    assert is_retryable(error_from_refusal(context.Refusal(code=14, reason=reason)))
    assert not is_retryable(error_from_refusal(context.Refusal(code=10, reason=reason)))


def test_waiting_times_grow_to_a_bound_and_are_never_zero() -> None:
    backoff = Backoff(random.Random(1))
    times = [backoff.next_seconds() for _ in range(50)]
    assert all(0 < each <= _limits.BACKOFF_SECONDS_MAX for each in times)
    assert times[0] <= _limits.BACKOFF_SECONDS_FIRST
    assert max(times) > _limits.BACKOFF_SECONDS_MAX / 2
    backoff.reset()
    assert backoff.next_seconds() <= _limits.BACKOFF_SECONDS_FIRST


@pytest.mark.parametrize(
    ("file", "service", "least"),
    [
        (context.DESCRIPTOR, "ContextService", 16),
        (forest_service_pb2.DESCRIPTOR, "ForestService", 7),
        (lock_service_pb2.DESCRIPTOR, "LockService", 6),
        (review_service_pb2.DESCRIPTOR, "ReviewService", 3),
    ],
    ids=["context", "forest", "lock", "review"],
)
def test_the_methods_are_those_of_the_services(file: FileDescriptor, service: str, least: int) -> None:
    ours = {each.path: each for each in vars(_methods).values() if isinstance(each, Method)}
    methods = file.services_by_name[service].methods
    assert len(methods) >= least
    for method in methods:
        known = ours[f"/hyperloom.v1.{service}/{method.name}"]
        assert known.request.DESCRIPTOR is method.input_type
        assert known.response.DESCRIPTOR is method.output_type


@pytest.mark.parametrize(
    ("field", "description", "problem"),
    [
        (
            "operations[12].put.value.claim",
            "string.min_len: too short",
            SchemaProblem(12, "claim", "string.min_len", "too short"),
        ),
        ('operations[0].put.value.labels["a.b"]', "x: y", SchemaProblem(0, 'labels["a.b"]', "x", "y")),
        ("operations[0].append.value[3]", "maximum: a: b", SchemaProblem(0, "[3]", "maximum", "a: b")),
        (
            "operations[0].put.value",
            "type: a text where acme.v1.Note is due",
            SchemaProblem(0, "", "type", "a text where acme.v1.Note is due"),
        ),
        ("/s/notes/n#claim", "string.min_len: x", SchemaProblem(None, "/s/notes/n#claim", "string.min_len", "x")),
        ("operations[0].put.values", "no rule", SchemaProblem(None, "operations[0].put.values", "", "no rule")),
    ],
)
@pytest.mark.parametrize("way", ["stream", "call"])
def test_a_violation_is_told_by_operation_field_and_rule(
    way: str, field: str, description: str, problem: SchemaProblem
) -> None:
    metadata = {"path": "/s/notes/n", "schema": "notes", "version": "3", "violations": "1"}
    code = grpc.StatusCode.INVALID_ARGUMENT
    if way == "stream":
        violations = [context.FieldViolation(field=field, description=description)]
        refusal = context.Refusal(code=3, reason="SCHEMA_VIOLATION", metadata=metadata, violations=violations)
        error = error_from_refusal(refusal)
    else:
        info = error_details_pb2.ErrorInfo(reason="SCHEMA_VIOLATION", metadata=metadata)
        bad = error_details_pb2.BadRequest()
        bad.field_violations.add(field=field, description=description)
        error = error_from_status(code, "", packed(info, bad))
    assert isinstance(error, hyperloom.SchemaViolationError)
    assert isinstance(error, hyperloom.InvalidRequestError)
    assert error.problems == (problem,)
    assert (error.code, error.path, error.schema, error.schema_version) == (code, "/s/notes/n", "notes", 3)
