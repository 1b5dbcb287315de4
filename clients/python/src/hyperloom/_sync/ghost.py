"""A ghost, blocking."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from hyperloom import _ghost
from hyperloom._gate_records import Race
from hyperloom._ghost_options import Isolation
from hyperloom._records import Checkpoint, Committed, GhostState, NodeDifference, Reverted
from hyperloom._sync.cancel import shielded
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.speculating import Speculating
from hyperloom._value_view import ValueForm
from hyperloom.gate import Gate


class Ghost(Speculating):
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

    def commit(
        self,
        isolation: Isolation = "writes",
        *,
        label: str = "",
        lock_wait: float = 0.0,
        exact_edition: int = 0,
        timeout: float | None = None,
    ) -> Committed:
        """Replays the staged operations onto the newest trunk (or the parent); see the asyncio ghost's `commit`."""
        return self._loop.run(
            self._inner.commit(
                isolation, label=label, lock_wait=lock_wait, exact_edition=exact_edition, timeout=timeout
            )
        )

    def ghost(
        self,
        *,
        label: str = "",
        scope: str = "",
        ttl: float | None = None,
        gates: Sequence[Gate] = (),
        race: Race | None = None,
        timeout: float | None = None,
    ) -> Ghost:
        """Begins a ghost in this one, at its present state. Its commit goes into this one."""
        beginning = self._inner.ghost(label=label, scope=scope, ttl=ttl, gates=gates, race=race, timeout=timeout)
        return begin_ghost(self._loop, beginning)

    def abandon(self) -> None:
        """For this package: nobody here works in it any more."""
        self._loop.soon(self._inner.abandon)

    def state(self, *, timeout: float | None = None) -> GhostState:
        """How the ghost stands now."""
        return self._loop.run(self._inner.state(timeout=timeout))

    def diff(
        self, *, path: str = "", page_size: int = 0, form: ValueForm = "stored", timeout: float | None = None
    ) -> Paged[NodeDifference]:
        """What differs from its base, in pages."""
        return Paged(self._loop, self._inner.diff(path=path, page_size=page_size, form=form, timeout=timeout))

    def __enter__(self) -> Ghost:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with shielded():
            self._loop.run(self._inner.__aexit__(kind, error, trace))


def begin_ghost(loop: LoopThread, beginning: _ghost.BeginningGhost) -> Ghost:
    """Begins a ghost."""
    return Ghost(loop, loop.run(_begin(beginning)))


async def _begin(beginning: _ghost.BeginningGhost) -> _ghost.Ghost:
    return await beginning
