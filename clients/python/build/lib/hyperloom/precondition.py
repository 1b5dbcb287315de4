"""Builders for what must hold at the moment a context diff takes effect, or nothing of it does."""

from __future__ import annotations

from typing import TypeAlias

from hyperloom._gen.v1 import operation_pb2

Precondition: TypeAlias = operation_pb2.Precondition
"""Make it with the functions of this module."""


def present(path: str) -> Precondition:
    """The node is there: it has a value or children."""
    return Precondition(path=path, presence=operation_pb2.PRESENCE_PRESENT)


def absent(path: str) -> Precondition:
    """The node is not there."""
    return Precondition(path=path, presence=operation_pb2.PRESENCE_ABSENT)


def modified_revision(path: str, revision: int) -> Precondition:
    """`Node.modified_revision` equals this; 0: the node has no value on the trunk."""
    return Precondition(path=path, modified_revision=revision)


def version(path: str, number: int) -> Precondition:
    """`Node.version` equals this. Works in ghosts too."""
    return Precondition(path=path, version=number)


def subtree_unchanged_since(path: str, revision: int) -> Precondition:
    """Nothing at or below the path changed after this revision."""
    return Precondition(path=path, subtree_unchanged_since=revision)
