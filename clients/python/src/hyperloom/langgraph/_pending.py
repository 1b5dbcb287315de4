"""The pending writes of a task, and how those of one call join them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langgraph.checkpoint.base import WRITES_IDX_MAP
from langgraph.checkpoint.serde.base import SerializerProtocol

from hyperloom.langgraph._errors import TooLargeError
from hyperloom.langgraph._texts import Taken
from hyperloom.langgraph._values import Encoded, as_bytes, dumps, encode_value

NODE_BYTES_MAX: Final = 2 * 1024 * 1024 - 1024
"""A node takes 2 MiB."""


class Call:
    """The writes of one call, and how they join those that a task has already."""

    def __init__(self, writes: Sequence[tuple[str, Any]], serde: SerializerProtocol, where: str) -> None:
        self.taken = Taken()
        self._values: dict[int, Any] = {}
        self._new: dict[int, tuple[str, Encoded]] = {}
        for position, (channel, value) in enumerate(writes):
            index = WRITES_IDX_MAP.get(channel, position)
            encoded = encode_value(value, serde, self.taken, f"a write to channel {channel!r} of {where}")
            self._values[index] = value
            self._new[index] = (channel, encoded)

    def merged(self, before: Mapping[str, Any] | None, task_path: str) -> str | None:
        """The node's JSON; `None` where nothing changes. What a task wrote stays, but for special channels."""
        there = {index: (channel, encoded) for index, channel, encoded in before["writes"]} if before else {}
        joined = {**there, **{index: new for index, new in self._new.items() if index < 0 or index not in there}}
        if before is not None and joined == there:
            return None
        while True:
            writes = [[index, *joined[index]] for index in sorted(joined)]
            text = dumps({"path": before["path"] if before else task_path, "writes": writes})
            if len(text.encode()) <= NODE_BYTES_MAX:
                return text
            largest = max(
                (index for index in self._values if "json" in joined[index][1]),
                key=lambda index: len(dumps(joined[index][1])),
                default=None,
            )
            if largest is None:
                raise TooLargeError(
                    f"{len(joined)} writes of one task take {len(text):,} characters, and a node takes "
                    f"{NODE_BYTES_MAX:,} bytes: write less in one step"
                )
            joined[largest] = (joined[largest][0], as_bytes(self._values[largest], self.taken))
