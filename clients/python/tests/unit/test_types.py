"""Goal: a type checker knows the variables of paths and the messages at them.

Method: mypy in its strict mode, over a program that is right, and over one whose every mistake it must find where it
is. What protoc itself has written is not judged.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.acme import Acme
from tests.support import REPOSITORY

PROJECT = REPOSITORY / "clients" / "python"
AGENT = REPOSITORY / "test" / "integration" / "typed-agents" / "agent.py"
MISUSE = """
import hyperloom
import hyperloom.sync
from acme.v1.research_hyperloom import ResearchNoteNode, SettingsNode
from acme.v1.research_pb2 import ResearchNote, Session


async def misuse(client: hyperloom.Client, blocking: hyperloom.sync.Client) -> None:
    notes = client.typed(ResearchNoteNode)
    await notes.put(ResearchNote(), session="s", note="n")
    await notes.put(ResearchNote(), session="s")  # error: call-arg
    await notes.put(ResearchNote(), session="s", nots="n")  # error: call-arg
    await notes.put(ResearchNote(), session="s", note=1)  # error: arg-type
    await notes.put(Session(), session="s", note="n")  # error: arg-type
    await notes.at(session="s", note="n").put(Session())  # error: arg-type
    notes.path("s", "n")  # error: call-arg
    read = await notes.get(session="s", note="n")
    read.value.clam  # error: attr-defined
    read.variables.nots  # error: attr-defined
    confidence: str = read.value.confidence  # error: assignment
    notes.list()
    notes.list(session="s")
    notes.list(nots="n")  # error: call-arg
    async for each in notes.list(note="n"):
        each.variables.session.upper()
        each.value.claim.upper()
    async for item in notes.subscribe(session="s"):
        if isinstance(item, hyperloom.TypedEvent):
            item.changes[0].value.claim  # error: union-attr
    await client.typed(SettingsNode).get()
    await client.typed(SettingsNode).get(session="s")  # error: call-arg
    async with client.ghost() as ghost:
        await ghost.typed(ResearchNoteNode).delete(session="s")  # error: call-arg
    blocking.typed(ResearchNoteNode).get(session="s")  # error: call-arg
    blocking.typed(ResearchNoteNode).put(Session(), session="s", note="n")  # error: arg-type
    # Without the plugin the variables are checked when it runs, the messages here as well.
    await client.typed(ResearchNote).put(ResearchNote(), session="s")
    await client.typed(ResearchNote).put(Session(), session="s", note="n")  # error: arg-type
    client.typed(str)  # error: type-var
"""


SETTINGS = """
[mypy]
strict = true
[mypy-acme.v1.research_pb2,buf.*]
ignore_errors = true
"""


def mypy(acme: Acme, file: Path) -> subprocess.CompletedProcess[str]:
    settings = acme.folder / "mypy.ini"
    settings.write_text(SETTINGS)
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), "--no-error-summary", str(file)]
    environment = {**os.environ, "MYPYPATH": str(acme.folder)}
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300)


def test_a_program_with_generated_node_types_is_clean(acme: Acme) -> None:
    ran = mypy(acme, AGENT)
    assert (ran.stdout, ran.stderr, ran.returncode) == ("", "", 0)


def test_every_wrong_variable_and_value_is_found_where_it_is(acme: Acme, tmp_path: Path) -> None:
    file = tmp_path / "misuse.py"
    file.write_text(MISUSE)
    ran = mypy(acme, file)
    # Out of its cache, mypy tells the path of an earlier run.
    found = re.findall(r"^.*misuse\.py:(\d+): error: .*\[([a-z-]+)\]$", ran.stdout, re.MULTILINE)
    lines = enumerate(MISUSE.splitlines(), start=1)
    expected = [(str(number), line.split("# error: ")[1]) for number, line in lines if "# error: " in line]
    assert found == expected, ran.stdout
    assert ran.stderr == ""
