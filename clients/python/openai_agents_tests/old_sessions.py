"""Sessions as the SDK's own SQLite sessions store them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from agents import SQLiteSession
from agents.extensions.memory import AdvancedSQLiteSession

LONG = "A text that is long enough, with ümlauts and 日本語 and a tab\t. " * 20


def conversation(turns: int = 3) -> list[Any]:
    """Items of many kinds."""
    items: list[Any] = []
    for turn in range(turns):
        items += [
            {"role": "user", "content": f"question {turn}: {LONG}"},
            {
                "type": "function_call",
                "call_id": f"c{turn}",
                "name": "look_up",
                "arguments": '{"n": 12345678901234567890}',
            },
            {"type": "function_call_output", "call_id": f"c{turn}", "output": [{"type": "input_text", "text": "x"}]},
            {
                "type": "message",
                "id": f"m{turn}",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": f"answer {turn}", "annotations": [], "logprobs": []}],
            },
            {"type": "item_reference", "id": f"r{turn}"},
        ]
    return items


def odd() -> list[Any]:
    """What JSON has in it besides."""
    return [{"role": "user", "content": "\u2028 ☃", "nothing": None, "float": 1.0, "big": 2**70, "small": 1e-300}]


async def write(file: Path) -> None:
    """Fills a file with sessions."""
    for session_id, items in (("chat 1/with %odd id", conversation()), ("odd", odd()), ("long", conversation(300))):
        session = SQLiteSession(session_id, file)
        await session.add_items(items)
        session.close()
    emptied = SQLiteSession("emptied", file)
    await emptied.add_items(odd())
    await emptied.pop_item()
    emptied.close()


async def write_branched(file: Path) -> list[Any]:
    """A session that went another way; what its main branch says."""
    session = AdvancedSQLiteSession(session_id="branched", db_path=file, create_tables=True)
    turns: list[Any] = [{"role": "user", "content": f"turn {number}"} for number in range(3)]
    await session.add_items(turns[:2])
    await session.create_branch_from_turn(2)
    await session.add_items([{"role": "user", "content": "elsewhere"}])
    await session.switch_to_branch("main")
    await session.add_items(turns[2:])
    main: list[Any] = await session.get_items()
    session.close()
    return main
