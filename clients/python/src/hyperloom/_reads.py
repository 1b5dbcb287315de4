"""The verbs that read."""

from __future__ import annotations

from collections.abc import Sequence

from hyperloom._agent import Consistency
from hyperloom._basis import SUBTREE
from hyperloom._deprecated import deprecated
from hyperloom._errors import NotFoundError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._kinds import age_from
from hyperloom._methods import BATCH_GET, GET, LIST
from hyperloom._node import Node
from hyperloom._paged import Page, Paged
from hyperloom._standing import Standing
from hyperloom._value_view import Pins, ValueForm, value_view


class Reads(Standing):
    """See `Verbs`."""

    async def get(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node:
        """Reads a node. Raises `NotFoundError` where there is none; reading never creates anything.

        `form="json"` tells messages as JSON. `pins`: the versions of schemas, by name, that this program knows.
        """
        agent = self._agent
        view = agent.view(self._ghost_id, self._known_edition, at_revision, consistency)
        request = context.GetRequest(
            forest=agent.forest, path=path, view=view, values=value_view(form, pins), author=agent.author
        )
        try:
            answer = await self._call(GET, request, timeout)
        except NotFoundError as error:
            agent.note_absence(path, error)
            raise
        agent.note(path, answer.revision, nodes=(answer.node,))
        return Node(answer.node, answer.revision, age_from(answer))

    async def find(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node | None:
        """Reads a node, or `None` where there is none."""
        try:
            return await self.get(
                path, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout
            )
        except NotFoundError as error:
            if error.reason == "NODE_NOT_FOUND":
                return None
            raise

    @deprecated("use find: that is its name in every language")
    async def get_or_none(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node | None:
        """The older name of `find`."""
        return await self.find(
            path, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout
        )

    async def batch_get(
        self,
        paths: Sequence[str],
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> tuple[Node, ...]:
        """Reads up to 1,000 nodes at one revision, in the order of the paths; those that do not exist are left out."""
        agent = self._agent
        view = agent.view(self._ghost_id, self._known_edition, at_revision, consistency)
        values = value_view(form, pins)
        request = context.BatchGetRequest(
            forest=agent.forest, paths=paths, view=view, values=values, author=agent.author
        )
        answer = await self._call(BATCH_GET, request, timeout)
        agent.note_batch(paths, answer)
        age = age_from(answer)
        return tuple(Node(node, answer.revision, age) for node in answer.nodes)

    def list(
        self,
        path: str,
        *,
        depth: int = 1,
        keys_only: bool = False,
        page_size: int = 0,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Paged[Node]:
        """Reads what is below a node, in the order of the paths' bytes, all pages at one revision.

        `depth` 1 is direct children, 0 everything below. `page_size` is at most 10,000 nodes, 1,000 by default.
        """
        agent = self._agent

        async def fetch(page_token: str) -> Page[Node]:
            request = context.ListRequest(
                forest=agent.forest,
                path=path,
                depth=depth,
                detail=context.LIST_DETAIL_KEYS if keys_only else context.LIST_DETAIL_VALUES,
                page_size=page_size,
                page_token=page_token,
                view=view,
                values=values,
                author=agent.author,
            )
            answer = await self._call(LIST, request, timeout)
            agent.note(path, answer.revision, SUBTREE, answer.nodes)
            age = age_from(answer)
            nodes = tuple(Node(node, answer.revision, age) for node in answer.nodes)
            return Page(nodes, answer.next_page_token, answer.revision, age)

        view = agent.view(self._ghost_id, self._known_edition, at_revision, consistency)
        values = value_view(form, pins)
        return Paged(fetch)
