"""What a client, a ghost and a lock can do beside reading nodes, blocking: find them, and render them for a model."""

from __future__ import annotations

from hyperloom import _context_window, _contexts, _limits
from hyperloom._context_window import ContextUpdate
from hyperloom._render import RenderedContext, RenderFormat, RenderParts, Tokenizer
from hyperloom._search import SearchHit, SearchTarget
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.verbs import Verbs


class Contexts(Verbs):
    """What it shows is of the trunk, or of the ghost that it is called on; it counts as read."""

    def __init__(self, loop: LoopThread, inner: _contexts.Contexts) -> None:
        super().__init__(loop, inner)
        self._contexts = inner

    def search(
        self,
        query: str,
        *,
        path: str = "",
        target: SearchTarget = "everything",
        at_revision: int = 0,
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Paged[SearchHit]:
        """Finds nodes by a text in their paths or values, whatever the case of its letters, in pages."""
        inner = self._contexts.search(
            query, path=path, target=target, at_revision=at_revision, page_size=page_size, timeout=timeout
        )
        return Paged(self._loop, inner)

    def render_context(
        self,
        parts: RenderParts,
        token_budget: int,
        *,
        change_token_budget: int | None = None,
        base_revision: int = 0,
        since_revision: int = 0,
        since_sequence: int = 0,
        at_revision: int = 0,
        format: RenderFormat = "text",
        tokenizer: Tokenizer = "o200k",
        token_factor: float = 1.0,
        timeout: float | None = None,
    ) -> RenderedContext:
        """State as text for a model's prompt, under a budget of tokens: at least 128."""
        return self._loop.run(
            self._contexts.render_context(
                parts,
                token_budget,
                change_token_budget=change_token_budget,
                base_revision=base_revision,
                since_revision=since_revision,
                since_sequence=since_sequence,
                at_revision=at_revision,
                format=format,
                tokenizer=tokenizer,
                token_factor=token_factor,
                timeout=timeout,
            )
        )

    def context_window(
        self,
        parts: RenderParts,
        token_budget: int,
        *,
        change_token_budget: int | None = None,
        format: RenderFormat = "text",
        tokenizer: Tokenizer = "o200k",
        token_factor: float = 1.0,
        rebase_factor: float = _limits.REBASE_FACTOR_DEFAULT,
    ) -> ContextWindow:
        """A context for a prompt that is kept up to date: `window.update()` before each call of the model."""
        inner = self._contexts.context_window(
            parts,
            token_budget,
            change_token_budget=change_token_budget,
            format=format,
            tokenizer=tokenizer,
            token_factor=token_factor,
            rebase_factor=rebase_factor,
        )
        return ContextWindow(self._loop, inner)


class ContextWindow:
    """The context of an agent's prompt, kept up to date; see the asyncio client."""

    def __init__(self, loop: LoopThread, inner: _context_window.ContextWindow) -> None:
        self._loop = loop
        self._inner = inner

    @property
    def text(self) -> str:
        """The text as of the last update."""
        return self._inner.text

    @property
    def revision(self) -> int:
        """The trunk revision that it shows."""
        return self._inner.revision

    @property
    def base_revision(self) -> int:
        """The layout: the trunk revision at which its beginning was fixed. 0: none yet."""
        return self._inner.base_revision

    def rebase(self) -> None:
        """The next update begins a new layout."""
        self._inner.rebase()

    def update(self, *, timeout: float | None = None) -> ContextUpdate:
        """Brings it up to date. All that it shows counts as read, also what came with earlier updates."""
        return self._loop.run(self._inner.update(timeout=timeout))
