"""A ghost, blocking."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

from hyperloom import _ghost
from hyperloom._ghost import Isolation
from hyperloom._records import Checkpoint, Committed, GhostState, NodeDifference, Reverted
from hyperloom._speculate import BEGINNING, Attempt, Verdict
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.verbs import Verbs

Result = TypeVar("Result")


class Ghost(Verbs):
    """Has all verbs of a client. `with` reverts it at the end of the block unless it was committed."""

    def __init__(self, loop: LoopThread, inner: _ghost.Ghost) -> None:
        super().__init__(loop, inner)
        self._inner = inner

    @property
    def info(self) -> GhostState:
        """What the broker told when the ghost was begun; `state()` tells what holds now."""
        return self._inner.info

    @property
    def id(self) -> str:
        """Made by the broker; unique for ever."""
        return self._inner.id

    @property
    def over(self) -> bool:
        """True once it was committed, reverted or has expired, as far as this process knows."""
        return self._inner.over

    def checkpoint(self, name: str, *, timeout: float | None = None) -> Checkpoint:
        """Names the present state, to go back to: 1 to 128 bytes, unique in the ghost."""
        return self._loop.run(self._inner.checkpoint(name, timeout=timeout))

    def rewind(self, checkpoint: str = "", reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Goes back to a checkpoint (the newest one; the beginning where there is none). The ghost lives on."""
        return self._loop.run(self._inner.rewind(checkpoint, reason, timeout=timeout))

    def revert(self, reason: str = "", *, timeout: float | None = None) -> Reverted:
        """Drops the ghost and all that is staged in it."""
        return self._loop.run(self._inner.revert(reason, timeout=timeout))

    def commit(self, isolation: Isolation = "writes", *, label: str = "", timeout: float | None = None) -> Committed:
        """Replays the staged operations onto the newest trunk (or the parent). Raises `ConflictError`."""
        return self._loop.run(self._inner.commit(isolation, label=label, timeout=timeout))

    def ghost(
        self, *, label: str = "", scope: str = "", ttl: float | None = None, timeout: float | None = None
    ) -> Ghost:
        """Begins a ghost in this one, at its present state. Its commit goes into this one."""
        beginning = self._inner.ghost(label=label, scope=scope, ttl=ttl, timeout=timeout)
        return Ghost(self._loop, self._loop.run(_begin(beginning)))

    def state(self, *, timeout: float | None = None) -> GhostState:
        """How the ghost stands now."""
        return self._loop.run(self._inner.state(timeout=timeout))

    def diff(self, *, path: str = "", page_size: int = 0, timeout: float | None = None) -> Paged[NodeDifference]:
        """What differs from its base, in pages."""
        return Paged(self._loop, self._inner.diff(path=path, page_size=page_size, timeout=timeout))

    def __enter__(self) -> Ghost:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._inner.__aexit__(kind, error, trace))


def begin_ghost(loop: LoopThread, beginning: _ghost.BeginningGhost) -> Ghost:
    """Begins a ghost."""
    return Ghost(loop, loop.run(_begin(beginning)))


async def _begin(beginning: _ghost.BeginningGhost) -> _ghost.Ghost:
    return await beginning


class BlockingSpeculator(Generic[Result]):
    """For the sync client. Its coroutines never wait for a loop: they block, in the thread of the caller."""

    def __init__(
        self,
        begin: Callable[[], Ghost],
        work: Callable[[Ghost, Attempt], Result],
        verify: Callable[[Ghost, Result], Verdict] | None,
        commit: Callable[[Ghost], Committed],
    ) -> None:
        self._begin = begin
        self._work = work
        self._verify = verify
        self._commit = commit
        self._ghost: Ghost | None = None

    @property
    def ghost(self) -> Ghost:
        assert self._ghost is not None, "begin comes first"  # noqa: S101
        return self._ghost

    async def begin(self) -> None:
        self._ghost = self._begin()
        self._ghost.checkpoint(BEGINNING)

    async def work(self, attempt: Attempt) -> Result:
        return self._work(self.ghost, attempt)

    async def verify(self, result: Result) -> Verdict:
        return None if self._verify is None else self._verify(self.ghost, result)

    async def commit(self) -> Committed:
        return self._commit(self.ghost)

    async def rewind(self, reason: str) -> None:
        self.ghost.rewind(BEGINNING, reason)

    async def revert(self, reason: str) -> None:
        if self._ghost is not None and not self._ghost.over:
            self._ghost.revert(reason)
