package hyperloom

import (
	"context"
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Cascade says how far the return of a trunk revision goes.
type Cascade string

// The revision alone; a report of what CascadeAll would do, which changes nothing; the revision with all that was derived from it.
const (
	CascadeNone   Cascade = "none"
	CascadeReport Cascade = "report"
	CascadeAll    Cascade = "all"
)

// Cascaded is what a cascade has undone, or would undo; at most 1,000 of each.
type Cascaded struct {
	// Undone are the publishes that are undone, oldest first.
	Undone []UndonePublish
	// NotUndone are the writes that stay, in the order of paths.
	NotUndone []NotUndone
	// Ghosts that live and have read what is undone.
	Ghosts []AffectedGhost
	// UndoneTotal, NotUndoneTotal and GhostsTotal are how many there are in all.
	UndoneTotal, NotUndoneTotal, GhostsTotal uint64
	// Operations that the inverse consists of.
	Operations uint64
}

// UndonePublish is a publish that is undone.
type UndonePublish struct {
	Revision uint64
	Author   string
	Label    string
	// Hops is how many publishes it is away from the one that was named: 0 is that one.
	Hops uint32
}

// NotUndoneCause is why a write is not undone.
type NotUndoneCause string

// Overwritten by others, built upon by others, history that was given up, a schema that came later.
const (
	CauseOverwritten NotUndoneCause = "overwritten"
	CauseBuiltUpon   NotUndoneCause = "built_upon"
	CauseHistoryGone NotUndoneCause = "history_gone"
	CauseSchema      NotUndoneCause = "schema"
)

// NotUndone is a write that stays.
type NotUndone struct {
	Path string
	// Revision that wrote it.
	Revision uint64
	Cause    NotUndoneCause
	// OverwrittenByRevision is 0 where nobody has.
	OverwrittenByRevision uint64
}

// AffectedGhost is a live ghost that has read what is undone: it is not committed before it has looked again.
type AffectedGhost struct {
	GhostID string
	Author  string
	// Basis is what it has read; at most 100.
	Basis []BasisEntry
}

// BasisReverted is told to an agent: what some of its work was made from was taken back.
type BasisReverted struct {
	// Author is the agent.
	Author string
	// Revisions are its publishes that had read it, oldest first. They are undone too where it was a cascade.
	Revisions []uint64
	// GhostIDs of live ghosts that have read it.
	GhostIDs []string
	// Basis is what it had read; at most 100.
	Basis []BasisEntry
	// Reason why it was reverted.
	Reason string
}

// RevertedBasis is something that was read for what is staged in a ghost, and then taken back.
type RevertedBasis struct {
	// Basis is what was read, and at which revision. Who has read it again at RevertedRevision or later has looked again.
	Basis BasisEntry
	// RevertedRevision is the trunk revision that took it back.
	RevertedRevision uint64
	// Sequence is the number of the diff that was staged with it.
	Sequence uint64
}

// RevertCascade is RevertRevision that goes so far. [Reverted.Cascade] says what was undone, or would be.
func (c *Client) RevertCascade(
	ctx context.Context, revision uint64, cascade Cascade, reason string, lockWait time.Duration,
) (Reverted, error) {
	return revertCascade(ctx, &c.verbs, revision, cascade, reason, lockWait)
}

// RevertCascade is RevertRevision that goes so far, under this lock; see [Client.RevertCascade].
func (l *Lock) RevertCascade(
	ctx context.Context, revision uint64, cascade Cascade, reason string, lockWait time.Duration,
) (Reverted, error) {
	return revertCascade(ctx, &l.verbs, revision, cascade, reason, lockWait)
}

func revertCascade(
	ctx context.Context, v *verbs, revision uint64, cascade Cascade, reason string, lockWait time.Duration,
) (Reverted, error) {
	held, err := v.checkedFence(ctx)
	if err != nil {
		return Reverted{}, err
	}
	target := &hyperloomv1.RevertRequest_Revision{Revision: revision}
	request := &hyperloomv1.RevertRequest{Target: target, FencingTokens: held.heldTokens()}
	switch cascade {
	case CascadeReport:
		request.Cascade = hyperloomv1.Cascade_CASCADE_REPORT
	case CascadeAll:
		request.Cascade = hyperloomv1.Cascade_CASCADE_ALL
	}
	return sendRevert(ctx, v, request, reason, lockWait)
}

// cascadedFrom of nil is nil: nothing was said of a cascade.
func cascadedFrom(message *hyperloomv1.CascadeReport) *Cascaded {
	if message == nil {
		return nil
	}
	return &Cascaded{
		Undone: mapped(message.GetUndone(), func(each *hyperloomv1.UndonePublish) UndonePublish {
			return UndonePublish{each.GetRevision(), each.GetAuthor(), each.GetLabel(), each.GetHops()}
		}),
		NotUndone: mapped(message.GetNotUndone(), func(each *hyperloomv1.NotUndone) NotUndone {
			cause := NotUndoneCause(word(each.GetCause().String(), "NOT_UNDONE_CAUSE_"))
			return NotUndone{each.GetPath(), each.GetRevision(), cause, each.GetOverwrittenByRevision()}
		}),
		Ghosts: mapped(message.GetGhosts(), func(each *hyperloomv1.AffectedGhost) AffectedGhost {
			return AffectedGhost{each.GetGhostId(), each.GetAuthor(), mapped(each.GetBasis(), basisEntryFrom)}
		}),
		UndoneTotal:    message.GetUndoneTotal(),
		NotUndoneTotal: message.GetNotUndoneTotal(),
		GhostsTotal:    message.GetGhostsTotal(),
		Operations:     message.GetOperations(),
	}
}

func basisRevertedFrom(message *hyperloomv1.BasisReverted) BasisReverted {
	return BasisReverted{
		message.GetAuthor(), message.GetRevisions(), message.GetGhostIds(), mapped(message.GetBasis(), basisEntryFrom),
		message.GetReason(),
	}
}

func revertedBasisFrom(message *hyperloomv1.RevertedBasis) RevertedBasis {
	return RevertedBasis{basisEntryFrom(message.GetBasis()), message.GetRevertedRevision(), message.GetSequence()}
}
