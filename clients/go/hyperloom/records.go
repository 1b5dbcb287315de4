package hyperloom

import (
	"strings"
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
	"hyperloom.dev/go/hyperloom/gate"
)

// Published is the outcome of a publish.
type Published struct {
	// Revision of the trunk that it made; 0 in a ghost.
	Revision uint64
	// Sequence, in a ghost: the number of the staged diff.
	Sequence uint64
	// Repeated: it had been applied before, by an earlier attempt with the same request id; nothing was applied twice.
	Repeated bool
	// Edition of the ghost afterwards; 0 on the trunk.
	Edition uint64
}

// Checkpoint is a named point inside a ghost to go back to.
type Checkpoint struct {
	Name             string
	Sequence         uint64
	StagedOperations uint64
}

// RevertedAttempt is an attempt in a ghost that was taken back, and why.
type RevertedAttempt struct {
	Reason            string
	Checkpoint        string
	DroppedOperations uint64
	Author            string
}

// GhostState is where a ghost stands.
type GhostState struct {
	ID            string
	Scope         string
	BaseRevision  uint64
	ParentGhostID string
	Label         string
	Author        string
	// State is live, committed, reverted or expired.
	State             string
	StagedOperations  uint64
	StagedBytes       uint64
	Sequence          uint64
	TTL               time.Duration
	Checkpoints       []Checkpoint
	Attempts          []RevertedAttempt
	CommittedRevision uint64
	BeginTime         time.Time
	// Edition is which state of the ghost this is: an approval is for one of these.
	Edition uint64
	// Gates tell what must be fulfilled before it can be committed, and how far that is.
	Gates []GateStanding
	// CommitPending: a commit was asked for and waits for reviewers.
	CommitPending bool
	// Race is its place among alternatives; nil where it has none.
	Race *RaceStanding
	// LeaseID is the lease that it lives with; empty: its own ttl decides.
	LeaseID string
	// MigrationSchema is the schema of which its commit puts a version into force; empty: none.
	MigrationSchema string
	// RevertedBasis is what was read for what is staged in it, and was reverted since: until all of that was looked at again, a
	// commit fails with [ErrBasisReverted]. At most 100.
	RevertedBasis []RevertedBasis
}

// GateStanding is a gate of a ghost, and where it stands.
type GateStanding struct {
	Gate gate.Gate
	// State is open where it lets the ghost as it is pass, pending where a reviewer has not decided on it, closed where values do not fit,
	// and unchecked where nobody has looked whether they do: Ghost.State does.
	State string
	// Author decided; empty while nobody has.
	Author       string
	Reason       string
	DecisionTime time.Time
	// Violations, of a schema gate that is closed, are what does not fit. The first 100.
	Violations []StagedViolation
}

// StagedViolation is a staged value that does not fit its schema.
type StagedViolation struct {
	Path string
	// Field in the value; empty: all of it.
	Field string
	// Rule, such as string.min_len; empty where no schema is about the path.
	Rule string
	// Message for people.
	Message string
}

// Race makes ghosts alternatives: of those that name the same race, the first to be committed wins, and the others are
// reverted. Each beginning of one and each return to a checkpoint is an attempt.
type Race struct {
	// ID is 1 to 128 bytes, unique in the forest.
	ID string
	// AttemptsMax is how many attempts all its ghosts have together; the first ghost sets it. 0: 1,000, which is the most.
	AttemptsMax uint32
}

// RaceStanding is where a race stands.
type RaceStanding struct {
	Race     Race
	Attempts uint32
	// WinnerGhostID is empty while none was committed.
	WinnerGhostID string
}

// Committed is the outcome of a commit.
type Committed struct {
	// Revision of the trunk; 0 into a parent, or with nothing to commit.
	Revision   uint64
	Operations uint64
	Repeated   bool
	// SchemaVersion of its schema that a migration has put into force, or that was in force already; 0 for other ghosts.
	SchemaVersion uint64
}

// Reverted is the outcome of a revert or rewind.
type Reverted struct {
	// Revision that the inverse of a reverted revision made; 0 for ghosts.
	Revision uint64
	// Checkpoint where the ghost stands now, or stood when it was dropped; nil where there is none.
	Checkpoint        *Checkpoint
	Attempts          []RevertedAttempt
	DroppedOperations uint64
	// BrokerTime is what it took inside the broker.
	BrokerTime time.Duration
	Repeated   bool
	// Edition of a ghost that lives on.
	Edition uint64
	// Cascade is what a cascade has undone, or would undo; nil for others.
	Cascade *Cascaded
	// Cascaded is the same.
	//
	// Deprecated: use Cascade, as it is called everywhere else.
	Cascaded *Cascaded
}

// Conflict is why one path could not be rebased.
type Conflict struct {
	Path string
	// Kind is value, subtree, precondition, basis or refused.
	Kind string
	// Base, Trunk and Ghost are the three sides; nil where the node is absent.
	Base, Trunk, Ghost *Node
	Message            string
}

// Difference is a path that differs.
type Difference struct {
	Path string
	// Before and After are nil where it was, or is, absent.
	Before, After *Node
}

func checkpointFrom(message *hyperloomv1.GhostCheckpoint) Checkpoint {
	return Checkpoint{message.GetName(), message.GetSequence(), message.GetStagedOperations()}
}

func attemptFrom(message *hyperloomv1.RevertedAttempt) RevertedAttempt {
	return RevertedAttempt{
		message.GetReason(), message.GetCheckpoint(), message.GetDroppedOperations(), message.GetAuthor(),
	}
}

func ghostStateFrom(message *hyperloomv1.Ghost) GhostState {
	state := GhostState{
		ID:                message.GetId(),
		Scope:             message.GetScope(),
		BaseRevision:      message.GetBaseRevision(),
		ParentGhostID:     message.GetParentGhostId(),
		Label:             message.GetLabel(),
		Author:            message.GetAuthor(),
		State:             word(message.GetState().String(), "GHOST_STATE_"),
		StagedOperations:  message.GetStagedOperations(),
		StagedBytes:       message.GetStagedBytes(),
		Sequence:          message.GetSequence(),
		TTL:               message.GetTtl().AsDuration(),
		Checkpoints:       mapped(message.GetCheckpoints(), checkpointFrom),
		Attempts:          mapped(message.GetAttempts(), attemptFrom),
		CommittedRevision: message.GetCommittedRevision(),
		BeginTime:         message.GetBeginTime().AsTime(),
		Edition:           message.GetEdition(),
		Gates:             gateStandingsFrom(message.GetGates()),
		CommitPending:     message.GetCommitPending(),
		LeaseID:           message.GetLeaseId(),
		MigrationSchema:   message.GetMigrationSchema(),
		RevertedBasis:     mapped(message.GetRevertedBasis(), revertedBasisFrom),
	}
	if race := message.GetRace(); race != nil {
		named := Race{ID: race.GetRace().GetId(), AttemptsMax: race.GetRace().GetAttemptsMax()}
		state.Race = &RaceStanding{Race: named, Attempts: race.GetAttempts(), WinnerGhostID: race.GetWinnerGhostId()}
	}
	return state
}

// gateStandingsFrom leaves out gates of a newer broker that this version does not know.
func gateStandingsFrom(messages []*hyperloomv1.GateStanding) []GateStanding {
	var standings []GateStanding
	for _, message := range messages {
		if known, is := gate.From(message.GetGate()); is {
			standings = append(standings, gateStandingFrom(known, message))
		}
	}
	return standings
}

func gateStandingFrom(known gate.Gate, message *hyperloomv1.GateStanding) GateStanding {
	standing := GateStanding{
		Gate:   known,
		State:  word(message.GetState().String(), "GATE_STATE_"),
		Author: message.GetAuthor(),
		Reason: message.GetReason(),
		Violations: mapped(message.GetViolations(), func(violation *hyperloomv1.SchemaViolation) StagedViolation {
			return StagedViolation{violation.GetPath(), violation.GetField(), violation.GetRule(), violation.GetMessage()}
		}),
	}
	if message.GetDecisionTime() != nil {
		standing.DecisionTime = message.GetDecisionTime().AsTime()
	}
	return standing
}

func revertedFrom(message *hyperloomv1.RevertResponse) Reverted {
	cascade := cascadedFrom(message.GetCascade())
	reverted := Reverted{
		Revision:          message.GetRevision(),
		Attempts:          mapped(message.GetAttempts(), attemptFrom),
		DroppedOperations: message.GetDroppedOperations(),
		BrokerTime:        message.GetBrokerTime().AsDuration(),
		Repeated:          message.GetRepeated(),
		Edition:           message.GetEdition(),
		Cascade:           cascade,
		Cascaded:          cascade,
	}
	if message.GetCheckpoint() != nil {
		checkpoint := checkpointFrom(message.GetCheckpoint())
		reverted.Checkpoint = &checkpoint
	}
	return reverted
}

func differenceFrom(message *hyperloomv1.NodeDifference) Difference {
	return Difference{message.GetPath(), optionalNode(message.GetBefore(), 0), optionalNode(message.GetAfter(), 0)}
}

// word is the name of an enum's value as the other clients say it: live for GHOST_STATE_LIVE.
func word(name, prefix string) string {
	return strings.ToLower(strings.TrimPrefix(name, prefix))
}
