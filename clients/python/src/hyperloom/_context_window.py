"""The context of an agent's prompt, kept up to date."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from hyperloom._agent import Agent
from hyperloom._basis import SUBTREE, BasisEntry
from hyperloom._errors import HyperloomError, RevisionError
from hyperloom._render import RenderedContext


@dataclass(frozen=True, slots=True)
class ContextUpdate:
    """What has become of a context."""

    text: str
    """The whole text."""
    added: str
    """What was added at its end; all of it where `rebased`."""
    rebased: bool
    """True where a new layout was begun: the text does not begin as before."""
    revision: int
    """The trunk revision that it shows."""
    tokens: int
    """What the whole text takes."""
    left_out: int
    """Nodes and changes that the budget has left out; the text says so too."""
    age: timedelta | None = None
    """How old what it shows may be at most; see `Node.age`."""


Render = Callable[[int, int, "float | None"], Awaitable[RenderedContext]]
"""Renders the window's parts: called with the base revision, since which revision, and the timeout."""


class ContextWindow:
    """It remembers its layout, asks only for what has changed, and begins a new layout where going on with the old one
    costs more than it saves. Until then its text only grows at the end, so that what a model's provider has cached of
    the prompt stays valid.
    """

    def __init__(self, render: Render, agent: Agent, in_ghost: bool, rebase_factor: float) -> None:
        self._render = render
        self._agent = agent
        self._in_ghost = in_ghost
        self._rebase_factor = rebase_factor
        # What the text shows, each thing at its newest. Whoever writes from it stands on all of it, however long ago
        # it came.
        self._shown: dict[tuple[str, bool], BasisEntry] = {}
        self._text = ""
        self._base_revision = 0
        self._revision = 0
        self._left_out_at_base = 0
        self._under_way = asyncio.Lock()

    @property
    def text(self) -> str:
        """The text as of the last update."""
        return self._text

    @property
    def revision(self) -> int:
        """The trunk revision that it shows."""
        return self._revision

    @property
    def base_revision(self) -> int:
        """The layout: the trunk revision at which its beginning was fixed. 0: none yet."""
        return self._base_revision

    def rebase(self) -> None:
        """The next update begins a new layout."""
        self._base_revision = 0

    async def update(self, *, timeout: float | None = None) -> ContextUpdate:
        """Brings it up to date. All that it shows counts as read, also what came with earlier updates."""
        async with self._under_way:
            following = await self._go_on(timeout) if self._base_revision else None
            if following is None or self._is_worn_out(following):
                return await self._begin(timeout)
            return self._take(following)

    async def _go_on(self, timeout: float | None) -> RenderedContext | None:
        """`None` where the layout cannot be gone on with."""
        # What is staged in a ghost may be taken back, so its text is asked for as a whole.
        since = 0 if self._in_ghost else self._revision
        try:
            return await self._render(self._base_revision, since, timeout)
        except HyperloomError as error:
            if isinstance(error, RevisionError) or error.reason == "LIMIT_EXCEEDED":
                return None
            raise

    def _is_worn_out(self, following: RenderedContext) -> bool:
        costs = following.layout_tokens > self._rebase_factor * following.rebased_tokens
        return following.left_out > self._left_out_at_base or costs

    async def _begin(self, timeout: float | None) -> ContextUpdate:
        rendered = await self._render(0, 0, timeout)
        rebased = self._text != ""
        self._shown.clear()
        self._text = rendered.text
        self._base_revision = rendered.base_revision
        self._left_out_at_base = rendered.left_out
        return self._seen(rendered, rendered.text, rebased)

    def _take(self, rendered: RenderedContext) -> ContextUpdate:
        if not self._in_ghost:
            self._text += rendered.text
            return self._seen(rendered, rendered.text, False)
        is_longer = rendered.text.startswith(self._text)
        added = rendered.text[len(self._text) :] if is_longer else rendered.text
        self._text = rendered.text
        return self._seen(rendered, added, not is_longer)

    def _seen(self, rendered: RenderedContext, added: str, rebased: bool) -> ContextUpdate:
        self._revision = rendered.revision
        for entry in rendered.basis:
            self._shown[entry.path, entry.extent == SUBTREE] = entry
        self._agent.note_all(self._shown.values())
        return ContextUpdate(
            self._text,
            added,
            rebased,
            rendered.revision,
            rendered.layout_tokens,
            rendered.left_out,
            rendered.age,
        )
