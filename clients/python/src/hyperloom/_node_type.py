"""A message and the variables of its paths: what typed handles are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields, make_dataclass
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from google.protobuf.message import Message

from hyperloom._path_template import PathTemplate, template_of
from hyperloom._typed_records import TypedNode

if TYPE_CHECKING:
    from hyperloom._node import Node

M = TypeVar("M", bound=Message)
V = TypeVar("V")
P = ParamSpec("P")
S = ParamSpec("S")


class NodeType(Generic[M, V, P, S]):
    """A message and the variables of its paths.

    `protoc-gen-hyperloom` writes one for each message, so that type checkers know the variables; `client.typed` of a
    plain message makes one by itself. `variables` and `selection` are dataclasses with the variables as their fields,
    all required in the one, all optional in the other.
    """

    def __init__(self, message: type[M], variables: Callable[P, V], selection: Callable[S, object]) -> None:
        self.message = message
        self.variables: Callable[..., V] = variables
        """Makes what the variables are read into: a dataclass with a field for each."""
        self.template: PathTemplate = template_of(message)
        declared = tuple(each.name for each in fields(variables))  # type: ignore[arg-type]
        if declared != self.template.names:
            raise TypeError(
                f"{message.DESCRIPTOR.full_name} is at {self.template.text} now: generate its handle again, "
                f"which knows of {', '.join(declared) or 'no variable'}"
            )

    def variables_of(self, path: str) -> V | None:
        """The variables in a path; `None` where it is none of these."""
        values = self.template.values(path)
        return None if values is None else self.variables(**values)

    def node(self, node: Node) -> TypedNode[M, V] | None:
        """A node as one of these; `None` where its path is none of theirs, or has no value."""
        variables = self.variables_of(node.path)
        return None if variables is None or node.kind is None else TypedNode(node, self.message, variables)


def node_type_of(message: type[M]) -> NodeType[M, Any, ..., ...]:
    """The handle of a message whose variables are known at run time only."""
    if not (isinstance(message, type) and issubclass(message, Message)):
        raise TypeError(f"typed takes a generated message class or its NodeType, not {message!r}")
    names = template_of(message).names
    variables = make_dataclass(f"{message.__name__}Variables", [(name, str) for name in names], frozen=True, slots=True)
    optional = [(name, "str | None", field(default=None)) for name in names]
    return NodeType(message, variables, make_dataclass(f"{message.__name__}Selection", optional))
