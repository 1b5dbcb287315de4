// Package precondition builds what must hold at the moment a context diff takes effect, or nothing of it does.
package precondition

import hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"

// Precondition is one condition. Make it with the functions of this package.
type Precondition = *hyperloomv1.Precondition

// Present: the node is there; it has a value or children.
func Present(path string) Precondition {
	return presence(path, hyperloomv1.Presence_PRESENCE_PRESENT)
}

// Absent: the node is not there.
func Absent(path string) Precondition {
	return presence(path, hyperloomv1.Presence_PRESENCE_ABSENT)
}

// ModifiedRevision: Node.ModifiedRevision equals this. 0: the node has no value on the trunk.
func ModifiedRevision(path string, revision uint64) Precondition {
	condition := &hyperloomv1.Precondition_ModifiedRevision{ModifiedRevision: revision}
	return &hyperloomv1.Precondition{Path: path, Condition: condition}
}

// Version: Node.Version equals this. Works in ghosts too.
func Version(path string, number uint64) Precondition {
	return &hyperloomv1.Precondition{Path: path, Condition: &hyperloomv1.Precondition_Version{Version: number}}
}

// SubtreeUnchangedSince: nothing at or below the path changed after this revision.
func SubtreeUnchangedSince(path string, revision uint64) Precondition {
	condition := &hyperloomv1.Precondition_SubtreeUnchangedSince{SubtreeUnchangedSince: revision}
	return &hyperloomv1.Precondition{Path: path, Condition: condition}
}

func presence(path string, is hyperloomv1.Presence) Precondition {
	return &hyperloomv1.Precondition{Path: path, Condition: &hyperloomv1.Precondition_Presence{Presence: is}}
}
