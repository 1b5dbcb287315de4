"""Goal: whatever is put, forked, copied, pruned and deleted, it is read as LangGraph's saver in memory reads it.

Method: random operations, from seeds, on both; a saver that knows what it did and one that knows nothing both read.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.types import _DeltaSnapshot

from hyperloom.langgraph import HyperloomSaver
from langgraph_tests.graphs import on

THREADS = ["t", "a/b"]
NAMESPACES = ["", "child:1|inner"]
STEPS = 60


class Run:
    """The same operations on both."""

    def __init__(self, saver: HyperloomSaver, seed: int) -> None:
        self.saver = saver
        self.model = InMemorySaver()
        self.chance = random.Random(seed)
        self.puts: list[tuple[str, str, Checkpoint]] = []
        self.messages = 0
        self.versions = 0

    def step(self) -> None:
        kind = self.chance.randrange(10)
        if kind < 5:
            self.put()
        elif kind < 8:
            self.put_writes()
        elif kind == 8:
            self.check()
        elif self.chance.random() < 0.3:
            thread = self.chance.choice(THREADS)
            self.saver.delete_thread(thread)
            self.model.delete_thread(thread)
            self.puts = [each for each in self.puts if each[0] != thread]

    def put(self) -> None:
        """A child of any checkpoint there is: forks are time travel, so their parents are read by their ids before."""
        thread, namespace = self.chance.choice(THREADS), self.chance.choice(NAMESPACES)
        before = [each[2] for each in self.puts if each[:2] == (thread, namespace)]
        parent = self.chance.choice(before[-3:]) if before else None
        checkpoint = empty_checkpoint()
        checkpoint["id"] = str(uuid6(clock_seq=-1))
        config: Any = on(thread, checkpoint_ns=namespace)
        changed: dict[str, Any] = {}
        if parent is not None:
            checkpoint["channel_values"] = dict(parent["channel_values"])
            checkpoint["channel_versions"] = dict(parent["channel_versions"])
            told = self.saver.get_tuple(on(thread, checkpoint_ns=namespace, checkpoint_id=parent["id"]))
            assert told is not None
            config = told.config
        for channel in self.chance.sample(["messages", "number", "plain", "delta", "gone"], 2):
            # Forks may count alike and hold something else: in memory they would overwrite each other.
            self.versions += 1
            changed[channel] = self.versions
            self._change(channel, checkpoint["channel_values"])
        checkpoint["channel_versions"] |= changed
        metadata: Any = {"source": "loop", "step": len(self.puts), "parents": {}, "even": len(self.puts) % 2}
        for one in (self.saver, self.model):
            one.put(config, checkpoint, metadata, changed)
        self.puts.append((thread, namespace, checkpoint))

    def _change(self, channel: str, values: dict[str, Any]) -> None:
        chance = self.chance
        if channel == "messages":
            items = list(values.get(channel, []))
            for _ in range(chance.randint(0, 2)):
                if items:
                    items.pop(chance.randrange(len(items)))
            for _ in range(chance.randint(1, 4)):
                self.messages += 1
                make = chance.choice([HumanMessage, AIMessage])
                text = "word " * chance.choice([1, 20, 100])
                items.insert(chance.choice([0, len(items), len(items)]), make(text, id=f"m{self.messages}"))
            values[channel] = items
        elif channel == "number":
            values[channel] = chance.randint(0, 9)
        elif channel == "plain":
            values[channel] = chance.choice([{"~": "x" * 300}, [1, 2.5, None, "é" * 200], {"a": {"b": []}}, {1, 2}])
        elif channel == "delta":
            values[channel] = _DeltaSnapshot([chance.randint(0, 9)])
        elif values.pop(channel, None) is None:
            values[channel] = "there"

    def put_writes(self) -> None:
        if not self.puts:
            return
        thread, namespace, checkpoint = self.chance.choice(self.puts[-4:])
        task = f"task {self.chance.randrange(2)}"
        channels = self.chance.choice([["a"], ["a", "b", "__interrupt__"], ["__resume__"], ["messages", "a"]])
        writes = [(channel, f"{channel} {self.chance.random()}" * self.chance.choice([1, 40])) for channel in channels]
        for one in (self.saver, self.model):
            one.put_writes(on(thread, checkpoint_ns=namespace, checkpoint_id=checkpoint["id"]), writes, task)

    def check(self) -> None:
        with HyperloomSaver(self.saver.client, root=self.saver.root) as fresh:
            for reader in (self.saver, fresh):
                for thread in THREADS:
                    for namespace in NAMESPACES:
                        place = on(thread, checkpoint_ns=namespace)
                        options: dict[str, Any] = self.chance.choice([{}, {"limit": 2}, {"filter": {"even": 0}}])
                        theirs = list(self.model.list(place, **options))
                        assert [_plain(each) for each in reader.list(place, **options)] == [
                            _plain(each) for each in theirs
                        ]
                        assert _plain(reader.get_tuple(place)) == _plain(self.model.get_tuple(place))


def _plain(found: Any) -> Any:
    if found is None:
        return None
    checkpoint = {
        name: value for name, value in found.checkpoint.items() if name not in ("pending_sends", "updated_channels")
    }
    return (
        found.config["configurable"]["checkpoint_id"],
        checkpoint,
        found.metadata,
        found.parent_config and found.parent_config["configurable"]["checkpoint_id"],
        sorted(found.pending_writes),
    )


@pytest.mark.parametrize("seed", range(4))
def test_it_reads_as_the_saver_in_memory(saver: HyperloomSaver, seed: int) -> None:
    run = Run(saver, seed)
    for _ in range(STEPS):
        run.step()
    run.check()
    before = {
        (thread, name): _plain(run.model.get_tuple(on(thread, checkpoint_ns=name)))
        for thread in THREADS
        for name in NAMESPACES
    }
    saver.copy_thread("t", "copy")
    saver.prune([*THREADS, "copy"])
    with HyperloomSaver(saver.client, root=saver.root) as fresh:
        for reader in (saver, fresh):
            for (thread, name), newest in before.items():
                place = on(thread, checkpoint_ns=name)
                assert _plain(reader.get_tuple(place)) == newest, f"seed {seed}"
                assert len(list(reader.list(place))) == (newest is not None)
                if thread == "t":
                    assert _plain(reader.get_tuple(on("copy", checkpoint_ns=name))) == newest
    _has_nothing_unused(saver)


def _has_nothing_unused(saver: HyperloomSaver) -> None:
    """After a prune every text is named by something."""
    for thread in ("t", "a%2Fb"):
        path = f"{saver.root}/{thread}/langgraph"
        nodes = list(saver.client.list(path, depth=0)) if saver.client.find(path) is not None else []
        told = "\n".join(node.json_text or "" for node in nodes)
        digests = [node.path.rpartition("/")[2] for node in nodes if "/texts/" in node.path or "/bytes/" in node.path]
        assert [digest for digest in digests if digest not in told] == []
