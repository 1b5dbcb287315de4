"""What the agents of a worker have in common: a client, chance from the seed, and the record of all calls.

The lines are described in `../record.ts`; `agent.ts` is the same in TypeScript.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TextIO, TypeVar

import grpc
import hyperloom
from hyperloom import HyperloomError, LeaseLostError, LoadBalancing, Node, Operation, StateError, operation

Result = TypeVar("Result")
Step = Mapping[str, str]

FORESTS = ("default", "second")
"""The forests of a run."""

EPOCH_NS = 4_000_000_000
"""How long new nodes are in use: short, so that writes without an answer are few on each."""

_UNKNOWN = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.INTERNAL,
)
"""Codes after which nobody knows whether the call took effect."""


@dataclass(frozen=True)
class Called(Generic[Result]):
    """How a call ended."""

    id: str
    answer: Mapping[str, Any]
    result: Result | None

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return bool(self.answer["outcome"] == "ok")


class Agent:
    """One agent on a connection of its own."""

    def __init__(
        self,
        name: str,
        address: str,
        credentials: grpc.ChannelCredentials | None,
        forest: str,
        seed: int,
        lines: TextIO,
        is_open: Callable[[], bool],
    ) -> None:
        self.name = name
        self.forest = forest
        # Of several brokers it asks each in turn.
        balancing: LoadBalancing = "round_robin" if "," in address else "pick_first"
        self.client = hyperloom.connect(
            address, author=name, forest=forest, credentials=credentials, load_balancing=balancing
        )
        self.random = random.Random(seed)
        self._lines = lines
        self._is_open = is_open
        self._count = 0

    @property
    def is_open(self) -> bool:
        """False once no new work is to be begun."""
        return self._is_open()

    def token(self) -> str:
        """An id, and a text that nobody else writes."""
        self._count += 1
        return f"{self.name}.{self._count}"

    def below(self, bound: int) -> int:
        """A number from 0 on."""
        return self.random.randrange(bound)

    def place(self, kind: str, count: int) -> str:
        """One of a few places of its kind that are in use now."""
        return f"/{kind}/{time.monotonic_ns() // EPOCH_NS}-{self.below(count)}"

    def timeout(self) -> float:
        """Short ones end while the broker is away, and leave an unknown outcome."""
        return self.random.choice((0.7, 1.5, 4.0, 8.0))

    async def sleep(self, ms_max: int) -> None:
        """A pause of at most so many milliseconds."""
        await asyncio.sleep((self.below(ms_max) + 1) / 1_000)

    def write(self, line: Mapping[str, Any]) -> None:
        """Writes a line before anything else happens."""
        self._lines.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._lines.flush()

    def _asked(self, name: str, wants: Mapping[str, Any]) -> None:
        line = {"kind": "call", "id": name, "client": self.name, "forest": self.forest}
        self.write({**line, "ns": time.monotonic_ns(), "wants": wants})

    async def call(
        self,
        wants: Mapping[str, Any],
        act: Callable[[str], Awaitable[Result]],
        told: Callable[[Result], Mapping[str, Any]] = lambda _result: {},
    ) -> Called[Result]:
        """Makes a call and records what came of it. Never raises."""
        name = self.token()
        self._asked(name, wants)
        result: Result | None = None
        answer: Mapping[str, Any]
        try:
            result = await act(name)
            ns = time.monotonic_ns()
            answer = {"outcome": "ok", "reason": "", "revision": 0, **told(result)}
        except Exception as error:
            ns = time.monotonic_ns()
            answer = self._failed(error)
        self.write({"kind": "answer", "id": name, "ns": ns, **answer})
        return Called(name, answer, result)

    def _failed(self, error: Exception) -> Mapping[str, Any]:
        if not isinstance(error, HyperloomError):
            self.bug(f"a call raised {error!r}")
            return {"outcome": "unknown", "reason": repr(error), "revision": 0}
        if error.code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS):
            self.bug(f"{error.code.name}: {error}")
        # Where the client gives up because a lease is lost, what was under way may have taken effect.
        unknown = error.code in _UNKNOWN or isinstance(error, LeaseLostError)
        return {
            "outcome": "unknown" if unknown else "refused",
            "reason": error.reason or error.code.name,
            "revision": 0,
        }

    async def holds(self, tenure: str, check: Callable[[], None]) -> None:
        """Records whether the client says that it holds a lock or a lease; `check` raises where it does not."""
        name = self.token()
        wants = {"type": "holds", "tenure": tenure}
        self._asked(name, wants)
        try:
            check()
            answer = {"outcome": "ok", "reason": "", "revision": 0}
        except (LeaseLostError, StateError):
            answer = {"outcome": "refused", "reason": "NotHeld", "revision": 0}
        self.write({"kind": "answer", "id": name, "ns": time.monotonic_ns(), **answer})

    def bug(self, what: str) -> None:
        """Something that must never be seen."""
        self.write({"kind": "bug", "client": self.name, "what": what})


def canonical(value: Any) -> str:
    """JSON with sorted keys and without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


PADDED_BYTES = 65_536


def padded(path: str, text: str) -> str:
    """What is really put: below `/big` texts are padded, so that subscribers who are slow hold the broker back."""
    return text.ljust(PADDED_BYTES, ".") if path.startswith("/big/") else text


def text_of(value: Any) -> str:
    """A value as histories hold it: without its padding, if that is whole. No other text ends as padding does."""
    if not isinstance(value, str):
        return canonical(value)
    if not value.endswith("."):
        return value
    return value.rstrip(".") if len(value) == PADDED_BYTES else f"{value[:40]}: {len(value)} bytes"


def operation_of(step: Step) -> Operation:
    """The operation for a step."""
    action, path, text = step["action"], step["path"], step["text"]
    if action == "put":
        return operation.put(path, padded(path, text))
    if action == "append":
        return operation.append(path, text)
    if action == "increment":
        return operation.increment(path, int(text))
    if action == "merge":
        return operation.merge(path, json.loads(text))
    return operation.delete(path)


def nodes_of(paths: Sequence[str], nodes: Iterable[Node]) -> dict[str, Any]:
    """The nodes of a read, those that are not there included."""
    shown: dict[str, Any] = dict.fromkeys(paths)
    for node in nodes:
        if node.kind is not None:
            shown[node.path] = {
                "text": text_of(node.value),
                "revision": node.modified_revision,
                "version": node.version,
            }
    return shown


def put_pair(path: str, text: str) -> list[Step]:
    """A pair of nodes that always hold the same text, if diffs are atomic."""
    return [{"action": "put", "path": f"{path}/{name}", "text": text} for name in ("a", "b")]
