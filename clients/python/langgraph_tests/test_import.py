"""Goal: graphs go on with threads that LangGraph's own savers have kept so far, after `hyperloom import`.

Method: LangGraph's saver writes a SQLite file; `databases` holds what its saver for PostgreSQL has written (loaded into
a scratch server here), and the same in SQLite. The command line imports each as a process; what the old saver and ours
tell of every checkpoint is compared.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Command

from hyperloom.langgraph import HyperloomSaver
from langgraph_tests.graphs import asking, chat, on
from langgraph_tests.javascript import seen, turn
from langgraph_tests.old_threads import assert_equal, threads, tuples, write
from langgraph_tests.scratch_postgres import postgres, program
from tests.support import NODE, REPOSITORY, BrokerProcess

DATABASES = Path(__file__).parent / "databases"
ODD = "a chat/with %odd id"
"""A thread of messages whose id needs escapes."""


def command(broker: BrokerProcess, source: object, *more: str) -> list[str]:
    """The command line that imports."""
    launcher = str(REPOSITORY / "bin" / "hyperloom.js")
    return [str(NODE), launcher, "--address", broker.address, "--json", "import", str(source), *more]


def import_into(broker: BrokerProcess, source: object, *more: str, code: int = 0) -> list[Any]:
    """What `hyperloom import` says of each thread."""
    ran = subprocess.run(
        command(broker, source, *more), capture_output=True, text=True, timeout=600, check=False, env=dict(os.environ)
    )
    assert (ran.returncode, ran.stderr) == (code, "")
    return [json.loads(line) for line in ran.stdout.splitlines()]


def unpacked(name: str, folder: Path) -> Path:
    """One of the committed files."""
    (folder / name).write_bytes(gzip.decompress((DATABASES / f"{name}.gz").read_bytes()))
    return folder / name


@contextlib.contextmanager
def database_of_postgres(folder: Path) -> Iterator[str]:
    """What LangGraph's saver for PostgreSQL has written, in a server of its own: its URL."""
    if program("initdb") is None and "CI" not in os.environ:
        pytest.skip("no PostgreSQL server")
    dump = unpacked("threads.sql", folder)
    with postgres() as url:
        load = [program("psql") or "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), url]
        subprocess.run(load, check=True, capture_output=True, timeout=600)
        yield url


def assert_same(old: Any, new: HyperloomSaver) -> int:
    """Every checkpoint of every thread; how many there are."""
    count = 0
    for thread in threads(old):
        before, after = tuples(old, thread), tuples(new, thread)
        assert before.keys() == after.keys()
        for key, each in before.items():
            assert_equal(each, after[key])
        newest = [saver.get_tuple(on(thread)) for saver in (old, new)]
        assert_equal(*newest)
        count += len(before)
    return count


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What LangGraph's saver has just written."""
    written = tmp_path_factory.mktemp("import") / "checkpoints.sqlite"
    with SqliteSaver.from_conn_string(str(written)) as saver:
        write(saver)
    return written


@pytest.fixture
def old(file: Path) -> Iterator[SqliteSaver]:
    """The saver of that file."""
    with SqliteSaver.from_conn_string(str(file)) as saver:
        yield saver


def test_every_checkpoint_of_a_sqlite_file_comes_as_it_was_and_once(
    broker: BrokerProcess, saver: HyperloomSaver, file: Path, old: SqliteSaver
) -> None:
    told = import_into(broker, file, "--as", saver.root, "--dry-run")
    assert threads(saver) == set()
    lines = import_into(broker, file, "--as", saver.root)
    assert sorted(map(str, lines)) == sorted(map(str, told))
    assert [line["problems"] for line in lines] == [[]] * 7
    assert assert_same(old, saver) == sum(line["imported"] for line in lines)
    revision = saver.client.get("/").revision
    again = import_into(broker, file, "--as", saver.root)
    assert sum(line["present"] for line in again) == sum(line["imported"] for line in lines)
    assert saver.client.get("/").revision == revision, "nothing was written"


def test_every_checkpoint_of_a_postgres_database_comes_as_it_was_and_once(
    broker: BrokerProcess, saver: HyperloomSaver, tmp_path: Path
) -> None:
    same = unpacked("threads.sqlite", tmp_path)
    with database_of_postgres(tmp_path) as url, SqliteSaver.from_conn_string(str(same)) as old:
        lines = import_into(broker, url, "--as", saver.root)
        assert [line["problems"] for line in lines] == [[]] * 7
        assert assert_same(old, saver) == sum(line["imported"] for line in lines)
        again = import_into(broker, url, "--as", saver.root)
        assert {(line["imported"], line["present"] > 0) for line in again} == {(0, True)}
        # From SQLite the same checkpoints are there already.
        assert {line["imported"] for line in import_into(broker, same, "--as", saver.root)} == {0}


def test_graphs_go_on_where_they_were(
    broker: BrokerProcess, saver: HyperloomSaver, file: Path, old: SqliteSaver
) -> None:
    import_into(broker, file, "--as", saver.root)
    thread = "a chat/with %odd id"
    graph = chat().compile(checkpointer=saver)
    before = chat().compile(checkpointer=old).get_state(on(thread)).values["messages"]
    done = graph.invoke({"messages": [HumanMessage("go on", id="next")]}, on(thread))
    assert done["messages"][: len(before)] == before
    assert [each.content for each in done["messages"][len(before) :]] == [
        "go on",
        f"answer-{len(before) + 1} " * 2 + f"answer-{len(before) + 1}",
    ]
    answered = asking().compile(checkpointer=saver).invoke(Command(resume="yes"), on("asked"))
    assert answered["done"] == ["before", "told yes"]
    lines = {line["id"]: line for line in import_into(broker, file, "--as", saver.root)}
    assert (lines[thread]["imported"], lines[thread]["problems"]) == (0, [])


def test_a_thread_of_python_goes_on_in_javascript_and_comes_back(
    broker: BrokerProcess, saver: HyperloomSaver, file: Path, old: SqliteSaver
) -> None:
    import_into(broker, file, "--as", saver.root, "--only", ODD)
    go_on_in_javascript(broker, saver, old)


def test_a_thread_of_postgres_goes_on_in_javascript_and_comes_back(
    broker: BrokerProcess, saver: HyperloomSaver, tmp_path: Path
) -> None:
    with database_of_postgres(tmp_path) as url:
        import_into(broker, url, "--as", saver.root, "--only", ODD)
    with SqliteSaver.from_conn_string(str(unpacked("threads.sqlite", tmp_path))) as old:
        go_on_in_javascript(broker, saver, old)


def go_on_in_javascript(broker: BrokerProcess, saver: HyperloomSaver, old: SqliteSaver) -> None:
    """Graphs in JavaScript, and then in Python again, go on with what was imported; `old` has it as it was."""
    thread = ODD
    before = chat().compile(checkpointer=old).get_state(on(thread)).values
    there = turn(broker, saver.root, thread, "from JavaScript")
    assert there["messages"][:-2] == seen(before)
    assert [text for _, _, text in there["messages"][-2:]] == ["from JavaScript", ANY]
    assert there["turns"] == before["turns"] + 1
    here = chat().compile(checkpointer=saver).invoke({"messages": [HumanMessage("from Python", id="back")]}, on(thread))
    assert seen(here)[:-2] == there["messages"]
    assert here["turns"] == there["turns"] + 1
    assert turn(broker, saver.root, thread)["messages"] == seen(here)


def test_an_import_that_ended_anywhere_is_gone_on_with(
    broker: BrokerProcess, saver: HyperloomSaver, file: Path, old: SqliteSaver, tmp_path: Path
) -> None:
    """What an import leaves that ended early is that of a database that ended early."""
    ids = sorted(id for _, id in tuples(old, "a chat/with %odd id"))
    part = tmp_path / "part.sqlite"
    brought = 0
    for last in (*ids[::5], ids[-1]):
        with SqliteSaver.from_conn_string(str(part)) as cut:
            old.conn.backup(cut.conn)
            cut.conn.execute("DELETE FROM checkpoints WHERE checkpoint_id > ?", [last])
            cut.conn.commit()
            (line,) = import_into(broker, part, "--as", saver.root, "--only", "a chat/with %odd id")
            assert line["present"] == brought
            brought += line["imported"]
    assert brought == len(ids)
    import_into(broker, file, "--as", saver.root)
    assert_same(old, saver)


def test_an_import_that_is_interrupted_says_so_and_is_gone_on_with(
    broker: BrokerProcess, saver: HyperloomSaver, file: Path, old: SqliteSaver
) -> None:
    running = subprocess.Popen(command(broker, file, "--as", saver.root), stdout=subprocess.PIPE)
    while running.poll() is None and not saver.client.find(f"{saver.root}/asked/langgraph/head"):
        pass
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=600)
    # It may have been done before the signal came.
    some = sum(len(tuples(saver, thread)) for thread in threads(saver))
    whole = sum(len(tuples(old, thread)) for thread in threads(old))
    assert running.returncode in ((0, 130) if some == whole else (130,))
    lines = import_into(broker, file, "--as", saver.root)
    assert sum(line["imported"] for line in lines) == whole - some
    assert_same(old, saver)


def test_a_thread_that_both_went_on_with_is_left_alone(
    broker: BrokerProcess, saver: HyperloomSaver, tmp_path: Path
) -> None:
    file = tmp_path / "both.sqlite"
    with SqliteSaver.from_conn_string(str(file)) as old:
        theirs, ours = (chat().compile(checkpointer=each) for each in (old, saver))
        theirs.invoke({"messages": ["one"]}, on("t"))
        import_into(broker, file, "--as", saver.root)
        ours.invoke({"messages": ["here"]}, on("t"))
        theirs.invoke({"messages": ["there"]}, on("t"))
        before = tuples(saver, "t")
        (line,) = import_into(broker, file, "--as", saver.root, code=5)
        assert "continue it in one of the two only" in line["problems"][0]
        assert tuples(saver, "t") == before


def test_what_cannot_be_read_is_left_out_and_told(broker: BrokerProcess, saver: HyperloomSaver, tmp_path: Path) -> None:
    file = tmp_path / "damaged.sqlite"
    with SqliteSaver.from_conn_string(str(file)) as old:
        chat().compile(checkpointer=old).invoke({"messages": ["one"]}, on("t"))
        chat().compile(checkpointer=old).invoke({"messages": ["one"]}, on("whole"))
        ids = sorted(id for _, id in tuples(old, "t"))
        old.conn.execute(
            "UPDATE checkpoints SET checkpoint = substr(checkpoint, 1, 40) WHERE checkpoint_id = ?", [ids[1]]
        )
        old.conn.execute("UPDATE checkpoints SET type = 'msgpack+aes' WHERE checkpoint_id = ?", [ids[0]])
        old.conn.commit()
        lines = {line["id"]: line for line in import_into(broker, file, "--as", saver.root, code=1)}
        assert lines["whole"]["problems"] == []
        assert [problem.split(":")[0] for problem in lines["t"]["problems"]] == [f"checkpoint {id}" for id in ids[:2]]
        assert "a serialiser of the user's (msgpack+aes)" in lines["t"]["problems"][0]
        assert "it is damaged: it ends in the middle of a value" in lines["t"]["problems"][1]
        newest = [each.get_tuple(on("t")) for each in (old, saver)]
        assert_equal(*newest)
