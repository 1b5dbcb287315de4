package hyperloom

import (
	"sync"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// agent is one agent in one forest, and what it has seen.
type agent struct {
	author     string
	forest     string // As it travels: empty for the default forest.
	trackBasis bool

	mutex  sync.Mutex
	basis  basis
	newest uint64
}

// see remembers that the trunk has reached a revision.
func (a *agent) see(revision uint64) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.newest = max(a.newest, revision)
}

func (a *agent) newestRevision() uint64 {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.newest
}

// note: a path was read.
func (a *agent) note(path string, revision uint64, extent Extent) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.newest = max(a.newest, revision)
	if a.trackBasis {
		a.basis.note(BasisEntry{path, revision, extent})
	}
}

// takeBasis is what was read since the last publish.
func (a *agent) takeBasis() []BasisEntry {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.basis.take()
}

func (a *agent) published(outcome Published) { a.see(outcome.Revision) }

// refused: what the publish took along counts again.
func (a *agent) refused(basis []BasisEntry, _ *Error) {
	if !a.trackBasis {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.basis.giveBack(basis)
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

// view of a read. A ghost, and a given revision, say by themselves what is seen.
func (a *agent) view(ghostID string, options []ReadOption) *view {
	asked := &view{of: &hyperloomv1.ReadView{GhostId: ghostID}}
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
