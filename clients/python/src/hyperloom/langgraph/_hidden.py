"""Functions that frameworks see without the arguments that they are given here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def hide_first(call: Callable[..., Any], work: Callable[..., Any], count: int) -> None:
    """Makes `call` look like `work` without its first `count` arguments: name, text, signature and annotations."""
    parameters = list(inspect.signature(work).parameters.values())
    hidden = {parameter.name for parameter in parameters[:count]}
    call.__name__, call.__qualname__, call.__doc__ = work.__name__, work.__qualname__, work.__doc__
    call.__module__ = work.__module__
    hints = inspect.get_annotations(work, eval_str=True)
    call.__annotations__ = {name: hint for name, hint in hints.items() if name not in hidden}
    shown = [
        parameter.replace(annotation=hints.get(parameter.name, parameter.empty)) for parameter in parameters[count:]
    ]
    returned = hints.get("return", inspect.Signature.empty)
    call.__signature__ = inspect.Signature(shown, return_annotation=returned)  # type: ignore[attr-defined]
