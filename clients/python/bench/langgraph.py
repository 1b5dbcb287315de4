"""Measures the checkpointer beside LangGraph's SQLite saver: `python -m bench.langgraph ADDRESS` in this folder.

Both are durable (SQLite with `synchronous=FULL`), and are measured in turn, round by round; the ratio is the figure.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import ChannelVersions, empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.sqlite import SqliteSaver

from hyperloom.langgraph import HyperloomSaver

ROUNDS = 5
AT_ONCE = 16
PUTS_EACH = 30
MESSAGES = 50
TURNS = 200

Saver = Any


def text(chance: random.Random, size: int) -> str:
    return "".join(chance.choices("abcdefghij klmnop", k=size))


def conversation(
    saver: Saver, thread_id: str, turns: int, before: int = 0, reads: bool = True
) -> tuple[list[float], list[float]]:
    """Seconds of each put and of each get; a turn adds a message of 1 KB."""
    chance = random.Random(thread_id)
    messages = [HumanMessage(text(chance, 1_024), id=f"b{number}") for number in range(before)]
    parent: dict[str, Any] = {}
    puts, gets = [], []
    for turn in range(turns):
        messages = [*messages, HumanMessage(text(chance, 1_024), id=f"m{turn}")]
        checkpoint = empty_checkpoint() | {"id": str(uuid6(clock_seq=-1))}
        checkpoint["channel_values"] = {"messages": messages}
        versions: ChannelVersions = {"messages": turn + 1}
        checkpoint["channel_versions"] = versions
        place = {"thread_id": thread_id, "checkpoint_ns": ""}
        start = time.perf_counter()
        stored = saver.put(
            {"configurable": place | parent}, checkpoint, {"source": "loop", "step": turn, "parents": {}}, versions
        )
        puts.append(time.perf_counter() - start)
        parent = {"checkpoint_id": stored["configurable"]["checkpoint_id"]}
        if not reads:
            continue
        start = time.perf_counter()
        messages = saver.get_tuple({"configurable": place}).checkpoint["channel_values"]["messages"]
        gets.append(time.perf_counter() - start)
    return puts, gets


def puts_a_second(saver: Saver) -> float:
    """Of many threads at once, each with a conversation of 50 messages that goes on."""
    names = [str(uuid4()) for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        start = time.perf_counter()
        for done in [pool.submit(conversation, saver, name, PUTS_EACH, MESSAGES, False) for name in names]:
            done.result()
        return AT_ONCE * PUTS_EACH / (time.perf_counter() - start)


def sqlite(folder: Path) -> Any:
    return SqliteSaver.from_conn_string(str(folder / "checkpoints.sqlite"))


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        HyperloomSaver(sys.argv[1], root=f"/bench_{uuid4().hex}") as ours,
        sqlite(Path(folder)) as theirs,
        closing(theirs.conn),
    ):
        theirs.setup()
        theirs.conn.execute("PRAGMA synchronous=FULL")
        rates = [(puts_a_second(ours), puts_a_second(theirs)) for _ in range(ROUNDS)]
        for name, at in (("hyperloom", 0), ("sqlite", 1)):
            print(f"{name:10} {statistics.median(each[at] for each in rates):8,.0f} puts a second")
        print(f"the ratio  {statistics.median(one / other for one, other in rates):8.1f}")
        for name, saver in (("hyperloom", ours), ("sqlite", theirs)):
            puts, gets = conversation(saver, str(uuid4()), TURNS)
            for what, seconds in (("put", puts), ("get", gets)):
                first, last = (statistics.median(part) * 1e3 for part in (seconds[1:21], seconds[-20:]))
                print(f"{name:10} {what} at turn 1: {first:6.2f} ms, at turn {TURNS}: {last:6.2f} ms")


if __name__ == "__main__":
    main()
