package main

import (
	"encoding/json"
	"fmt"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/value"
)

// object is what is told, in the words that all SDKs share.
type object = map[string]any

func told[From any](from []From, tell func(From) object) []object {
	all := make([]object, len(from))
	for index, each := range from {
		all[index] = tell(each)
	}
	return all
}

// again is a value of the language's own, written again.
func again(v any) string {
	text, err := value.EncodeJSON(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func tellValue(v value.Value) object {
	kind := v.Kind()
	switch kind {
	case value.KindText:
		return object{"kind": kind, "text": v.Text()}
	case value.KindBytes:
		return object{"kind": kind, "bytes": v.Bytes()}
	case value.KindJSON:
		return object{"kind": kind, "json": string(v.JSON()), "native": again(v.Any())}
	case value.KindMessage:
		return object{"kind": kind, "typeUrl": v.Message().GetTypeUrl()}
	default:
		return object{"kind": "none"}
	}
}

// tellNode of nil is nil, as plain as JSON's null.
func tellNode(node *hyperloom.Node) any {
	if node == nil {
		return nil
	}
	return nodeObject(node)
}

func nodeObject(node *hyperloom.Node) object {
	var formProblem any
	if problem := node.Value.FormProblem(); problem != value.NoProblem {
		formProblem = problem
	}
	return object{
		"formProblem": formProblem,
		"path":        node.Path, "value": tellValue(node.Value), "revision": node.Revision, "createdRevision": node.CreatedRevision,
		"modifiedRevision": node.ModifiedRevision, "version": node.Version, "author": node.Author,
		"subtreeRevision": node.SubtreeRevision, "stagedSequence": node.StagedSequence, "childCount": node.ChildCount,
		"valueBytes": node.ValueBytes, "leaseId": node.LeaseID,
	}
}

func tellPublished(outcome hyperloom.Published) object {
	return object{"revision": outcome.Revision, "sequence": outcome.Sequence, "repeated": outcome.Repeated}
}

func tellCheckpoint(checkpoint hyperloom.Checkpoint) object {
	return object{
		"name": checkpoint.Name, "sequence": checkpoint.Sequence, "stagedOperations": checkpoint.StagedOperations,
	}
}

func tellAttempt(attempt hyperloom.RevertedAttempt) object {
	return object{
		"reason": attempt.Reason, "checkpoint": attempt.Checkpoint,
		"droppedOperations": attempt.DroppedOperations, "author": attempt.Author,
	}
}

func tellReverted(reverted hyperloom.Reverted) object {
	outcome := object{
		"revision": reverted.Revision, "checkpoint": nil, "attempts": told(reverted.Attempts, tellAttempt),
		"droppedOperations": reverted.DroppedOperations, "repeated": reverted.Repeated,
	}
	if reverted.Checkpoint != nil {
		outcome["checkpoint"] = tellCheckpoint(*reverted.Checkpoint)
	}
	return outcome
}

// tellCascaded of nil is nil, as plain as JSON's null.
func tellCascaded(cascaded *hyperloom.Cascaded) any {
	if cascaded == nil {
		return nil
	}
	return object{
		"undone": told(cascaded.Undone, func(each hyperloom.UndonePublish) object {
			return object{"revision": each.Revision, "author": each.Author, "label": each.Label, "hops": each.Hops}
		}),
		"notUndone": told(cascaded.NotUndone, func(each hyperloom.NotUndone) object {
			return object{
				"path": each.Path, "revision": each.Revision, "cause": each.Cause,
				"overwrittenByRevision": each.OverwrittenByRevision,
			}
		}),
		"ghosts": told(cascaded.Ghosts, func(each hyperloom.AffectedGhost) object {
			return object{"ghostId": each.GhostID, "author": each.Author, "basis": told(each.Basis, tellBasis)}
		}),
		"undoneTotal": cascaded.UndoneTotal, "notUndoneTotal": cascaded.NotUndoneTotal, "ghostsTotal": cascaded.GhostsTotal,
		"operations": cascaded.Operations,
	}
}

func tellGate(standing hyperloom.GateStanding) object {
	return object{
		"kind": standing.Gate.Kind, "reviewer": standing.Gate.Reviewer, "onViolation": standing.Gate.OnViolation,
		"state": standing.State, "author": standing.Author, "reason": standing.Reason,
		"violations": told(standing.Violations, func(each hyperloom.StagedViolation) object {
			return object{"path": each.Path, "field": each.Field, "rule": each.Rule}
		}),
	}
}

func tellGhost(state hyperloom.GhostState) object {
	ghost := object{
		"id": state.ID, "scope": state.Scope, "baseRevision": state.BaseRevision, "parentGhostId": state.ParentGhostID,
		"label": state.Label, "author": state.Author, "state": state.State, "stagedOperations": state.StagedOperations,
		"sequence": state.Sequence, "checkpoints": told(state.Checkpoints, tellCheckpoint),
		"attempts": told(state.Attempts, tellAttempt), "committedRevision": state.CommittedRevision,
		"gates": told(state.Gates, tellGate), "commitPending": state.CommitPending, "race": nil, "leaseId": state.LeaseID,
		"migrationSchema": state.MigrationSchema,
		"revertedBasis": told(state.RevertedBasis, func(each hyperloom.RevertedBasis) object {
			return object{
				"basis": tellBasis(each.Basis), "revertedRevision": each.RevertedRevision, "sequence": each.Sequence,
			}
		}),
	}
	if race := state.Race; race != nil {
		ghost["race"] = object{
			"id": race.Race.ID, "attemptsMax": race.Race.AttemptsMax, "attempts": race.Attempts,
			"winnerGhostId": race.WinnerGhostID,
		}
	}
	return ghost
}

func tellTarget(target hyperloom.LockTarget) object {
	return object{"path": target.Path, "mode": target.Mode}
}

func tellLock(lock hyperloom.LockState) object {
	return object{
		"id": lock.ID, "leaseId": lock.LeaseID, "targets": told(lock.Targets, tellTarget), "state": lock.State,
		"fencingToken": lock.FencingToken, "author": lock.Author, "label": lock.Label,
	}
}

func tellInspected(inspected hyperloom.InspectedLock) object {
	lock := tellLock(inspected.Lock)
	lock["waitsFor"], lock["waitsForTotal"] = append([]string{}, inspected.WaitsFor...), inspected.WaitsForTotal
	return lock
}

func tellLease(lease hyperloom.LeaseState) object {
	return object{
		"id": lease.ID, "author": lease.Author, "label": lease.Label, "locks": lease.Locks, "nodes": lease.Nodes,
		"ghosts": lease.Ghosts,
	}
}

func tellForest(forest *hyperloom.Forest) object {
	return object{
		"name": forest.Name, "revision": forest.Revision, "compactedRevision": forest.CompactedRevision,
		"nodes": forest.Nodes, "ghosts": forest.Ghosts,
	}
}

func tellDifference(difference hyperloom.Difference) object {
	return object{
		"path": difference.Path, "before": tellNode(difference.Before), "after": tellNode(difference.After),
	}
}

func tellEvent(event *hyperloom.Event) object {
	outcome := object{
		"revision": event.Revision, "author": event.Author, "label": event.Label, "ghostId": event.GhostID,
		"transition": nil, "changes": told(event.Changes, tellChange), "basis": told(event.Basis, tellBasis),
		"requestId": event.RequestID, "revertedRevision": event.RevertedRevision, "leaseId": event.LeaseID,
		"traceParent": event.TraceParent,
		"basisReverted": told(event.BasisReverted, func(each hyperloom.BasisReverted) object {
			return object{
				"author": each.Author, "revisions": each.Revisions, "ghostIds": each.GhostIDs,
				"basis": told(each.Basis, tellBasis), "reason": each.Reason,
			}
		}),
	}
	if moved := event.Transition; moved != nil {
		outcome["transition"] = object{
			"kind": moved.Kind, "checkpoint": moved.Checkpoint, "reason": moved.Reason,
			"droppedOperations": moved.DroppedOperations, "sequence": moved.Sequence,
		}
	}
	return outcome
}

func tellBasis(entry hyperloom.BasisEntry) object {
	return object{
		"path": entry.Path, "revision": entry.Revision, "extent": entry.Extent, "ghostId": entry.GhostID,
		"sequence": entry.Sequence,
	}
}

func tellChange(change hyperloom.Change) object {
	outcome := object{
		"path": change.Path, "author": change.Author, "action": change.Action,
		"result": tellNode(change.Result), "previous": tellNode(change.Previous),
	}
	switch change.Action {
	case "put":
		outcome["value"] = tellValue(change.Value)
	case "append":
		outcome["value"] = tellAppended(change.Appended)
	case "merge":
		outcome["value"] = object{"native": again(native(string(change.Patch)))}
	case "increment":
		outcome["amount"], outcome["sum"] = fmt.Sprint(change.Amount), change.Sum.String()
	case "delete":
		outcome["scope"] = "subtree"
		if change.NodeOnly {
			outcome["scope"] = "node"
		}
	case "copy":
		outcome["source"], outcome["sourceRevision"] = change.SourcePath, change.SourceRevision
	}
	return outcome
}

func tellAppended(appended any) object {
	switch appended := appended.(type) {
	case string:
		return object{"text": appended}
	case []byte:
		return object{"bytes": appended}
	case []json.RawMessage:
		items := make([]string, len(appended))
		for index, item := range appended {
			items[index] = again(native(string(item)))
		}
		return object{"items": items}
	default:
		panic(fmt.Errorf("nothing that can be appended: %v", appended))
	}
}

func tellItem(item hyperloom.Item) object {
	switch item := item.(type) {
	case *hyperloom.Snapshot:
		return object{"snapshot": object{"revision": item.Revision, "nodes": told(item.Nodes, nodeObject)}}
	case *hyperloom.Event:
		return object{"event": tellEvent(item)}
	case *hyperloom.Bookmark:
		return object{"bookmark": object{"revision": item.Revision}}
	default:
		return object{"end": true}
	}
}

func tellReview(item hyperloom.ReviewItem) object {
	switch item := item.(type) {
	case *hyperloom.PendingReview:
		return object{"requested": object{"ghostId": item.Ghost.ID, "reviewer": item.Reviewer, "label": item.Label}}
	case *hyperloom.SettledReview:
		settled := object{"ghostId": item.GhostID, "reviewer": item.Reviewer, "settlement": item.Settlement}
		return object{"settled": settled}
	default:
		return object{"end": true}
	}
}
