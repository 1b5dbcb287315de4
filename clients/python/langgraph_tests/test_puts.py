"""Goal: what a saver writes in place is what the client's own builders would have made, and is never sized too small.

Method: texts whose characters take one to four bytes, bytes, and JSON; values with circles and too deep ones.
"""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

import hyperloom
from hyperloom import operation, precondition
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._publisher import Publisher
from hyperloom._records import Published
from hyperloom._values import Json
from hyperloom.langgraph._puts import Content, JsonPut, add_puts, bytes_bound
from hyperloom.langgraph._values import dumps

CONTENTS: list[Content] = [
    ("/thread/texts/a", "plain"),
    ("/thread/texts/ö", "ö" * 300),
    ("/thread/texts/語", "語" * 300),
    ("/thread/texts/🌱", "🌱" * 300),
    ("/thread/texts/none", ""),
    ("/thread/bytes/b", b"\x00\xff" * 200_000),
]
PUTS: list[JsonPut] = [("/thread/head", '{"id":"🌱"}'), ("/thread/swept", "0")]


def test_operations_made_in_place_are_those_of_the_builders() -> None:
    request = context.PublishRequest()
    add_puts(CONTENTS, PUTS, request)
    built = [operation.put(path, content) for path, content in CONTENTS]
    built += [operation.put(path, Json(text)) for path, text in PUTS]
    assert list(request.operations) == built


@pytest.mark.parametrize("content", [*CONTENTS, *PUTS])
def test_no_operation_takes_more_bytes_than_its_bound(content: Content) -> None:
    request = context.PublishRequest()
    add_puts([content], [], request)
    assert request.ByteSize() <= bytes_bound([content])


@pytest.mark.parametrize("value", [None, 1.5, "ö\n\u2028", [], {"a": {"b": [1, True, "🌱"]}, "2": -(2**53)}])
def test_json_is_as_the_standard_encoder_writes_it(value: Any) -> None:
    assert dumps(value) == json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def test_what_json_cannot_say_is_refused_circles_and_depth_among_it() -> None:
    circle: dict[str, Any] = {}
    circle["itself"] = [circle]
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="Circular"):
        dumps(circle)
    with pytest.raises(RecursionError):
        dumps(deep)
    with pytest.raises(ValueError):
        dumps(float("nan"))
    with pytest.raises(TypeError):
        dumps({"set": {1}})


async def test_a_publish_in_place_says_all_that_a_publish_says(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[context.PublishRequest] = []

    async def submit(
        _publisher: Publisher, request: context.PublishStreamRequest, *_: object
    ) -> asyncio.Future[Published]:
        said.append(request.publish)
        outcome: asyncio.Future[Published] = asyncio.get_running_loop().create_future()
        outcome.set_result(Published(1, 0, False))
        return outcome

    monkeypatch.setattr(Publisher, "submit", submit)
    conditions = [precondition.absent("/thread/head")]
    for in_place in (False, True):
        # The same chance makes the same request id.
        client = hyperloom.connect(
            "127.0.0.1:1", author="ann", forest="apart", chance=random.Random(1), trace_parent=lambda: "00-1-2-01"
        )
        client._agent.note("/seen", 7)
        if in_place:
            await client.publish_in_place(lambda request: add_puts(CONTENTS, PUTS, request), conditions, "loop 1")
        else:
            built = [operation.put(path, content) for path, content in CONTENTS]
            built += [operation.put(path, Json(text)) for path, text in PUTS]
            await client.publish(built, preconditions=conditions, label="loop 1")
        await client.close()
    assert said[0] == said[1]
    assert said[0].basis and said[0].trace_parent
