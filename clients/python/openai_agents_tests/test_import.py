"""Goal: agents go on with sessions that the SDK has kept in SQLite so far, after `hyperloom import`.

Method: the SDK's own sessions write a file, the command line imports it as a process, and ours reads what came.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents import SQLiteSession

from hyperloom.openai_agents import HyperloomSession
from openai_agents_tests.old_sessions import conversation, odd, write, write_branched
from tests.support import NODE, REPOSITORY, BrokerProcess

SessionOf = Callable[[str], HyperloomSession]


def import_into(broker: BrokerProcess, file: Path, *more: str, code: int = 0) -> list[Any]:
    """What `hyperloom import` says of each session."""
    command = [str(NODE), str(REPOSITORY / "bin" / "hyperloom.js"), "--address", broker.address]
    ran = subprocess.run(
        [*command, "--json", "import", str(file), *more],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "NODE_OPTIONS": ""},
    )
    assert (ran.returncode, ran.stderr) == (code, "")
    return [json.loads(line) for line in ran.stdout.splitlines()]


async def test_every_session_comes_as_it_was_and_once(
    broker: BrokerProcess, root: str, session_of: SessionOf, tmp_path: Path
) -> None:
    file = tmp_path / "sessions.db"
    await write(file)
    assert [line["imported"] for line in import_into(broker, file, "--as", root, "--dry-run")] == [15, 1500, 1]
    assert await session_of("odd").get_items() == []
    lines = import_into(broker, file, "--as", root)
    assert sorted((line["id"], line["imported"]) for line in lines) == [
        ("chat 1/with %odd id", 15),
        ("long", 1500),
        ("odd", 1),
    ]
    for _ in range(2):
        assert await session_of("chat 1/with %odd id").get_items() == conversation()
        assert repr(await session_of("odd").get_items()) == repr(odd())
        assert await session_of("long").get_items() == conversation(300)
        assert await session_of("long").get_items(7) == conversation(300)[-7:]
        again = import_into(broker, file, "--as", root)
        assert {(line["imported"], line["present"] > 0) for line in again} == {(0, True)}


async def test_what_is_added_later_is_brought_and_a_session_that_went_on_here_is_left_alone(
    broker: BrokerProcess, root: str, session_of: SessionOf, tmp_path: Path
) -> None:
    file = tmp_path / "sessions.db"
    old = SQLiteSession("growing", file)
    await old.add_items(conversation(1))
    import_into(broker, file, "--as", root)
    await old.add_items(odd())
    assert [line["imported"] for line in import_into(broker, file, "--as", root)] == [1]
    session = session_of("growing")
    assert await session.get_items() == conversation(1) + odd()
    await session.add_items([{"role": "user", "content": "here"}])
    assert [line["present"] for line in import_into(broker, file, "--as", root)] == [6]
    await old.add_items([{"role": "user", "content": "there"}])
    (line,) = import_into(broker, file, "--as", root, code=5)
    assert (line["imported"], "from number 6 on" in line["problems"][0]) == (0, True)
    assert (await session.get_items())[-1] == {"role": "user", "content": "here"}
    old.close()


async def test_of_a_session_with_branches_the_main_one_is_brought(
    broker: BrokerProcess, root: str, session_of: SessionOf, tmp_path: Path
) -> None:
    main = await write_branched(tmp_path / "branched.db")
    import_into(broker, tmp_path / "branched.db", "--as", root)
    assert [item["content"] for item in main] == ["turn 0", "turn 1", "turn 2"]
    assert await session_of("branched").get_items() == main
