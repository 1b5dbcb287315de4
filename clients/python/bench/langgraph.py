"""How fast checkpoints are put and read: `python -m bench.langgraph hyperloom ADDRESS`, or `sqlite FOLDER`.

A subject of the bench `langgraph/python`: for each line on its input it measures once, and prints what as JSON. Both
are durable: SQLite syncs with each put (`synchronous=FULL`). A turn adds a message of 1 KB to a conversation.
`bench.langgraph_asyncio` is the same with asyncio.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import ChannelVersions, empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.sqlite import SqliteSaver

from hyperloom.langgraph import HyperloomSaver

MESSAGES = 50
"""In a conversation before its puts are counted."""

ENDS = 20
"""So many turns count as the first, and as the last."""

Saver = Any


class Conversation:
    """Grows by a message with each put. The messages are there before, so that making them is not measured."""

    def __init__(self, turns: int, before: int = 0) -> None:
        self._place = {"thread_id": str(uuid4()), "checkpoint_ns": ""}
        self.config: Any = {"configurable": self._place}
        """What the newest put gave."""
        self._turn = 0
        self._messages = [_message() for _ in range(before)]
        self._coming = [_message() for _ in range(turns + 1)]

    def turn(self) -> tuple[Any, Any, Any, ChannelVersions]:
        """The arguments of the next put: one more checkpoint, with one more message."""
        self._turn += 1
        self._messages = [*self._messages, self._coming[self._turn - 1]]
        checkpoint = empty_checkpoint() | {"id": str(uuid6(clock_seq=-1))}
        checkpoint["channel_values"] = {"messages": self._messages}
        versions: ChannelVersions = {"messages": self._turn}
        checkpoint["channel_versions"] = versions
        return self.config, checkpoint, {"source": "loop", "step": self._turn, "parents": {}}, versions

    @property
    def newest(self) -> Any:
        """The config that names the newest checkpoint."""
        return {"configurable": self._place}

    def take(self, found: Any) -> None:
        """Goes on with what was read, as a run does."""
        messages = found.checkpoint["channel_values"]["messages"]
        assert len(messages) == len(self._messages), "messages were lost"
        self._messages = messages


def _message() -> HumanMessage:
    name = uuid4().hex
    return HumanMessage((name * 33)[:1_024], id=name)


class Took(NamedTuple):
    """What some puts took."""

    puts: int
    seconds: float
    cpu_seconds: float
    """Of this process."""


class Watch:
    """Starts when it is made."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._start = time.perf_counter()

    def took(self, puts: int) -> Took:
        """Since then."""
        return Took(puts, time.perf_counter() - self._start, time.process_time() - self._cpu)


def speeds(many: Took, alone: Took) -> dict[str, float]:
    """What the bench's table tells of puts at once and of those one after the other."""
    cpu, puts = many.cpu_seconds + alone.cpu_seconds, many.puts + alone.puts
    return {
        "perSecond": many.puts / many.seconds,
        "alonePerSecond": alone.puts / alone.seconds,
        "clientCpuUs": cpu / puts * 1e6,
    }


class Blocking:
    """A saver, called from threads."""

    def __init__(self, saver: Saver) -> None:
        self._saver = saver

    def measure(self, threads: int, puts: int, turns: int) -> dict[str, float]:
        """What the bench's table tells."""
        return speeds(self._puts(threads, puts), self._puts(1, puts)) | self._growth(turns)

    def _put(self, conversation: Conversation) -> None:
        conversation.config = self._saver.put(*conversation.turn())

    def _puts(self, threads: int, puts: int) -> Took:
        """Of so many threads at once, each with a conversation of its own."""
        conversations = [Conversation(puts, MESSAGES) for _ in range(threads)]
        for conversation in conversations:
            self._put(conversation)

        def work(conversation: Conversation) -> None:
            for _ in range(puts):
                self._put(conversation)

        with ThreadPoolExecutor(threads) as pool:
            watch = Watch()
            list(pool.map(work, conversations))
            return watch.took(threads * puts)

    def _growth(self, turns: int) -> dict[str, float]:
        conversation = Conversation(turns)
        puts: list[float] = []
        gets: list[float] = []
        for _ in range(turns):
            start = time.perf_counter()
            self._put(conversation)
            between = time.perf_counter()
            conversation.take(self._saver.get_tuple(conversation.newest))
            puts.append(between - start)
            gets.append(time.perf_counter() - between)
        return growth(puts, gets)


def growth(puts: list[float], gets: list[float]) -> dict[str, float]:
    """Microseconds of a put and of a get in the first and the last turns of a conversation, one at a time."""
    ends = min(ENDS, len(puts) // 3)
    told: dict[str, float] = {}
    for name, seconds in (("put", puts), ("get", gets)):
        first, last = statistics.median(seconds[1 : 1 + ends]) * 1e6, statistics.median(seconds[-ends:]) * 1e6
        told |= {f"{name}FirstUs": first, f"{name}LastUs": last, f"{name}Growth": last / first}
    return told


def database(folder: str) -> str:
    """Where SQLite's checkpoints lie."""
    return str(Path(folder) / "checkpoints.sqlite")


@contextmanager
def saver_of(kind: str, where: str) -> Iterator[Saver]:
    """The saver that is measured."""
    if kind == "hyperloom":
        with HyperloomSaver(where, root=f"/bench_{uuid4().hex}") as ours:
            yield ours
        return
    with SqliteSaver.from_conn_string(database(where)) as theirs:
        theirs.setup()
        theirs.conn.execute("PRAGMA synchronous=FULL")
        yield theirs
        # It leaves the connection that it has made.
        theirs.conn.close()


def main(kind: str, where: str, threads: str, puts: str, turns: str) -> None:
    with saver_of(kind, where) as saver:
        blocking = Blocking(saver)
        print("ready", flush=True)
        for _ in sys.stdin:
            print(json.dumps(blocking.measure(int(threads), int(puts), int(turns))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
