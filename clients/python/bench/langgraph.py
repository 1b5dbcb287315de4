"""How fast checkpoints are put and read: `python -m bench.langgraph hyperloom ADDRESS`, or `sqlite FOLDER`.

A subject of the bench `langgraph/python`: for each line on its input it measures once, and prints what as JSON. Both
are durable: SQLite syncs with each put (`synchronous=FULL`). A turn adds a message of 1 KB to a conversation.
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
from typing import Any
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

    def __init__(self, saver: Saver, turns: int, before: int = 0) -> None:
        self._saver = saver
        self._place = {"thread_id": str(uuid4()), "checkpoint_ns": ""}
        self._config: Any = {"configurable": self._place}
        self._turn = 0
        self.messages = [self._message() for _ in range(before)]
        self._coming = [self._message() for _ in range(turns + 1)]
        if before > 0:
            self.put()

    def put(self) -> None:
        """Puts one more checkpoint, with one more message."""
        self._turn += 1
        self.messages = [*self.messages, self._coming[self._turn - 1]]
        checkpoint = empty_checkpoint() | {"id": str(uuid6(clock_seq=-1))}
        checkpoint["channel_values"] = {"messages": self.messages}
        versions: ChannelVersions = {"messages": self._turn}
        checkpoint["channel_versions"] = versions
        metadata: Any = {"source": "loop", "step": self._turn, "parents": {}}
        self._config = self._saver.put(self._config, checkpoint, metadata, versions)

    def get(self) -> None:
        """Reads the newest, and goes on with what was read, as a run does."""
        found = self._saver.get_tuple({"configurable": self._place})
        messages = found.checkpoint["channel_values"]["messages"]
        assert len(messages) == len(self.messages), "messages were lost"
        self.messages = messages

    def _message(self) -> HumanMessage:
        name = uuid4().hex
        return HumanMessage((name * 33)[:1_024], id=name)


def puts_a_second(saver: Saver, threads: int, puts: int) -> float:
    """Of so many threads at once, each with a conversation of its own."""
    conversations = [Conversation(saver, puts, MESSAGES) for _ in range(threads)]

    def work(conversation: Conversation) -> None:
        for _ in range(puts):
            conversation.put()

    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        list(pool.map(work, conversations))
        return threads * puts / (time.perf_counter() - start)


def growth(saver: Saver, turns: int) -> dict[str, float]:
    """Microseconds of a put and of a get in the first and the last turns of a conversation, one at a time."""
    conversation = Conversation(saver, turns)
    puts: list[float] = []
    gets: list[float] = []
    for _ in range(turns):
        for times, work in ((puts, conversation.put), (gets, conversation.get)):
            start = time.perf_counter()
            work()
            times.append((time.perf_counter() - start) * 1e6)
    ends = min(ENDS, turns // 3)
    told: dict[str, float] = {}
    for name, times in (("put", puts), ("get", gets)):
        first, last = statistics.median(times[1 : 1 + ends]), statistics.median(times[-ends:])
        told |= {f"{name}FirstUs": first, f"{name}LastUs": last, f"{name}Growth": last / first}
    return told


def measure(saver: Saver, threads: int, puts: int, turns: int) -> dict[str, float]:
    """What the bench's table tells."""
    cpu, count = time.process_time(), (threads + 1) * puts
    told = {"perSecond": puts_a_second(saver, threads, puts), "alonePerSecond": puts_a_second(saver, 1, puts)}
    told["clientCpuUs"] = (time.process_time() - cpu) / count * 1e6
    return told | growth(saver, turns)


@contextmanager
def saver_of(kind: str, where: str) -> Iterator[Saver]:
    """The saver that is measured."""
    if kind == "hyperloom":
        with HyperloomSaver(where, root=f"/bench_{uuid4().hex}") as ours:
            yield ours
        return
    with SqliteSaver.from_conn_string(str(Path(where) / "checkpoints.sqlite")) as theirs:
        theirs.setup()
        theirs.conn.execute("PRAGMA synchronous=FULL")
        yield theirs
        # It leaves the connection that it has made.
        theirs.conn.close()


def main(kind: str, where: str, threads: str, puts: str, turns: str) -> None:
    with saver_of(kind, where) as saver:
        print("ready", flush=True)
        for _ in sys.stdin:
            print(json.dumps(measure(saver, int(threads), int(puts), int(turns))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
