"""Nodes and tools whose every call works in a ghost until a verifier accepts it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

import hyperloom.sync
from hyperloom._errors import SpeculationFailed
from hyperloom._ghost import Ghost
from hyperloom._speculate import Attempt, Verdict
from hyperloom._speculating import Speculating
from hyperloom._sync.speculating import Speculating as BlockingSpeculating
from hyperloom.gate import Gate
from hyperloom.langgraph._hidden import hide_first

P = ParamSpec("P")
Result = TypeVar("Result")
Otherwise = Callable[[SpeculationFailed], Any]


@overload
def speculative(
    broker: Speculating,
    verify: Callable[[Ghost, Any], Awaitable[Verdict]] | None = None,
    *,
    retries: int = 3,
    scope: str = "",
    gates: Sequence[Gate] = (),
    otherwise: Otherwise | None = None,
) -> Callable[[Callable[Concatenate[Ghost, Attempt, P], Awaitable[Result]]], Callable[P, Awaitable[Result]]]: ...


@overload
def speculative(
    broker: BlockingSpeculating,
    verify: Callable[[hyperloom.sync.Ghost, Any], Verdict] | None = None,
    *,
    retries: int = 3,
    scope: str = "",
    gates: Sequence[Gate] = (),
    otherwise: Otherwise | None = None,
) -> Callable[[Callable[Concatenate[hyperloom.sync.Ghost, Attempt, P], Result]], Callable[P, Result]]: ...


def speculative(
    broker: Speculating | BlockingSpeculating,
    verify: Callable[..., Any] | None = None,
    *,
    retries: int = 3,
    scope: str = "",
    gates: Sequence[Gate] = (),
    otherwise: Otherwise | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes a node, or what a tool does, of a function that works in a ghost: `def book(ghost, attempt, state)`.

    Each call begins a ghost of `broker`, does the work in it, and commits when `verify(ghost, result)` accepts: with
    `True` or `None`. It refuses with a reason, `False`, or an exception: then the ghost goes back to its checkpoint,
    and the work is done again with the reasons so far (`attempt.reasons`), at most `retries` times. After that
    `otherwise(error)` is the result, with all reasons in `error.reasons`: an update of the state, a `Command` that goes
    elsewhere, a text for the model (`tell_reasons`). Without it, `hyperloom.SpeculationFailed` ends the run, which can
    be taken up again from its last checkpoint. Nothing that was refused is ever seen outside, and what the work raises,
    an interrupt too, reverts the ghost.

    `broker` is a client, ghost or lock: of `hyperloom.sync` for `def`, of asyncio for `async def`, `verify` likewise.
    LangGraph sees the function without its first two arguments: what else it takes (`config`, `store`, a tool's
    arguments) it is given. `scope` and `gates` are those of the ghost.
    """
    if not isinstance(broker, (Speculating, BlockingSpeculating)):
        raise TypeError(
            "speculative takes a client of hyperloom.connect(…) or hyperloom.sync.connect(…), a ghost or a lock, "
            f"not {type(broker).__name__}"
        )

    def decorate(work: Callable[..., Any]) -> Callable[..., Any]:
        _check(work, broker)
        options: dict[str, Any] = {"retries": retries, "label": work.__name__, "scope": scope, "gates": gates}

        async def call(*args: Any, **kwargs: Any) -> Any:
            async def attempt_it(ghost: Ghost, attempt: Attempt) -> Any:
                return await work(ghost, attempt, *args, **kwargs)

            try:
                return (await broker.speculate(attempt_it, verify, **options)).result  # type: ignore[misc, arg-type]
            except SpeculationFailed as error:
                if otherwise is None:
                    raise
                return otherwise(error)

        def call_blocking(*args: Any, **kwargs: Any) -> Any:
            def attempt_it(ghost: hyperloom.sync.Ghost, attempt: Attempt) -> Any:
                return work(ghost, attempt, *args, **kwargs)

            try:
                return broker.speculate(attempt_it, verify, **options).result  # type: ignore[union-attr, arg-type]
            except SpeculationFailed as error:
                if otherwise is None:
                    raise
                return otherwise(error)

        made: Callable[..., Any] = call if isinstance(broker, Speculating) else call_blocking
        hide_first(made, work, 2)
        return made

    return decorate


def tell_reasons(error: SpeculationFailed) -> str:
    """For `otherwise` of a tool: what the model is told where no attempt was accepted."""
    reasons = "\n".join(f"{number}. {reason}" for number, reason in enumerate(error.reasons, 1))
    return f"Nothing was changed: all {len(error.reasons)} attempts were refused, because\n{reasons}"


def _check(work: Callable[..., Any], broker: Speculating | BlockingSpeculating) -> None:
    if len(inspect.signature(work).parameters) < 2:
        raise TypeError(f"{work!r} must take a ghost and an attempt before its own arguments")
    is_async = inspect.iscoroutinefunction(work)
    if is_async and not isinstance(broker, Speculating):
        raise TypeError(f"{work!r} is `async def`: give speculative a client of hyperloom.connect(…), or make it `def`")
    if not is_async and isinstance(broker, Speculating):
        raise TypeError(f"{work!r} is no `async def`: give speculative a client of hyperloom.sync.connect(…)")
