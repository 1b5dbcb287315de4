"""The paths of a message, as its option `(hyperloom.v1.node).path` says: `/{session}/notes/{note}`."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from hyperloom._gen.v1 import node_options_pb2

_SEGMENT_BYTES_MAX = 255
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A path in which `{name}` stands for one segment. Variables go by their names as Python has them; see `names`."""

    text: str
    _parts: tuple[tuple[str, bool], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        segments = self.text.split("/")[1:]
        parts = tuple((_python_name(each[1:-1]), True) if _is_variable(each) else (each, False) for each in segments)
        object.__setattr__(self, "_parts", parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables, in the path's order. One that is a keyword of Python has a `_` behind it: `class_`."""
        return tuple(part for part, is_variable in self._parts if is_variable)

    def path(self, values: Mapping[str, object]) -> str:
        """The path for values of all variables. Raises `TypeError` or `ValueError` for values that are none."""
        self._check_names(values)
        missing = [name for name in self.names if name not in values]
        if missing:
            raise TypeError(f"{self.text} needs {_listed(missing)}, which {_is_or_are(missing)} missing")
        return "".join(f"/{_segment(part, values[part]) if is_variable else part}" for part, is_variable in self._parts)

    def pattern(self, values: Mapping[str, object]) -> str:
        """The pattern for some variables; `*` stands for those that are not given, or `None`."""
        self._check_names(values)
        return "".join(
            f"/{self._wanted(part, values) or '*' if is_variable else part}" for part, is_variable in self._parts
        )

    def below(self, values: Mapping[str, object]) -> tuple[str, int]:
        """The lowest path that has all those of `pattern` at or below it, and how far below; 0: it is the only one."""
        segments = self.pattern(values).split("/")[1:]
        fixed = segments.index("*") if "*" in segments else len(segments)
        return "/" + "/".join(segments[:fixed]), len(segments) - fixed

    def values(self, path: str) -> dict[str, str] | None:
        """The variables' values in a path; `None` where it is none of these."""
        segments = path.split("/")[1:]
        if len(segments) != len(self._parts):
            return None
        found: dict[str, str] = {}
        for segment, (part, is_variable) in zip(segments, self._parts, strict=True):
            if is_variable:
                found[part] = segment
            elif segment != part:
                return None
        return found

    def selects(self, path: str, values: Mapping[str, object]) -> bool:
        """Whether a path is one of those of `pattern`."""
        found = self.values(path)
        return found is not None and all(values.get(name) in (None, found[name]) for name in self.names)

    def _wanted(self, name: str, values: Mapping[str, object]) -> str | None:
        value = values.get(name)
        return None if value is None else _segment(name, value)

    def _check_names(self, values: Mapping[str, object]) -> None:
        unknown = [name for name in values if name not in self.names]
        if unknown:
            raise TypeError(f"{self.text} has no variable {_listed(unknown)}; its variables: {_listed(self.names)}")


def template_of(message: type[Message]) -> PathTemplate:
    """The template of a generated message. Raises `TypeError` where it has no `(hyperloom.v1.node).path`."""
    descriptor = message.DESCRIPTOR
    extensions: Any = descriptor.GetOptions().Extensions
    path: str = extensions[node_options_pb2.node].path
    if not path:
        raise TypeError(f"{descriptor.full_name} has no option (hyperloom.v1.node).path, which says where it is kept")
    return PathTemplate(path)


def _is_variable(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def _python_name(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _segment(name: str, value: object) -> str:
    """A value that is one segment of a path, so that nothing else than what was meant is read or written."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not value or "/" in value or value in (".", "..") or value.startswith("*") or _CONTROL.search(value):
        raise ValueError(f"{name} must be one segment of a path, which {value!r} is not")
    if len(value.encode()) > _SEGMENT_BYTES_MAX:
        raise ValueError(f"{name} has more than {_SEGMENT_BYTES_MAX} bytes")
    return value


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(names) or "none"


def _is_or_are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
