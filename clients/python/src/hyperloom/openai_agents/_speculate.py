"""A tool whose every call works in a ghost until a verifier accepts it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from agents import FunctionTool, RunContextWrapper, default_tool_error_function, function_tool
from agents.exceptions import UserError

from hyperloom._errors import SpeculationFailed
from hyperloom._ghost import Ghost
from hyperloom._speculate import Attempt, Verdict
from hyperloom._speculating import Speculating
from hyperloom.gate import Gate

P = ParamSpec("P")
Result = TypeVar("Result")
Work = Callable[Concatenate[Ghost, Attempt, P], Awaitable[Result]]


def speculative_tool(
    broker: Speculating,
    verify: Callable[[Ghost, Any], Awaitable[Verdict]] | None = None,
    *,
    retries: int = 3,
    scope: str = "",
    gates: Sequence[Gate] = (),
    **options: Any,
) -> Callable[[Work[P, Result]], FunctionTool]:
    """Makes a tool of a function that works in a ghost: `async def edit(ghost, attempt, …)`; the rest is what it takes.

    Each call begins a ghost of `broker` (a client, ghost or lock of asyncio), does the work in it, and commits when
    `verify(ghost, result)` accepts: with `True` or `None`. It refuses with a reason, `False`, or an exception: then the
    ghost goes back to its checkpoint, and the work is done again with the reasons so far (`attempt.reasons`), at most
    `retries` times. After that the model is told all reasons. Nothing that was refused is ever seen outside, and
    what the work raises reverts the ghost. `scope` and `gates` are those of the ghost; `options` those of
    `agents.function_tool`.
    """
    if not isinstance(broker, Speculating):
        raise UserError(
            f"speculative_tool takes a client of hyperloom.connect(…), a ghost or a lock, not {type(broker).__name__}"
        )
    options.setdefault("failure_error_function", tell_reasons)

    def decorate(work: Work[P, Result]) -> FunctionTool:
        parameters = list(inspect.signature(work).parameters.values())
        if len(parameters) < 2 or not inspect.iscoroutinefunction(work):
            raise UserError(f"{work!r} must be `async def` and take a ghost and an attempt before its own arguments")

        async def call(*args: P.args, **kwargs: P.kwargs) -> Result:
            async def attempt_it(ghost: Ghost, attempt: Attempt) -> Result:
                return await work(ghost, attempt, *args, **kwargs)

            done = await broker.speculate(
                attempt_it, verify, retries=retries, label=call.__name__, scope=scope, gates=gates
            )
            result: Result = done.result
            return result

        # What the model is to know: the function without what it is given here.
        hidden = {parameter.name for parameter in parameters[:2]}
        call.__name__, call.__qualname__, call.__doc__ = work.__name__, work.__qualname__, work.__doc__
        call.__module__ = work.__module__
        hints = inspect.get_annotations(work, eval_str=True)
        call.__annotations__ = {name: hint for name, hint in hints.items() if name not in hidden}
        shown = [parameter.replace(annotation=hints.get(parameter.name, Any)) for parameter in parameters[2:]]
        call.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]
        tool: FunctionTool = function_tool(call, **options)
        return tool

    return decorate


def tell_reasons(context: RunContextWrapper[Any], error: Exception) -> str:
    """What the model is told where no attempt was accepted: why. Of other errors as much as the SDK tells."""
    if not isinstance(error, SpeculationFailed):
        return default_tool_error_function(context, error)
    reasons = "\n".join(f"{number}. {reason}" for number, reason in enumerate(error.reasons, 1))
    return f"Nothing was changed: all {len(error.reasons)} attempts were refused, because\n{reasons}"
