"""Pages of what happened: history, differences, blame. The pages' requests differ in the token alone."""

from __future__ import annotations

from hyperloom._connection import Connection
from hyperloom._events import BlameLine, Event, blame_line_from, event_from
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._methods import BLAME, DIFF, HISTORY
from hyperloom._paged import Page, Paged
from hyperloom._records import NodeDifference, difference_from


def history(connection: Connection, request: context.HistoryRequest, timeout: float | None) -> Paged[Event]:
    async def fetch(page_token: str) -> Page[Event]:
        request.page_token = page_token
        answer = await connection.call(HISTORY, request, timeout)
        return Page(tuple(map(event_from, answer.events)), answer.next_page_token, 0)

    return Paged(fetch)


def diff(connection: Connection, request: context.DiffRequest, timeout: float | None) -> Paged[NodeDifference]:
    async def fetch(page_token: str) -> Page[NodeDifference]:
        request.page_token = page_token
        answer = await connection.call(DIFF, request, timeout)
        return Page(tuple(map(difference_from, answer.differences)), answer.next_page_token, 0)

    return Paged(fetch)


def blame(connection: Connection, request: context.BlameRequest, timeout: float | None) -> Paged[BlameLine]:
    async def fetch(page_token: str) -> Page[BlameLine]:
        request.page_token = page_token
        answer = await connection.call(BLAME, request, timeout)
        return Page(tuple(map(blame_line_from, answer.lines)), answer.next_page_token, 0)

    return Paged(fetch)
