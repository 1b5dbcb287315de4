"""Writes the databases that the tests of `hyperloom import` read: `python -m langgraph_tests.write_databases`.

`databases/threads.sql.gz` is what LangGraph's PostgresSaver has stored, as `pg_dump` tells it; `threads.sqlite.gz` has
the same checkpoints in LangGraph's SqliteSaver. Beside the tests' own environment this takes a PostgreSQL server and
`pip install langgraph-checkpoint-postgres "psycopg[binary]"`. They are committed, so that nobody else needs these.
"""

from __future__ import annotations

import gzip
import importlib
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite import SqliteSaver

from langgraph_tests.old_threads import copy, write
from langgraph_tests.scratch_postgres import postgres, program

FOLDER = Path(__file__).parent / "databases"
# Settings of newer versions would stop an older server.
_SETTINGS = ("SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict")


def main() -> None:
    """Writes both."""
    FOLDER.mkdir(exist_ok=True)
    saver: Any = importlib.import_module("langgraph.checkpoint.postgres").PostgresSaver
    with tempfile.TemporaryDirectory() as folder, postgres() as url, saver.from_conn_string(url) as source:
        source.setup()
        write(source, with_huge=False)
        file = Path(folder, "threads.sqlite")
        with SqliteSaver.from_conn_string(str(file)) as target:
            copy(source, target)
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("VACUUM")
        dump = [program("pg_dump") or "pg_dump", "--no-owner", "--no-privileges", "--no-comments", url]
        text = subprocess.run(dump, check=True, capture_output=True, text=True).stdout
        _write("threads.sqlite.gz", file.read_bytes())
    _write("threads.sql.gz", "".join(line for line in text.splitlines(True) if not line.startswith(_SETTINGS)).encode())


def _write(name: str, content: bytes) -> None:
    (FOLDER / name).write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main()
