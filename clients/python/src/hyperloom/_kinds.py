"""Times, spans and words: how they travel, and what they are in Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TypeAlias

from google.protobuf.duration_pb2 import Duration
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.timestamp_pb2 import Timestamp

from hyperloom._gen.v1 import context_service_pb2, render_pb2

_Aged: TypeAlias = (
    "context_service_pb2.GetResponse | context_service_pb2.BatchGetResponse | context_service_pb2.ListResponse"
    " | context_service_pb2.Bookmark | render_pb2.RenderContextResponse"
)


def time_from(stamp: Timestamp) -> datetime:
    """In UTC, to the microsecond."""
    return datetime.fromtimestamp(stamp.seconds, timezone.utc) + timedelta(microseconds=stamp.nanos // 1_000)


def duration_from(duration: Duration) -> timedelta:
    """To the microsecond."""
    return timedelta(seconds=duration.seconds, microseconds=duration.nanos / 1_000)


def age_from(message: _Aged) -> timedelta | None:
    """What the field `age` of an answer or a bookmark says; `None` where it is not set."""
    return duration_from(message.age) if message.HasField("age") else None


def duration_of(seconds: float) -> Duration:
    """To the microsecond."""
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration


def word_from(enum: EnumTypeWrapper, prefix: str, number: int) -> str:
    """An enum's value as a word: `GHOST_STATE_LIVE` is `live`; unknown ones of newer brokers are `unspecified`."""
    names: Mapping[int, str] = {value: name for name, value in enum.items()}
    return names.get(number, f"{prefix}UNSPECIFIED").removeprefix(prefix).lower()
