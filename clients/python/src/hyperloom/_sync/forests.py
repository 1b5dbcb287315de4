"""Operation of the broker and its forests, blocking."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hyperloom import _backup, _forests
from hyperloom._backup import BackupMark
from hyperloom._records import Compacted, Forest, Status
from hyperloom._sync.loop import LoopThread


class Forests:
    """Every `timeout` is in seconds."""

    def __init__(self, loop: LoopThread, inner: _forests.Forests) -> None:
        self._loop = loop
        self._inner = inner

    def create(self, name: str, *, timeout: float | None = None) -> Forest:
        """Creates an empty forest. Raises `AlreadyExistsError`."""
        return self._loop.run(self._inner.create(name, timeout=timeout))

    def list(self, *, timeout: float | None = None) -> tuple[Forest, ...]:
        """All forests, by name."""
        return self._loop.run(self._inner.list(timeout=timeout))

    def delete(self, name: str, *, timeout: float | None = None) -> None:
        """Deletes a forest and all its history. Cannot be undone."""
        self._loop.run(self._inner.delete(name, timeout=timeout))

    def compact(self, forest: str = "", revision: int = 0, *, timeout: float | None = None) -> Compacted:
        """Drops history below a revision (0: the newest); state stays."""
        return self._loop.run(self._inner.compact(forest, revision, timeout=timeout))

    def status(
        self, forest: str = "", *, state_hash: bool = False, meters: bool = False, timeout: float | None = None
    ) -> Status:
        """How the broker and a forest are."""
        return self._loop.run(self._inner.status(forest, state_hash=state_hash, meters=meters, timeout=timeout))

    def backup(self, forest: str = "", *, resume: BackupMark | None = None) -> Backup:
        """A backup in pieces, to be written one behind the other.

        It goes on where it was when the connection breaks; with `resume`, where another one has ended.
        """
        return Backup(self._loop, self._inner.backup(forest, resume=resume))

    def restore(self, forest: str, chunks: Iterable[bytes], *, timeout: float | None = None) -> Forest:
        """Creates a forest from a backup's pieces, of any size."""
        return self._loop.run(self._inner.restore(forest, chunks, timeout=timeout))


class Backup(Iterator[bytes]):
    """The pieces of a backup. Iterate over it, once; `close()` ends it before its end."""

    def __init__(self, loop: LoopThread, inner: _backup.Backup) -> None:
        self._loop = loop
        self._inner = inner

    @property
    def mark(self) -> BackupMark | None:
        """How much has come, up to the newest piece; `None` before the first one. For `resume`."""
        return self._inner.mark

    def __next__(self) -> bytes:
        """The next piece."""
        piece = self._loop.run(_next(self._inner))
        if piece is None:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Ends it."""
        self._loop.run(self._inner.aclose())


async def _next(pieces: _backup.Backup) -> bytes | None:
    """The next piece; `None` at the end."""
    return await anext(pieces, None)
