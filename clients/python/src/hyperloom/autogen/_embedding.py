"""How texts become vectors, and how alike two of them are."""

from __future__ import annotations

import importlib
import inspect
import math
import struct
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from hyperloom.autogen._errors import NotStorableError

Vectors: TypeAlias = "Sequence[Sequence[float]]"

Embed: TypeAlias = "Callable[[list[str]], Vectors | Awaitable[Vectors]]"
"""Makes a vector of each text. It may be `async`."""


def embed_of(embed: Embed | str | None) -> Embed | None:
    """The function; a text names one, as `package.module:function`."""
    if not isinstance(embed, str):
        return embed
    module, separator, name = embed.partition(":")
    try:
        found: object = importlib.import_module(module)
        for part in name.split(".") if separator else []:
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"embed {embed!r} cannot be imported: {error}") from error
    if not callable(found):
        raise ValueError(f"embed must name a function, such as 'package.module:function', not {embed!r}")
    return found


def name_of_embed(embed: Embed | str | None) -> str | None:
    """What `embed_of` finds the function by. Raises `TypeError` where it has no such name."""
    if embed is None or isinstance(embed, str):
        return embed
    module, name = getattr(embed, "__module__", ""), getattr(embed, "__qualname__", "")
    text = f"{module}:{name}"
    try:
        if module and name and embed_of(text) is embed:
            return text
    except ValueError:
        pass
    raise TypeError(
        f"{embed!r} cannot be dumped: only a function at the top of a module has a name to load it by again. Give the "
        "memory such a function, or its name: embed='package.module:function'"
    )


async def embedded(embed: Embed, text: str) -> list[float]:
    """The vector of one text, as it will come back: in 32 bits a number. Raises `NotStorableError`."""
    found = embed([text])
    vectors = await found if inspect.isawaitable(found) else found
    try:
        [vector] = vectors
        numbers = [float(number) for number in vector]
        packed = struct.pack(f"<{len(numbers)}f", *numbers)
    except (TypeError, ValueError, OverflowError, struct.error) as error:
        raise NotStorableError(f"embed must return one list of numbers for each text: {error}") from error
    if not numbers or not all(map(math.isfinite, numbers)):
        raise NotStorableError("embed must return finite numbers, and at least one")
    return list(struct.unpack(f"<{len(numbers)}f", packed))


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of the angle between two vectors; 0 where one of them is all zeros."""
    lengths = math.sqrt(sum(x * x for x in one)) * math.sqrt(sum(y * y for y in other))
    return sum(x * y for x, y in zip(one, other, strict=True)) / lengths if lengths else 0.0
