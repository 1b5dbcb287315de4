"""Publishes, many in flight on one stream, each applied exactly once.

Rules: requests are sent in the order in which they were submitted, and outcomes come in that order. What has no
outcome when the stream breaks is sent again, in the same order, on the next one; the broker recognises the request ids
and answers what it had applied with its first outcome. What timed out or was cancelled is not sent any more; if it had
been sent, it may have taken effect. The stream is opened with the first publish and stays open. Where the broker takes
several in a message, those that wait when one is sent go together: a message costs more than all else about a publish.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Protocol, TypeAlias

import grpc
import grpc.aio

from hyperloom import _limits
from hyperloom._basis import BasisEntry
from hyperloom._errors import (
    ClosedError,
    DeadlineExceededError,
    HyperloomError,
    InvalidRequestError,
    UnavailableError,
    is_retryable,
    is_unexplained,
    outlived,
)
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._methods import PUBLISH, PUBLISH_STREAM
from hyperloom._records import Published
from hyperloom._status import error_from_refusal, error_from_rpc
from hyperloom._transport import Transport, log
from hyperloom._window import Window

# The tag of `PublishStreamRequest.more`; that of `publish` is a byte too.
_MORE_TAG = b"\x12"

Stream: TypeAlias = "grpc.aio.StreamStreamCall[bytes, context.PublishStreamResponse]"


class Observer(Protocol):
    """Looks at outcomes before the caller does."""

    def on_published(self, published: Published) -> HyperloomError | None:
        """It took effect. An error that this returns becomes the outcome."""

    def on_refused(self, basis: Sequence[BasisEntry], error: HyperloomError) -> None:
        """It did not, or nobody knows; this was its basis."""


class Pending:
    """A publish without an outcome yet."""

    __slots__ = ("basis", "deadline", "future", "hindrance", "message", "observer", "timeout")

    def __init__(self, message: bytes, observer: Observer, basis: Sequence[BasisEntry], timeout: float) -> None:
        loop = asyncio.get_running_loop()
        self.message = message
        self.observer = observer
        self.basis = basis
        self.hindrance: HyperloomError | None = None
        """What ended the newest attempt."""
        self.future: asyncio.Future[Published] = loop.create_future()
        self.timeout = timeout
        self.deadline = loop.time() + timeout

    def expire(self) -> None:
        """No outcome in time."""
        text = f"no outcome of the publish within {self.timeout:.3g} s; it may still take effect"
        if self.hindrance is not None:
            text = f"{text}; the newest attempt: {self.hindrance}"
        error = DeadlineExceededError(text, code=grpc.StatusCode.DEADLINE_EXCEEDED)
        error.__cause__ = self.hindrance
        self.fail(error)

    def succeed(self, outcome: Published) -> None:
        """It took effect."""
        error = self.observer.on_published(outcome)
        if self.future.done():
            return
        if error is None:
            self.future.set_result(outcome)
        else:
            self.future.set_exception(error)

    def fail(self, error: Exception) -> None:
        """It did not, or nobody knows."""
        if not self.future.done():
            self.future.set_exception(error)
            known = error if isinstance(error, HyperloomError) else HyperloomError(str(error))
            self.observer.on_refused(self.basis, known)


class Publisher:
    """The publishes of one connection, from any number of agents."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._window = Window(_limits.PUBLISHES_IN_FLIGHT_MAX, _limits.PUBLISH_BYTES_IN_FLIGHT_MAX, self._queue)
        self._waiting: deque[Pending] = deque()
        self._sent: deque[Pending] = deque()
        self._arrived = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._call: Stream | None = None
        self._writing = False
        self._under_way = False
        self._per_message = 1
        self._backoff = transport.backoff()
        self._unexplained = 0
        self._closed = False
        self._over = False

    async def submit(
        self,
        request: context.PublishStreamRequest,
        observer: Observer,
        basis: Sequence[BasisEntry],
        timeout: float,
    ) -> asyncio.Future[Published]:
        """Queues a publish, waiting while too many are in flight; the future has its outcome within `timeout` seconds.

        Raises `InvalidRequestError` for more than 16 MiB, `DeadlineExceededError` where no room came free in time.
        """
        message = request.SerializeToString()
        if len(message) > _limits.SENT_MESSAGE_BYTES_MAX:
            raise _too_large(len(message))
        if self._closed:
            raise ClosedError("the client is closed", code=grpc.StatusCode.CANCELLED)
        pending = Pending(message, observer, basis, timeout)
        if not self._window.try_enter(len(message), pending):
            await self._wait_for_room(pending)
        return pending.future

    async def _wait_for_room(self, pending: Pending) -> None:
        try:
            await self._window.enter(len(pending.message), pending, pending.timeout)
        except TimeoutError:
            pending.future.cancel()
            text = f"too many publishes in flight for {pending.timeout} s; this one was not sent"
            raise DeadlineExceededError(text, code=grpc.StatusCode.DEADLINE_EXCEEDED) from None
        except asyncio.CancelledError:
            pending.future.cancel()
            raise

    def _queue(self, pending: Pending) -> None:
        """There is room for it."""
        self._waiting.append(pending)
        self._watch(pending.deadline)
        self._arrived.set()
        if (self._runner is None or self._runner.done()) and not self._over:
            self._runner = asyncio.create_task(self._run(), name="hyperloom publisher")

    async def publish_apart(
        self, request: context.PublishRequest, observer: Observer, basis: Sequence[BasisEntry], timeout: float
    ) -> Published:
        """A publish that may wait for locks goes by a call of its own: on the stream it would hold up the outcomes of
        those behind it. It goes when those before it have theirs, so that the order stays."""
        await self.flush()
        try:
            answer = await self._transport.unary(PUBLISH, request, timeout)
        except HyperloomError as error:
            observer.on_refused(basis, error)
            raise
        outcome = Published(answer.revision, answer.sequence, answer.repeated, answer.edition)
        failure = observer.on_published(outcome)
        if failure is not None:
            raise failure
        return outcome

    async def flush(self) -> None:
        """Waits until everything submitted so far has its outcome, good or bad."""
        futures = [pending.future for pending in (*self._sent, *self._waiting, *self._window.line())]
        # The newest usually is the last to have one; but where it was given up, those before it have none yet.
        for future in reversed(futures):
            if not future.done():
                await asyncio.wait([future])

    async def close(self) -> None:
        """Gives what is in flight a few seconds, then ends the stream; what still has no outcome fails."""
        if not self._closed:
            self._closed = True
            await asyncio.wait([asyncio.ensure_future(self.flush())], timeout=_limits.LEAVE_SECONDS_MAX)
        self._over = True
        if self._runner is not None and not self._runner.done():
            # A call that is cancelled ends its reading by itself; reading that is cancelled leaves the call behind.
            (self._call or self._runner).cancel()
            await asyncio.wait([self._runner])
        # Their room goes to those who still wait for some.
        while left := (*self._sent, *self._waiting):
            self._sent.clear()
            self._waiting.clear()
            self._fail(left, ClosedError("the client is closed", code=grpc.StatusCode.CANCELLED))
        if self._timer is not None:
            self._timer.cancel()

    async def _run(self) -> None:
        """Opens streams for as long as there is anything to send."""
        while True:
            self._drop_given_up()
            if not self._waiting:
                return
            try:
                call = self._transport.publish_stream(PUBLISH_STREAM)
            except Exception as failure:
                # It cannot even be asked for, as where the program's own function for tokens fails: all are told.
                waiting = tuple(self._waiting)
                self._waiting.clear()
                self._fail(waiting, failure)
                continue
            error = await self._use_stream(call)
            # Closed in the very moment in which the connection broke: there was nothing left to cancel.
            if self._over:
                return
            if is_retryable(error) or (is_unexplained(error) and self._unexplained < _limits.UNEXPLAINED_BREAKS_MAX):
                self._unexplained += is_unexplained(error)
                for pending in self._sent:
                    pending.hindrance = error
                self._waiting.extendleft(reversed(self._sent))
                self._sent.clear()
                log.debug("publish stream: %s; %d publishes to send again", error, len(self._waiting))
                await asyncio.sleep(self._backoff.next_seconds())
            else:
                log.debug("publish stream: %s; %d publishes failed", error, len(self._sent))
                self._fail(tuple(self._sent), error)
                self._sent.clear()

    async def _use_stream(self, call: Stream) -> HyperloomError:
        """Sends and reads until the stream ends; says why it did."""
        self._call = call
        self._per_message = 1
        self._writing = False
        self._under_way = False
        writer = asyncio.create_task(self._write(call))
        try:
            return await self._read(call)
        except grpc.aio.AioRpcError as failure:
            error = error_from_rpc(failure)
            return outlived(error) if self._under_way else error
        finally:
            self._call = None
            await self._transport.end(call)
            # What is being written is not called off, or grpcio would keep it for ever: it ends with the call.
            if not self._writing:
                writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self, call: Stream) -> None:
        """Ends when the stream does; the reader knows why that did."""
        while not call.done():
            message = self._next_message()
            if not message:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            # Only the wait for a connection may be cancelled: one that never comes about is not told to whoever writes.
            await call.wait_for_connection()
            self._writing = True
            await call.write(message)
            # It may have gone well and the stream have ended meanwhile. Who waited now would not be woken any more.
            self._writing = False

    def _next_message(self) -> bytes:
        """Takes those that wait, several where the broker takes them so; empty where none is wanted any more."""
        parts: list[bytes] = []
        size = 0
        while self._waiting and len(parts) < self._per_message:
            pending = self._waiting[0]
            if parts and size + len(pending.message) > _limits.PUBLISH_BYTES_PER_MESSAGE_MAX:
                break
            self._waiting.popleft()
            if pending.future.done():
                self._settle(pending)
                continue
            self._sent.append(pending)
            size += len(pending.message)
            # The first is `publish` of the message, the others are `more`, the field behind it.
            parts.append(_MORE_TAG + pending.message[1:] if parts else pending.message)
        return b"".join(parts)

    async def _read(self, call: Stream) -> HyperloomError:
        while True:
            response = await call.read()
            if not isinstance(response, context.PublishStreamResponse):
                return UnavailableError("the broker ended the stream", code=grpc.StatusCode.UNAVAILABLE)
            self._under_way = True
            if self._per_message == 1:
                self._per_message = await _per_message(call)
            outcomes: list[context.PublishStreamResponse | context.PublishOutcome] = [response, *response.more]
            for outcome in outcomes:
                error = self._take(outcome)
                if error is not None:
                    return error
            self._backoff.reset()
            self._unexplained = 0

    def _take(self, outcome: context.PublishStreamResponse | context.PublishOutcome) -> HyperloomError | None:
        """The outcome of the oldest publish. An error that this returns ends the stream."""
        if not self._sent:
            return HyperloomError("the broker sent an outcome that nobody waits for", code=grpc.StatusCode.INTERNAL)
        if outcome.WhichOneof("outcome") == "published":
            published = outcome.published
            pending = self._sent.popleft()
            pending.succeed(Published(published.revision, published.sequence, published.repeated, published.edition))
        else:
            error = error_from_refusal(outcome.refused)
            if is_retryable(error):
                return error
            pending = self._sent.popleft()
            pending.fail(error)
        self._settle(pending)
        return None

    def _watch(self, deadline: float) -> None:
        """One timer serves all: it stands at the earliest deadline. Setting one for each took a tenth of a publish."""
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(deadline, self._on_deadline)

    def _on_deadline(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        left = [pending for pending in (*self._sent, *self._waiting) if not pending.future.done()]
        # Several may be over where the loop comes late.
        for pending in sorted(left, key=lambda pending: pending.deadline):
            if pending.deadline > now:
                self._watch(pending.deadline)
                break
            pending.expire()

    def _settle(self, pending: Pending) -> None:
        self._window.leave(len(pending.message))

    def _fail(self, failed: Sequence[Pending], error: Exception) -> None:
        for pending in failed:
            pending.fail(error)
            self._settle(pending)

    def _drop_given_up(self) -> None:
        given_up = [pending for pending in self._waiting if pending.future.done()]
        self._waiting = deque(pending for pending in self._waiting if not pending.future.done())
        for pending in given_up:
            self._settle(pending)


async def _per_message(call: Stream) -> int:
    """How many publishes the broker takes in a message. Its first answer brings the header that says so."""
    for name, _ in await call.initial_metadata():
        if name == "hyperloom-publish-more":
            return _limits.PUBLISHES_PER_MESSAGE_MAX
    return 1


def _too_large(size: int) -> InvalidRequestError:
    maximum = _limits.SENT_MESSAGE_BYTES_MAX
    return InvalidRequestError(
        f"a publish of {size} bytes is over the limit of {maximum}; split it",
        code=grpc.StatusCode.INVALID_ARGUMENT,
        reason="LIMIT_EXCEEDED",
        metadata={"limit": "messageBytesMax", "maximum": str(maximum), "actual": str(size)},
    )
