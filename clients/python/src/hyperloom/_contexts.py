"""What a client, a ghost and a lock can do beside reading nodes: find them, and render them for a model."""

from __future__ import annotations

from hyperloom import _limits
from hyperloom._context_window import ContextWindow
from hyperloom._gen.v1 import render_pb2, search_pb2
from hyperloom._methods import RENDER_CONTEXT
from hyperloom._paged import Paged
from hyperloom._render import RenderedContext, RenderFormat, RenderParts, Tokenizer, part_messages, rendered_from
from hyperloom._search import SearchHit, SearchTarget, search
from hyperloom._verbs import Verbs


class Contexts(Verbs):
    """What it shows is of the trunk, or of the ghost that it is called on; it counts as read."""

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
        """Finds nodes by a text in their paths or values, whatever the case of its letters, in pages, some of which
        may be empty. `path`: only this node and what is below it."""
        request = search_pb2.SearchRequest(
            forest=self._agent.forest,
            path=path,
            query=query,
            target=f"SEARCH_TARGET_{target.upper()}",
            at_revision=at_revision,
            ghost_id=self._ghost_id,
            page_size=page_size,
        )
        return search(self._connection, self._agent, request, timeout)

    async def render_context(
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
        """State as text for a model's prompt, under a budget of tokens: at least 128.

        The text of one layout (`base_revision`, as the answer that began it tells) only grows at its end, and
        `since_revision` asks for what comes behind the text that ended there; `context_window` remembers both.
        `change_token_budget`: how much of the budget the beginning leaves to what changes later, a quarter by default.
        `token_factor`: for other models, tokens count as this many times those of the tokenizer.
        """
        is_of_now = not self._ghost_id and not at_revision
        request = render_pb2.RenderContextRequest(
            forest=self._agent.forest,
            parts=part_messages(parts),
            at_revision=at_revision,
            ghost_id=self._ghost_id,
            edition=self._known_edition,
            at_least_revision=self._agent.newest_revision if is_of_now else 0,
            base_revision=base_revision,
            since_revision=since_revision,
            since_sequence=since_sequence,
            format=render_pb2.RENDER_FORMAT_JSON if format == "json" else render_pb2.RENDER_FORMAT_TEXT,
            token_budget=token_budget,
            change_token_budget=change_token_budget,
            tokenizer=render_pb2.TOKENIZER_CL100K if tokenizer == "cl100k" else render_pb2.TOKENIZER_O200K,
            token_factor=token_factor,
            author=self._agent.author,
        )
        rendered = rendered_from(await self._call(RENDER_CONTEXT, request, timeout))
        self._agent.see(rendered.revision)
        self._agent.note_all(rendered.basis)
        return rendered

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
        """A context for a prompt that is kept up to date: `await window.update()` before each call of the model.

        `rebase_factor`: a new layout is begun when the old one takes so many times what the new one would.
        """

        async def render(base_revision: int, since_revision: int, timeout: float | None) -> RenderedContext:
            return await self.render_context(
                parts,
                token_budget,
                change_token_budget=change_token_budget,
                base_revision=base_revision,
                since_revision=since_revision,
                format=format,
                tokenizer=tokenizer,
                token_factor=token_factor,
                timeout=timeout,
            )

        return ContextWindow(render, self._agent, self.is_ghost, rebase_factor)
