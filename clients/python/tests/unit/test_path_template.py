"""Goal: paths are made of variables and read back, and what is no segment goes into none."""

from __future__ import annotations

import pytest

from hyperloom._path_template import PathTemplate, template_of
from hyperloom.v1.node_options_pb2 import NodeOptions

NOTES = PathTemplate("/{session}/notes/{note}")


def test_a_path_is_made_of_its_variables_and_read_back() -> None:
    path = NOTES.path({"session": "s 1", "note": "ü#"})
    assert path == "/s 1/notes/ü#"
    assert NOTES.values(path) == {"session": "s 1", "note": "ü#"}
    assert PathTemplate("/settings").path({}) == "/settings"


@pytest.mark.parametrize("path", ["/s/notes", "/s/notes/n/x", "/s/other/n", "/"])
def test_other_paths_have_no_variables(path: str) -> None:
    assert NOTES.values(path) is None


@pytest.mark.parametrize(
    ("variables", "pattern", "below"),
    [
        ({}, "/*/notes/*", ("/", 3)),
        ({"session": "s"}, "/s/notes/*", ("/s/notes", 1)),
        ({"session": None, "note": "n"}, "/*/notes/n", ("/", 3)),
        ({"session": "s", "note": "n"}, "/s/notes/n", ("/s/notes/n", 0)),
    ],
)
def test_open_variables_stand_for_any_segment(
    variables: dict[str, object], pattern: str, below: tuple[str, int]
) -> None:
    assert NOTES.pattern(variables) == pattern
    assert NOTES.below(variables) == below


def test_a_selection_takes_what_has_its_variables() -> None:
    assert NOTES.selects("/s/notes/n", {"session": "s"})
    assert not NOTES.selects("/t/notes/n", {"session": "s"})
    assert not NOTES.selects("/s/other/n", {})


@pytest.mark.parametrize("value", ["", ".", "..", "a/b", "*", "**", "*a", "a\0", "\x7f", "\x85", "x" * 256, "ü" * 128])
def test_what_is_no_segment_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="note"):
        NOTES.path({"session": "s", "note": value})
    with pytest.raises(ValueError, match="note"):
        NOTES.pattern({"note": value})


@pytest.mark.parametrize("value", [None, 1, b"n"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="note must be a str, not "):
        NOTES.path({"session": "s", "note": value})


def test_variables_that_are_missing_or_unknown_are_named() -> None:
    with pytest.raises(TypeError, match="needs session, note, which are missing"):
        NOTES.path({})
    with pytest.raises(TypeError, match="needs note, which is missing"):
        NOTES.path({"session": "s"})
    with pytest.raises(TypeError, match="has no variable nots; its variables: session, note"):
        NOTES.pattern({"nots": "n"})
    with pytest.raises(TypeError, match="/settings has no variable x; its variables: none"):
        PathTemplate("/settings").path({"x": "y"})


def test_a_variable_that_is_a_keyword_has_an_underscore_behind_it() -> None:
    template = PathTemplate("/{class}/{match}")
    assert template.names == ("class_", "match")
    assert template.path({"class_": "a", "match": "b"}) == "/a/b"


def test_a_message_without_a_path_has_no_template() -> None:
    with pytest.raises(TypeError, match=r"hyperloom.v1.NodeOptions has no option \(hyperloom.v1.node\).path"):
        template_of(NodeOptions)
