"""Goal: across broken streams every event is handed out whole and exactly once.

Method: a broker's stream is cut after each message in turn and resumed from where the assembly asks; once with an event
in each message, once with as many as come together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from hyperloom import AfterPosition, Bookmark, Event, Item, Snapshot
from hyperloom._assembly import Assembly, Start
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._gen.v1 import event_pb2, node_pb2, operation_pb2

Form: TypeAlias = "Callable[[list[context.SubscribeResponse]], list[context.SubscribeResponse]]"

BATCH_MAX = 3


def change(path: str) -> event_pb2.Change:
    return event_pb2.Change(path=path, delete=operation_pb2.Delete())


def event(position: int, *paths: str, parts_left: int = 0) -> context.SubscribeResponse:
    message = event_pb2.Event(
        position=position, revision=position, parts_left=parts_left, changes=[change(path) for path in paths]
    )
    return context.SubscribeResponse(event=message)


def bookmark(position: int) -> context.SubscribeResponse:
    return context.SubscribeResponse(bookmark=context.Bookmark(revision=position, position=position))


def snapshot(*paths: str) -> context.SubscribeResponse:
    nodes = [node_pb2.Node(path=path) for path in paths]
    return context.SubscribeResponse(snapshot=context.SnapshotPart(nodes=nodes, revision=10))


# Positions 12 and 15 have several events each; 14 comes in three parts; bookmarks lie between.
HISTORY = [
    (11, [event(11, "/a")]),
    (12, [event(12, "/b"), event(12, "/c"), event(12, "/d")]),
    (12, [bookmark(12)]),
    (14, [event(14, "/e", parts_left=2), event(14, "/f", parts_left=1), event(14, "/g")]),
    (15, [event(15, "/h"), event(15, "/i")]),
    (16, [bookmark(16)]),
    (17, [event(17, "/j")]),
]


def stream_from(start: Start) -> list[context.SubscribeResponse]:
    if start == "snapshot":
        return [
            snapshot("/x", "/y"),
            snapshot("/z"),
            bookmark(10),
            *(message for _, group in HISTORY for message in group),
        ]
    assert isinstance(start, AfterPosition)
    return [message for position, group in HISTORY if position > start.position for message in group]


def shape(items: list[Item]) -> list[object]:
    told: list[object] = []
    for item in items:
        if isinstance(item, Event):
            told.append((item.position, [each.path for each in item.changes]))
        elif isinstance(item, Snapshot):
            told.append([node.path for node in item.nodes])
    return told


EXPECTED = [
    ["/x", "/y", "/z"],
    (11, ["/a"]),
    (12, ["/b"]),
    (12, ["/c"]),
    (12, ["/d"]),
    (14, ["/e", "/f", "/g"]),
    (15, ["/h"]),
    (15, ["/i"]),
    (17, ["/j"]),
]


def copied(message: context.SubscribeResponse) -> context.SubscribeResponse:
    return context.SubscribeResponse.FromString(message.SerializeToString())


def single(messages: list[context.SubscribeResponse]) -> list[context.SubscribeResponse]:
    return messages


def batched(messages: list[context.SubscribeResponse]) -> list[context.SubscribeResponse]:
    """The same with up to three events in a message."""
    batches: list[context.SubscribeResponse] = []
    for message in messages:
        if (
            message.HasField("event")
            and batches
            and batches[-1].HasField("event")
            and len(batches[-1].more) < BATCH_MAX - 1
        ):
            batches[-1].more.append(message.event)
        else:
            batches.append(copied(message))
    return batches


FORMS = pytest.mark.parametrize("form", [single, batched])


@FORMS
def test_a_stream_that_never_breaks_is_handed_out_as_it_is(form: Form) -> None:
    assembly = Assembly("snapshot")
    items = [item for message in form(stream_from(assembly.begin_stream())) for item in assembly.take(copied(message))]
    assert shape(items) == EXPECTED
    assert [item.position for item in items if isinstance(item, Bookmark)] == [10, 12, 16]


@FORMS
@pytest.mark.parametrize("cut_after", range(1, 16))
def test_a_stream_cut_anywhere_once_loses_and_repeats_nothing(cut_after: int, form: Form) -> None:
    assembly = Assembly("snapshot")
    first = form(stream_from(assembly.begin_stream()))[:cut_after]
    items = [item for message in first for item in assembly.take(copied(message))]
    items += [item for message in form(stream_from(assembly.begin_stream())) for item in assembly.take(copied(message))]
    assert shape(items) == EXPECTED


@FORMS
@pytest.mark.parametrize("length", range(4, 8))
def test_streams_cut_again_and_again_lose_and_repeat_nothing(length: int, form: Form) -> None:
    """Each stream lives for a few messages only; four are the least that get it over the largest group."""
    assembly = Assembly("snapshot")
    items: list[Item] = []
    for _ in range(40):
        stream = form(stream_from(assembly.begin_stream()))
        for message in stream[:length]:
            items += assembly.take(copied(message))
    assert shape(items) == EXPECTED


def test_a_snapshot_that_was_cut_begins_anew() -> None:
    assembly = Assembly("snapshot")
    assembly.begin_stream()
    assert assembly.take(snapshot("/x")) == []
    assert assembly.begin_stream() == "snapshot"
    assert assembly.take(snapshot("/y")) == []
    assert shape(assembly.take(bookmark(10))) == [["/y"]]


def test_a_start_at_now_becomes_a_position_with_the_first_bookmark() -> None:
    assembly = Assembly("now")
    assert assembly.begin_stream() == "now"
    assembly.take(bookmark(0))
    assert assembly.begin_stream() == AfterPosition(0)
