"""How reads are told values: as they are stored, or messages as JSON; and by which versions of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from hyperloom._gen.v1 import node_pb2

ValueForm: TypeAlias = Literal["stored", "json"]
"""`stored`: as they are stored. `json`: messages as canonical ProtoJSON, for programs without generated code; all else
as stored."""

FormProblem: TypeAlias = Literal["unbound", "no_json", "too_large", "schema_unusable", "superseded"]
"""Why a message is not told as JSON: see `hyperloom.v1.FormProblem`."""

Pins: TypeAlias = Mapping[str, int]
"""The versions of schemas, by name, that a program knows: it goes on reading while later versions get along with them,
and is told where one does not (reason `SCHEMA_SUPERSEDED`). At most 100."""


def wire_form(form: ValueForm) -> node_pb2.ValueForm:
    """A form as its number."""
    if form not in ("stored", "json"):
        raise ValueError(f"the form of values is stored or json, not {form!r}")
    return node_pb2.VALUE_FORM_JSON if form == "json" else node_pb2.VALUE_FORM_UNSPECIFIED


def value_view(form: ValueForm, pins: Pins | None) -> node_pb2.ValueView | None:
    """A part of a request; `None` where nothing is asked for."""
    number = wire_form(form)
    if number == node_pb2.VALUE_FORM_UNSPECIFIED and not pins:
        return None
    named = [node_pb2.SchemaPin(schema=schema, version=version) for schema, version in (pins or {}).items()]
    return node_pb2.ValueView(form=number, pins=named)


_PROBLEMS: Mapping[int, FormProblem] = {
    node_pb2.FORM_PROBLEM_UNBOUND: "unbound",
    node_pb2.FORM_PROBLEM_NO_JSON: "no_json",
    node_pb2.FORM_PROBLEM_TOO_LARGE: "too_large",
    node_pb2.FORM_PROBLEM_SCHEMA_UNUSABLE: "schema_unusable",
    node_pb2.FORM_PROBLEM_SUPERSEDED: "superseded",
}


def form_problem_from(value: node_pb2.Value) -> FormProblem | None:
    """Why a message is not told as JSON; `None` where it is, or was not asked for."""
    return _PROBLEMS.get(value.form_problem)
