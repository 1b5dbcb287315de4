"""Calls verbs of the SDK by name, on handles that earlier calls have made: of the sync client or the asyncio one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any, Protocol

from sdk_arguments import settled
from sdk_typed import NOTES_VERBS, WATCHING_NOTES_VERBS, Notes, WatchingNotes
from sdk_verbs import VERBS

import hyperloom
import hyperloom.sync

Tell = Callable[[Any, BaseException | None], None]
"""Takes what a call has returned, or why it failed."""


class Style(Protocol):
    """What differs between the clients."""

    name: str
    connect: Callable[..., Any]

    def start(self, work: Coroutine[Any, Any, Any], tell: Tell) -> Callable[[], object]:
        """Begins a call. Returns how it is given up."""

    def callback(self, work: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        """A function that the SDK calls."""

    async def begin(self, stream: Any) -> None:
        """Begins a subscription."""

    async def next(self, stream: Any) -> Any:
        """Its next item; `None` at its end."""

    async def leave(self, handle: Any) -> None:
        """The end of its block."""

    async def result(self, future: Any) -> Any:
        """What was submitted."""

    async def hear(self, saying: Future[None]) -> None:
        """Waits until it is said."""


class Blocking:
    """The sync client. A call has a thread, and is a coroutine that never waits for a loop."""

    name = "hyperloom.sync"
    connect = staticmethod(hyperloom.sync.connect)

    def start(self, work: Coroutine[Any, Any, Any], tell: Tell) -> Callable[[], object]:
        scope = hyperloom.sync.CancelScope()

        def run() -> None:
            try:
                with scope:
                    result = _run(work)
            except BaseException as failure:
                tell(None, failure)
            else:
                tell(result, None)

        threading.Thread(target=run, daemon=True).start()
        return scope.cancel

    def callback(self, work: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        return lambda *given: _run(work(*given))

    async def begin(self, stream: Any) -> None:
        stream.__enter__()

    async def next(self, stream: Any) -> Any:
        return next(stream, None)

    async def leave(self, handle: Any) -> None:
        if hasattr(handle, "close"):
            handle.close()
        else:
            handle.__exit__(None, None, None)

    async def result(self, future: Any) -> Any:
        return future.result()

    async def hear(self, saying: Future[None]) -> None:
        saying.result()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("a call of the sync client waited for a loop")


class Asyncio:
    """The asyncio client, in a thread that has the loop."""

    name = "hyperloom (asyncio)"
    connect = staticmethod(hyperloom.connect)

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def start(self, work: Coroutine[Any, Any, Any], tell: Tell) -> Callable[[], object]:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)

        def done(ended: Future[Any]) -> None:
            try:
                result = ended.result()
            except (CancelledError, asyncio.CancelledError):
                tell(None, asyncio.CancelledError())
            except BaseException as failure:
                tell(None, failure)
            else:
                tell(result, None)

        future.add_done_callback(done)
        return future.cancel

    def callback(self, work: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
        return work

    async def begin(self, stream: Any) -> None:
        await stream.begin()

    async def next(self, stream: Any) -> Any:
        async for item in stream:
            return item
        return None

    async def leave(self, handle: Any) -> None:
        close = getattr(handle, "close", None) or getattr(handle, "aclose", None)
        await (handle.__aexit__(None, None, None) if close is None else close())

    async def result(self, future: Any) -> Any:
        return await future

    async def hear(self, saying: Future[None]) -> None:
        await asyncio.wrap_future(saying)


class Session:
    """One program that uses the SDK."""

    def __init__(self, address: str, style: Style) -> None:
        self._address = address
        self._style = style
        self._handles: dict[str, Any] = {}
        self._clients: list[Any] = []
        self._reviews: dict[int, Any] = {}
        self._asked: dict[int, Any] = {}
        self._failures: dict[int, hyperloom.HyperloomError] = {}
        self._said: dict[str, Future[None]] = {}
        self._tokens: dict[str, str] = {}
        self.callback = style.callback
        self.leave = style.leave
        self.result = style.result

    def call(self, target: str, verb: str, handle: str, args: Mapping[str, Any], tell: Tell) -> Callable[[], object]:
        """Begins a call. Returns how it is given up."""
        return self._style.start(self._call(target, verb, handle, args), tell)

    async def _call(self, target: str, verb: str, handle: str, args: Mapping[str, Any]) -> Any:
        if verb == "connect":
            return self._connect(handle, args)
        if verb == "show":
            self._tokens[target] = args["token"]
            return {}
        if verb == "proceed":
            self._saying(args["name"]).set_result(None)
            return {}
        on = self._handles[target]
        return await _verbs_of(on)[verb](self, on, args, handle)

    def _connect(self, handle: str, args: Mapping[str, Any]) -> Any:
        timeout = {"timeout": args["timeoutMs"] / 1000} if "timeoutMs" in args else {}
        balancing = {"load_balancing": args["loadBalancing"]} if "loadBalancing" in args else {}
        token: dict[str, Any] = {}
        if "token" in args:
            self._tokens[handle] = args["token"]
            token = {"token": lambda: self._tokens[handle]}
        client = self._style.connect(
            args.get("addresses", self._address),
            author=args.get("author", ""),
            forest=args.get("forest", "default"),
            track_basis=args.get("trackBasis", True),
            **timeout,
            **balancing,
            **token,
        )
        self._clients.append(client)
        self.keep(handle, client)
        return {"author": client.author, "forest": client.forest}

    def close(self) -> None:
        """Drops everything, in the background."""
        for client in self._clients:
            self._style.start(_close(client), lambda _result, _failure: None)

    async def begin(self, stream: Any) -> None:
        """Begins a subscription. What is wrong with it is told with its first item, as by clients that begin there."""
        try:
            await self._style.begin(stream)
        except hyperloom.HyperloomError as failure:
            self._failures[id(stream)] = failure

    async def next(self, stream: Any) -> Any:
        """Its next item; `None` at its end."""
        if failure := self._failures.get(id(stream)):
            raise failure
        return await self._style.next(stream)

    async def hear(self, name: str) -> None:
        """Waits until `proceed` has said that name."""
        await self._style.hear(self._saying(name))

    def _saying(self, name: str) -> Future[None]:
        return self._said.setdefault(name, Future())

    def keep(self, name: str, handle: Any) -> None:
        """Gives a handle its name."""
        self._handles[name] = handle

    def find(self, name: str | None) -> Any:
        """The handle of that name; `None` for none."""
        return None if name is None else self._handles[name]

    def other(self) -> Any:
        """Somebody else, in the forest of the first client."""
        return self._clients[0].as_agent("other")

    def keep_reviews(self, name: str, subscription: Any, reviews: Any) -> None:
        """Gives a subscription to reviews its name."""
        self.keep(name, subscription)
        self._reviews[id(subscription)] = reviews

    def note_review(self, subscription: Any, item: Any) -> None:
        """A review that is asked for is the one that is decided next."""
        if isinstance(item, hyperloom.PendingReview):
            self._asked[id(subscription)] = item

    def asked(self, subscription: Any) -> tuple[Any, Any]:
        """Whose reviews they are, and the last one that was asked for."""
        return self._reviews[id(subscription)], self._asked[id(subscription)]


def _verbs_of(on: Any) -> Mapping[str, Any]:
    if isinstance(on, Notes):
        return NOTES_VERBS
    return WATCHING_NOTES_VERBS if isinstance(on, WatchingNotes) else VERBS


async def _close(client: Any) -> None:
    await settled(client.close())
