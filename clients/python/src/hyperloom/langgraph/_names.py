"""Where threads and items lie: the paths of docs/frameworks/langgraph-layout.md. Both languages must make the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hyperloom.langgraph._errors import InvalidIdError

SEGMENT_BYTES_MAX = 255
"""The broker's own limit for a segment of a path."""

NAMESPACES_KEPT: Final = 1_000
"""Places that are not made anew with each put: for as many threads as are known at once, 400 bytes each."""

_ESCAPED = re.compile(r"[%/\x00-\x1f\x7f-\x9f]|^\*")
_ESCAPE = re.compile(rb"%([0-9A-F]{2})")


def segment_of(kind: str, name: str) -> str:
    """An id as one segment of a path. `kind` is what the error calls it."""
    if name in ("", ".", ".."):
        return name.replace(".", "%2E") or "%"
    segment = _ESCAPED.sub(_escape, name)
    try:
        size = len(segment.encode())
    except UnicodeEncodeError:
        raise InvalidIdError(f"{kind} {name!r} is no valid Unicode: it holds half of a surrogate pair") from None
    if size > SEGMENT_BYTES_MAX:
        text = f"{kind} {name[:40]!r}… takes {size} bytes in a path, of {SEGMENT_BYTES_MAX} at most: use a shorter one"
        raise InvalidIdError(text)
    return segment


def name_of(segment: str) -> str:
    """The id that a segment stands for."""
    if segment == "%":
        return ""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), segment.encode()).decode()


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread's subtree."""

    id: str
    path: str

    @staticmethod
    def of(root: str, thread_id: object) -> Thread:
        """The thread of a config; ids that are no text are taken as one."""
        name = thread_id if isinstance(thread_id, str) else str(thread_id)
        return Thread(name, f"{root}/{segment_of('thread_id', name)}/langgraph")

    def text(self, digest: str) -> str:
        """Where a text lies."""
        return f"{self.path}/texts/{digest}"

    def piece(self, digest: str) -> str:
        """Where a piece of bytes lies."""
        return f"{self.path}/bytes/{digest}"

    @property
    def swept(self) -> str:
        """Counts how often unused texts were taken away."""
        return f"{self.path}/swept"

    def namespace(self, name: str) -> Namespace:
        """A checkpoint namespace, such as `child:1|inner`; empty: the graph itself."""
        return self.below(tuple(name.split("|")) if name else ())

    def below(self, parts: tuple[str, ...]) -> Namespace:
        """The same, by its parts."""
        path = "".join(f"/subgraphs/{segment_of('checkpoint_ns', part)}" for part in parts)
        return Namespace(self, "|".join(parts), self.path + path)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A checkpoint namespace in a thread."""

    thread: Thread
    name: str
    path: str

    @property
    def head(self) -> str:
        """Names the newest checkpoint."""
        return f"{self.path}/head"

    @property
    def checkpoints(self) -> str:
        """Has the records as its children."""
        return f"{self.path}/checkpoints"

    @property
    def channels(self) -> str:
        """Has what channels held below it."""
        return f"{self.path}/channels"

    def record(self, checkpoint_id: str) -> str:
        """A checkpoint."""
        return f"{self.path}/checkpoints/{segment_of('checkpoint_id', checkpoint_id)}"

    def writes(self, checkpoint_id: str) -> str:
        """Has the pending writes of a checkpoint as its children."""
        return f"{self.record(checkpoint_id)}/writes"

    def task(self, checkpoint_id: str, task_id: str) -> str:
        """The pending writes of one task."""
        return f"{self.writes(checkpoint_id)}/{segment_of('task_id', task_id)}"

    def channel(self, channel: str, number: int) -> str:
        """A channel as one put left it, or a list of it."""
        return f"{self.path}/channels/{segment_of('channel', channel)}/{number}"

    def items(self, channel: str, number: int, start: int) -> str:
        """A segment of a list."""
        return f"{self.channel(channel, number)}/{start}"


@lru_cache(NAMESPACES_KEPT)
def namespace_of(root: str, thread_id: str, name: str) -> Namespace:
    """A checkpoint namespace of a thread."""
    return Thread.of(root, thread_id).namespace(name)
