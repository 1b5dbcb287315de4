"""What the SDK returns and raises, as JSON in the words that all SDKs share."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import grpc

import hyperloom
from hyperloom import Bookmark, Change, Event, GhostState, HyperloomError, Node, PendingReview, Snapshot

EXTENTS = ("", "node", "subtree", "absent")


def native(value: Any) -> str:
    """A value of the language's own, written again."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def value_of(kind: str | None, value: Any, json_text: str | None = None) -> dict[str, Any]:
    if kind == "text":
        return {"kind": kind, "text": value}
    if kind == "bytes":
        return {"kind": kind, "bytes": base64.b64encode(value).decode()}
    if kind == "json":
        return {"kind": kind, "json": json_text, "native": native(value)}
    if kind == "message":
        return {"kind": kind, "typeUrl": value.type_url}
    return {"kind": "none"}


def node(read: Node | None) -> dict[str, Any] | None:
    if read is None:
        return None
    return {
        "path": read.path,
        "value": value_of(read.kind, read.value, read.json_text),
        "revision": read.revision,
        "createdRevision": read.created_revision,
        "modifiedRevision": read.modified_revision,
        "version": read.version,
        "author": read.author,
        "subtreeRevision": read.subtree_revision,
        "stagedSequence": read.staged_sequence,
        "childCount": read.child_count,
        "valueBytes": read.value_bytes,
        "leaseId": read.lease_id,
        "formProblem": read.form_problem,
    }


def basis(entry: hyperloom.BasisEntry) -> dict[str, Any]:
    return {
        "path": entry.path,
        "revision": entry.revision,
        "extent": EXTENTS[entry.extent],
        "ghostId": entry.ghost_id,
        "sequence": entry.sequence,
    }


def cascade(report: hyperloom.CascadeReport) -> dict[str, Any]:
    return {
        "undone": [
            {"revision": each.revision, "author": each.author, "label": each.label, "hops": each.hops}
            for each in report.undone
        ],
        "notUndone": [
            {
                "path": each.path,
                "revision": each.revision,
                "cause": each.cause,
                "overwrittenByRevision": each.overwritten_by_revision,
            }
            for each in report.not_undone
        ],
        "ghosts": [
            {"ghostId": each.ghost_id, "author": each.author, "basis": list(map(basis, each.basis))}
            for each in report.ghosts
        ],
        "undoneTotal": report.undone_total,
        "notUndoneTotal": report.not_undone_total,
        "ghostsTotal": report.ghosts_total,
        "operations": report.operations,
    }


def _told(given: hyperloom.BasisReverted) -> dict[str, Any]:
    return {
        "author": given.author,
        "revisions": list(given.revisions),
        "ghostIds": list(given.ghost_ids),
        "basis": list(map(basis, given.basis)),
        "reason": given.reason,
    }


def nodes(read: Sequence[Node]) -> list[Any]:
    return [node(each) for each in read]


def schema(read: hyperloom.Schema) -> dict[str, Any]:
    bindings = [{"path": each.path, "messageType": each.message_type} for each in read.bindings]
    told = {"name": read.name, "version": read.version, "revision": read.revision, "bindings": bindings}
    return {**told, "definition": definition(read.definition)}


def definition(read: hyperloom.SchemaDefinition | None) -> dict[str, str] | None:
    if isinstance(read, hyperloom.JsonSchema):
        return {"json": read.text, "path": read.path}
    return None if read is None else {"set": base64.b64encode(read.data).decode()}


def published(outcome: hyperloom.Published) -> dict[str, Any]:
    return {"revision": outcome.revision, "sequence": outcome.sequence, "repeated": outcome.repeated}


def attempts(given: Sequence[Any]) -> list[Any]:
    return [
        {
            "reason": each.reason,
            "checkpoint": each.checkpoint,
            "droppedOperations": each.dropped_operations,
            "author": each.author,
        }
        for each in given
    ]


def checkpoint(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    return {"name": given.name, "sequence": given.sequence, "stagedOperations": given.staged_operations}


def reverted(outcome: hyperloom.Reverted) -> dict[str, Any]:
    return {
        "revision": outcome.revision,
        "checkpoint": checkpoint(outcome.checkpoint),
        "attempts": attempts(outcome.attempts),
        "droppedOperations": outcome.dropped_operations,
        "repeated": outcome.repeated,
    }


def ghost(state: GhostState) -> dict[str, Any]:
    race = state.race
    return {
        "id": state.id,
        "scope": state.scope,
        "baseRevision": state.base_revision,
        "parentGhostId": state.parent_ghost_id,
        "label": state.label,
        "author": state.author,
        "state": state.state,
        "stagedOperations": state.staged_operations,
        "sequence": state.sequence,
        "checkpoints": [checkpoint(each) for each in state.checkpoints],
        "attempts": attempts(state.attempts),
        "committedRevision": state.committed_revision,
        "gates": [
            {
                "kind": each.gate.kind,
                "reviewer": each.gate.reviewer,
                "onViolation": each.gate.on_violation or "",
                "state": each.state,
                "author": each.author,
                "reason": each.reason,
                "violations": [
                    {"path": value.path, "field": value.field, "rule": value.rule} for value in each.violations
                ],
            }
            for each in state.gates
        ],
        "commitPending": state.commit_pending,
        "race": None
        if race is None
        else {
            "id": race.race.id,
            "attemptsMax": race.race.attempts_max,
            "attempts": race.attempts,
            "winnerGhostId": race.winner_ghost_id,
        },
        "leaseId": state.lease_id,
        "migrationSchema": state.migration_schema,
        "revertedBasis": [
            {"basis": basis(each.basis), "revertedRevision": each.reverted_revision, "sequence": each.sequence}
            for each in state.reverted_basis
        ],
    }


def lock(state: hyperloom.LockState) -> dict[str, Any]:
    return {
        "id": state.id,
        "leaseId": state.lease_id,
        "targets": [{"path": each.path, "mode": each.mode} for each in state.targets],
        "state": state.state,
        "fencingToken": state.fencing_token,
        "author": state.author,
        "label": state.label,
    }


def inspected(given: hyperloom.InspectedLock) -> dict[str, Any]:
    return {**lock(given.lock), "waitsFor": list(given.waits_for), "waitsForTotal": given.waits_for_total}


def lease(state: hyperloom.LeaseState) -> dict[str, Any]:
    return {
        "id": state.id,
        "author": state.author,
        "label": state.label,
        "locks": state.locks,
        "nodes": state.nodes,
        "ghosts": state.ghosts,
    }


def forest(given: hyperloom.Forest) -> dict[str, Any]:
    return {
        "name": given.name,
        "revision": given.revision,
        "compactedRevision": given.compacted_revision,
        "nodes": given.nodes,
        "ghosts": given.ghosts,
    }


def difference(given: hyperloom.NodeDifference) -> dict[str, Any]:
    return {"path": given.path, "before": node(given.before), "after": node(given.after)}


def event(given: Event) -> dict[str, Any]:
    moved = given.transition
    return {
        "revision": given.revision,
        "author": given.author,
        "label": given.label,
        "ghostId": given.ghost_id,
        "transition": None
        if moved is None
        else {
            "kind": moved.kind,
            "checkpoint": moved.checkpoint,
            "reason": moved.reason,
            "droppedOperations": moved.dropped_operations,
            "sequence": moved.sequence,
        },
        "changes": [_change(each) for each in given.changes],
        "basis": [basis(each) for each in given.basis],
        "requestId": given.request_id,
        "revertedRevision": given.reverted_revision,
        "leaseId": given.lease_id,
        "traceParent": given.trace_parent,
        "basisReverted": [_told(each) for each in given.basis_reverted],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "path": change.path,
        "author": change.author,
        "action": change.action,
        "result": node(change.result),
        "previous": node(change.previous),
        **_action(change),
    }


def _action(change: Change) -> dict[str, Any]:
    given = change.value
    if change.action == "put":
        kind = "text" if isinstance(given, str) else "bytes" if isinstance(given, bytes) else "json"
        return {"value": value_of(kind, given)}
    if change.action == "append":
        if isinstance(given, list):
            return {"value": {"items": [native(item) for item in given]}}
        return {"value": value_of("text" if isinstance(given, str) else "bytes", given)}
    if change.action == "merge":
        return {"value": {"native": native(given)}}
    if change.action == "increment":
        return {"amount": str(given), "sum": str(change.sum)}
    if change.action == "delete":
        return {"scope": change.scope}
    return {"source": change.source_path, "sourceRevision": change.source_revision}


def item(given: Any) -> dict[str, Any]:
    if isinstance(given, Snapshot):
        return {"snapshot": {"revision": given.revision, "nodes": nodes(given.nodes)}}
    if isinstance(given, Event):
        return {"event": event(given)}
    if isinstance(given, Bookmark):
        return {"bookmark": {"revision": given.revision}}
    if isinstance(given, PendingReview):
        return {"requested": {"ghostId": given.ghost.id, "reviewer": given.reviewer, "label": given.label}}
    if given is None:
        return {"end": True}
    return {
        "settled": {"ghostId": given.ghost_id, "reviewer": given.reviewer, "settlement": given.settlement},
    }


def kind_of(kind: type[BaseException]) -> str:
    """The class's own name says it, so that a class that is called otherwise than elsewhere is found."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__.removesuffix("Error")).upper()


def _is_kind(kind: type) -> bool:
    return kind.__module__.startswith("hyperloom") and kind is not HyperloomError


def error(failure: BaseException) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "kind": kind_of(type(failure)),
        "kinds": [kind_of(each) for each in type(failure).__mro__ if _is_kind(each)],
        "message": str(failure),
    }
    if isinstance(failure, hyperloom.RaceFailed):
        told["errors"] = [error(each) for each in failure.errors]
    elif isinstance(failure, hyperloom.SpeculationFailed):
        told["reasons"] = list(failure.reasons)
    elif isinstance(failure, HyperloomError):
        told.update(_refusal(failure))
    return told


def _refusal(failure: HyperloomError) -> dict[str, Any]:
    code = failure.code
    told: dict[str, Any] = {
        "code": code.name if isinstance(code, grpc.StatusCode) else str(code),
        "reason": failure.reason,
        "metadata": dict(failure.metadata),
        "violations": [each.field for each in failure.violations],
    }
    if isinstance(failure, hyperloom.ConflictError):
        told["conflictsTotal"] = failure.conflicts_total
        told["conflicts"] = [
            {
                "path": each.path,
                "kind": each.kind,
                "base": node(each.base),
                "trunk": node(each.trunk),
                "ghost": node(each.ghost),
            }
            for each in failure.conflicts
        ]
    if isinstance(failure, hyperloom.DeadlockError):
        told["circle"] = [{"author": each.author} for each in failure.circle]
    if isinstance(failure, (hyperloom.SchemaViolationError, hyperloom.GateRevertedError)):
        told["problems"] = [{"field": each.field, "rule": each.rule} for each in failure.problems]
    if isinstance(failure, hyperloom.RevisionError):
        told["oldestRevision"] = failure.oldest_revision or 0
        told["newestRevision"] = failure.newest_revision or 0
    return told
