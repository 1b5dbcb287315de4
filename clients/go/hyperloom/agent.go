package hyperloom

import (
	"sync"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// agent is one agent in one forest, and what it has seen. A ghost that it works in has one of its own, for the same.
type agent struct {
	author string
	forest string // As it travels: empty for the default forest.
	basis  basis  // Nil where it is not tracked.
	seen   *seen
}

// seen is what all handles of an agent have seen of the trunk.
type seen struct {
	mutex  sync.Mutex
	newest uint64
}

func newAgent(author, forest string, trackBasis bool) *agent {
	a := &agent{author: author, forest: forest, seen: &seen{}}
	if trackBasis {
		a.basis = newBasisRecord(basisEntriesMax)
	}
	return a
}

// inGhost is the same agent at work in a ghost that it has begun, or attached itself to.
func (a *agent) inGhost(id string, sequence uint64) *agent {
	inside := &agent{author: a.author, forest: a.forest, seen: a.seen}
	if a.basis != nil {
		inside.basis = newGhostBasis(a.basis, id, sequence)
	}
	return inside
}

// ghostBasis is that of the ghost that it works in; nil where there is none.
func (a *agent) ghostBasis() *ghostBasis {
	found, _ := a.basis.(*ghostBasis)
	return found
}

// see remembers that the trunk has reached a revision.
func (a *agent) see(revision uint64) {
	a.seen.mutex.Lock()
	defer a.seen.mutex.Unlock()
	a.seen.newest = max(a.seen.newest, revision)
}

func (a *agent) newestRevision() uint64 {
	a.seen.mutex.Lock()
	defer a.seen.mutex.Unlock()
	return a.seen.newest
}

// note: a path was read, and this came of it; empty: the root.
func (a *agent) note(path string, revision uint64, extent Extent, nodes ...*hyperloomv1.Node) {
	a.see(revision)
	if path == "" {
		path = "/"
	}
	if a.basis == nil {
		return
	}
	entry := BasisEntry{Path: path, Revision: revision, Extent: extent}
	for _, node := range nodes { // Others may have staged more in a ghost than this process knows.
		entry.Sequence = max(entry.Sequence, node.GetStagedSequence())
	}
	a.basis.note(entry)
}

// noteAll: all of this was read, as the broker has told it.
func (a *agent) noteAll(entries []BasisEntry) {
	if a.basis == nil {
		return
	}
	for _, entry := range entries {
		a.basis.note(entry)
	}
}

// takeBasis is what goes along with the next publish.
func (a *agent) takeBasis() []BasisEntry {
	if a.basis == nil {
		return nil
	}
	return a.basis.take()
}

func (a *agent) published(outcome Published) { a.see(outcome.Revision) }

// refused: what the publish took along counts again.
func (a *agent) refused(basis []BasisEntry, _ *Error) {
	if a.basis != nil && len(basis) > 0 {
		a.basis.giveBack(basis)
	}
}

// ReadOption says which state a read sees, and how it is told. Without one, it sees at least what this client has seen: its own writes, and
// all that it has read, on any replica; values are told as they are stored.
type ReadOption func(*view)

// view is what a read asks for.
type view struct {
	of     *hyperloomv1.ReadView
	values *hyperloomv1.ValueView // Nil: as they are stored.
}

// AtRevision reads the trunk as it was.
func AtRevision(revision uint64) ReadOption {
	return func(v *view) { v.of.AtRevision, v.of.Consistency = revision, nil }
}

// AtLeast reads a state that has this trunk revision; it waits for one that is on its way.
func AtLeast(revision uint64) ReadOption {
	return func(v *view) {
		v.of.Consistency = &hyperloomv1.ReadView_AtLeastRevision{AtLeastRevision: revision}
	}
}

// Linearizable reads a state with every write that was acknowledged before the read began.
func Linearizable() ReadOption {
	return func(v *view) {
		v.of.Consistency = &hyperloomv1.ReadView_Linearizable{Linearizable: &hyperloomv1.Linearizable{}}
	}
}

// Stale reads whatever is at hand: the cheapest.
func Stale() ReadOption {
	return func(v *view) {
		v.of.Consistency = &hyperloomv1.ReadView_Stale{Stale: &hyperloomv1.Stale{}}
	}
}

// view of a read. A ghost, of which an edition is known, and a given revision say by themselves what is seen.
func (a *agent) view(ghostID string, edition uint64, options []ReadOption) *view {
	asked := &view{of: &hyperloomv1.ReadView{GhostId: ghostID, Edition: edition}}
	if ghostID == "" {
		if newest := a.newestRevision(); newest > 0 {
			AtLeast(newest)(asked)
		} else {
			Linearizable()(asked)
		}
	}
	for _, option := range options {
		option(asked)
	}
	return asked
}
