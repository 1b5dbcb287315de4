package hyperloom

import (
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// LockMode is the right on a subtree.
type LockMode string

// The modes of locks.
const (
	// Exclusive: nobody else writes or locks anything here or below.
	Exclusive LockMode = "exclusive"
	// Shared: nobody else writes here or below.
	Shared LockMode = "shared"
	// SharedIntentExclusive: nobody else writes here or below; others may share parts of it until they are locked exclusively.
	SharedIntentExclusive LockMode = "shared_intent_exclusive"
)

var lockModes = map[LockMode]hyperloomv1.LockMode{
	"":                    hyperloomv1.LockMode_LOCK_MODE_EXCLUSIVE,
	Exclusive:             hyperloomv1.LockMode_LOCK_MODE_EXCLUSIVE,
	Shared:                hyperloomv1.LockMode_LOCK_MODE_SHARED,
	SharedIntentExclusive: hyperloomv1.LockMode_LOCK_MODE_SHARED_INTENT_EXCLUSIVE,
}

// LockTarget is a subtree, by its topmost node (it need not exist), and the right on it.
type LockTarget struct {
	Path string
	Mode LockMode
}

// LockState is a lock as it was told.
type LockState struct {
	ID      string
	LeaseID string
	Targets []LockTarget
	// State is waiting, held or delayed: its holder has vanished, and its targets are kept quiet for a while.
	State string
	// FencingToken grows with every grant in the forest; 0 while it waits.
	FencingToken uint64
	Author       string
	Label        string
	RequestTime  time.Time
	// GrantTime is zero while it waits.
	GrantTime time.Time
	Delay     time.Duration
	Position  uint64
}

// InspectedLock is a lock and the ids of the locks that stand before it: at most 100 of WaitsForTotal.
type InspectedLock struct {
	Lock          LockState
	WaitsFor      []string
	WaitsForTotal uint64
}

// DeadlockMember is a member of a circle of waiting.
type DeadlockMember struct {
	LeaseID string
	LockID  string
	Author  string
	Targets []LockTarget
}

func targetFrom(message *hyperloomv1.LockTarget) LockTarget {
	return LockTarget{message.GetPath(), LockMode(word(message.GetMode().String(), "LOCK_MODE_"))}
}

func lockStateFrom(message *hyperloomv1.Lock) LockState {
	state := LockState{
		ID:           message.GetId(),
		LeaseID:      message.GetLeaseId(),
		Targets:      mapped(message.GetTargets(), targetFrom),
		State:        word(message.GetState().String(), "LOCK_STATE_"),
		FencingToken: message.GetFencingToken(),
		Author:       message.GetAuthor(),
		Label:        message.GetLabel(),
		RequestTime:  message.GetRequestTime().AsTime(),
		Delay:        message.GetDelay().AsDuration(),
		Position:     message.GetPosition(),
	}
	if message.GetGrantTime() != nil {
		state.GrantTime = message.GetGrantTime().AsTime()
	}
	return state
}

func inspectedLockFrom(message *hyperloomv1.InspectedLock) InspectedLock {
	return InspectedLock{lockStateFrom(message.GetLock()), message.GetWaitsFor(), message.GetWaitsForTotal()}
}

func deadlockMemberFrom(message *hyperloomv1.DeadlockMember) DeadlockMember {
	return DeadlockMember{
		message.GetLeaseId(), message.GetLockId(), message.GetAuthor(), mapped(message.GetTargets(), targetFrom),
	}
}
