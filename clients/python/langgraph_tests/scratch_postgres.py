"""A PostgreSQL of one's own, for as long as a test runs: on loopback, in a folder that is deleted afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

USER: Final = "postgres"
_SECONDS_MAX: Final = 120
"""Far more than it takes, but for a machine that has stopped."""


def program(name: str) -> str | None:
    """Where a program of the server lies: Debian keeps them out of the path."""
    found = shutil.which(name)
    if found is not None:
        return found
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else None


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The URL of a new, empty database."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if initdb is None or pg_ctl is None:
        raise FileNotFoundError("no PostgreSQL server: apt-get install postgresql")
    # The server refuses to run as root.
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = {"user": "postgres", "group": "postgres", "extra_groups": ()}
    with tempfile.TemporaryDirectory(prefix="hyperloom-postgres-") as folder:
        if owner:
            shutil.chown(folder, "postgres", "postgres")

        def run(*command: str) -> None:
            # The server keeps what it is given open: a pipe would never end.
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS_MAX,
                **owner,
            )

        data = f"{folder}/data"
        run(initdb, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        run(pg_ctl, "-D", data, "-w", "-l", f"{folder}/server.log", "-o", options, "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
