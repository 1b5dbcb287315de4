"""An agent's desk in Python: what `desk.ts` is in TypeScript.

Its client, what a subscription has told it so far, and a count of what it published and read. The agents wait for one
another only here, by subscription.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

import hyperloom
import paths
from hyperloom import operation

Answer = TypeVar("Answer")


@dataclass
class Count:
    """So many things, and their bytes: of paths and values, what a prompt would have to hold."""

    items: int = 0
    bytes: int = 0

    def add(self, items: int, size: int) -> None:
        self.items += items
        self.bytes += size


@dataclass
class Desk:
    """Use it with `async with`. Connects to the broker of the environment's `HYPERLOOM_ADDRESS`."""

    name: str
    patterns: Sequence[str]
    known: dict[str, Any] = field(default_factory=dict)
    published: Count = field(default_factory=Count)
    read: Count = field(default_factory=Count)

    async def __aenter__(self) -> Desk:
        self.client = hyperloom.connect(author=self.name)
        self._changed = asyncio.Event()
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._following.cancel()
        await asyncio.wait([self._following])
        await self.client.close()

    async def until(self, look: Callable[[dict[str, Any]], Answer | None]) -> Answer:
        """Waits until something is known: `look` is asked at once and after every event."""
        while (answer := look(self.known)) is None:
            if self._following.done():
                self._following.result()
                raise RuntimeError("the subscription is over")
            self._changed.clear()
            await self._changed.wait()
        return answer

    async def value(self, path: str) -> Any:
        """Waits for a node and returns its value."""
        return await self.until(lambda known: known.get(path))

    async def publish(
        self, label: str, operations: Sequence[hyperloom.Operation], ghost: hyperloom.Ghost | None = None
    ) -> int:
        """Publishes one context diff, on the trunk or in a ghost, and counts it. Returns its revision."""
        published = await (ghost or self.client).publish(operations, label=label)
        self.published.add(1, sum(map(_operation_bytes, operations)))
        return published.revision

    async def wait_for(self, what: str) -> None:
        """Tells the others that this agent has nothing to do before something happens."""
        await self.publish(f"waits for {what}", [operation.put(paths.agent(self.name), {"waits_for": what})])

    async def finish_task(self, name: str) -> None:
        """Marks a task as done."""
        task = await self.value(paths.task(name))
        await self.publish(f"task done: {name}", [operation.put(paths.task(name), {**task, "state": "done"})])

    def report(self, did: str, revert: dict[str, Any] | None = None) -> None:
        """Hands the report to the runner: one line of JSON on standard output."""
        report = {"name": self.name, "language": "Python", "pid": os.getpid(), "did": did}
        report |= {"published": asdict(self.published), "read": asdict(self.read)}
        sys.stdout.write(json.dumps(report if revert is None else report | {"revert": revert}) + "\n")

    async def _follow(self) -> None:
        try:
            async for item in self.client.subscribe(self.patterns):
                self._take(item)
                self._changed.set()
        finally:
            self._changed.set()

    def _take(self, item: hyperloom.Item) -> None:
        if isinstance(item, hyperloom.Snapshot):
            self.read.add(len(item.nodes), sum(len(each.path.encode()) + each.value_bytes for each in item.nodes))
            self.known.update({each.path: each.value for each in item.nodes if each.kind is not None})
        elif isinstance(item, hyperloom.Event):
            self.read.add(len(item.changes), sum(map(_change_bytes, item.changes)))
            for change in item.changes:
                self._apply(change)

    def _apply(self, change: hyperloom.Change) -> None:
        """Follows the two kinds of change that the agents make: values that are put, and lists that grow."""
        if change.action == "put":
            self.known[change.path] = change.value
        elif change.action == "append":
            self.known[change.path] = [*self.known.get(change.path, []), *change.value]


def _operation_bytes(made: hyperloom.Operation) -> int:
    """Bytes of a path and of what goes there. The agents put and append only."""
    items = made.append.items.json
    payload = len(made.put.json) + len(made.put.text.encode()) + sum(map(len, items))
    return len(made.path.encode()) + payload


def _change_bytes(change: hyperloom.Change) -> int:
    return len(change.path.encode()) + len(_written(change.value))


def _written(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
