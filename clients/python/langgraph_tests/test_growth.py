"""Goal: a conversation's checkpoints take little more than its text, and reading them takes no more calls as it grows.

Method: 200 turns of 1 KB with a checkpoint each (LangGraph's own savers store 21 to 32 MB of them); the journal's bytes
and the broker's calls are counted, so that the machine's speed plays no part.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, empty_checkpoint
from langgraph.checkpoint.base.id import uuid6

from hyperloom._client import Client
from hyperloom.langgraph import HyperloomSaver, ThreadConflictError
from langgraph_tests.graphs import on
from tests.support import BrokerProcess

TURNS = 200
JOURNAL_BYTES_MAX = 500_000
METADATA: CheckpointMetadata = {"source": "loop", "step": 1, "parents": {}}


def _checkpoint(values: dict[str, Any]) -> Checkpoint:
    made = empty_checkpoint() | {"id": str(uuid6(clock_seq=-1)), "channel_values": values}
    return made | {"channel_versions": dict.fromkeys(values, 1)}


class Conversation:
    """Grows by a question and an answer of 512 characters each turn."""

    def __init__(self) -> None:
        self._chance = random.Random(1)
        self._parent: dict[str, Any] = {}
        self.messages: list[BaseMessage] = []
        self.text_bytes = 0

    def turn(self, saver: HyperloomSaver) -> None:
        number = len(self.messages)
        question, answer = ("".join(self._chance.choices("abcdefghij klmnop", k=512)) for _ in range(2))
        self.text_bytes += len(question) + len(answer)
        new = [HumanMessage(question, id=f"h{number}"), AIMessage(answer, id=f"a{number}")]
        self.messages = [*self.messages, *new]
        checkpoint = empty_checkpoint() | {"id": str(uuid6(clock_seq=-1))}
        checkpoint["channel_values"] = {"messages": self.messages}
        versions: ChannelVersions = {"messages": number + 1}
        checkpoint["channel_versions"] = versions
        config = on("t", checkpoint_ns="", **self._parent)
        stored = saver.put(config, checkpoint, {"source": "loop", "step": number, "parents": {}}, versions)
        self._parent = {"checkpoint_id": stored["configurable"]["checkpoint_id"]}


def journal_bytes(folder: Path) -> int:
    """What was written; segments are preallocated with zeros."""
    return sum(len(each.read_bytes().rstrip(b"\0")) for each in (folder / "data" / "forests").rglob("*.segment"))


def test_a_growing_conversation_takes_little_more_than_its_text(own_broker: BrokerProcess) -> None:
    conversation = Conversation()
    with HyperloomSaver(own_broker.address) as saver:
        for _ in range(TURNS):
            conversation.turn(saver)
        assert saver.get_tuple(on("t")).checkpoint["channel_values"]["messages"] == conversation.messages  # type: ignore[union-attr]
    size = journal_bytes(own_broker.data)
    assert conversation.text_bytes < size < JOURNAL_BYTES_MAX, f"{size:,} bytes"


def test_puts_and_gets_take_as_many_calls_however_long_it_is(broker: BrokerProcess, monkeypatch: Any) -> None:
    calls: list[str] = []
    for name in ("publish", "publish_in_place", "batch_get", "list"):
        original = getattr(Client, name)

        def counted(self: Client, *arguments: Any, _name: str = name, _original: Any = original, **options: Any) -> Any:
            calls.append(_name)
            return _original(self, *arguments, **options)

        monkeypatch.setattr(Client, name, counted)
    conversation = Conversation()
    counts: list[list[str]] = []
    with HyperloomSaver(broker.address, root="/flat") as saver:
        for _ in range(60):
            calls.clear()
            conversation.turn(saver)
            saver.get_tuple(on("t"))
            counts.append(list(calls))
    assert counts[1] == counts[-1] == ["publish_in_place", "batch_get"]


async def test_an_input_goes_to_the_broker_once_though_it_is_put_and_written_at_the_same_time(
    saver: HyperloomSaver,
) -> None:
    said = [HumanMessage("hello " * 100, id="h")]
    first = await saver.aput(on("once", checkpoint_ns=""), _checkpoint({}), METADATA, {})
    start = _checkpoint({"__start__": {"messages": said}})
    config = on("once", checkpoint_ns="", checkpoint_id=start["id"])
    await asyncio.gather(
        saver.aput(first, start, METADATA, {"__start__": 1}), saver.aput_writes(config, [("messages", said)], "task")
    )
    texts = list(saver.client.list(f"{saver.root}/once/langgraph/texts"))
    assert [text.version for text in texts] == [1]
    found = saver.get_tuple(config)
    assert found is not None
    assert found.pending_writes == [("task", "messages", said)]


async def test_writes_that_waited_for_the_texts_of_a_refused_put_bring_them_along(
    saver: HyperloomSaver, broker: BrokerProcess
) -> None:
    said = [HumanMessage("hello " * 100, id="h")]
    first = await saver.aput(on("refused", checkpoint_ns=""), _checkpoint({}), METADATA, {})
    with HyperloomSaver(broker.address, root=saver.root) as faster:
        faster.put(first, _checkpoint({}), METADATA, {})
    late = saver.aput(first, _checkpoint({"messages": said}), METADATA, {"messages": 1})
    put, written = await asyncio.gather(
        late, saver.aput_writes(first, [("messages", said)], "task"), return_exceptions=True
    )
    assert isinstance(put, ThreadConflictError)
    assert written is None
    with HyperloomSaver(broker.address, root=saver.root) as reader:
        found = reader.get_tuple(first)
    assert found is not None
    assert found.pending_writes == [("task", "messages", said)]
