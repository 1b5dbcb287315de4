package hyperloom

import "sync"

// ghostBasis is what goes along with the diffs of one ghost: what its agent has read, each thing once. It is copied, not taken from
// the agent's record: the ghost may be taken back, and the agent's other ghosts may stand on the same. What was read in those that
// this one neither holds nor lies in does not count. A commit publishes what went along, so the agent's record forgets that.
type ghostBasis struct {
	record  *basisRecord
	lineage lineage
	// What the agent had read when the ghost was begun: others may have published it since.
	beginning []BasisEntry

	mutex sync.Mutex
	// Up to which of the record's notes this ghost's diffs have taken them along.
	cursor uint64
	// What goes along beside newer notes.
	further []BasisEntry
	// The ghost's newest diff, as far as this process knows.
	sequence    uint64
	isCommitted bool
}

func newGhostBasis(around basis, id string, sequence uint64) *ghostBasis {
	record, outer := around.where()
	g := &ghostBasis{record: record, lineage: append(lineage{id}, outer...), sequence: sequence}
	g.beginning, g.cursor = record.since(0, g.lineage)
	g.further = g.beginning
	return g
}

func (g *ghostBasis) where() (*basisRecord, lineage) { return g.record, g.lineage }

func (g *ghostBasis) note(entry BasisEntry) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	entry.GhostID, entry.Sequence = g.lineage[0], max(g.sequence, entry.Sequence)
	g.record.noteIn(entry, g.lineage)
}

// staged: a diff was staged.
func (g *ghostBasis) staged(sequence uint64) {
	if g == nil {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.sequence = max(g.sequence, sequence)
}

func (g *ghostBasis) take() []BasisEntry {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	taken, stamp := g.record.since(g.cursor, g.lineage)
	if len(g.further) > 0 {
		taken = united(g.further, taken)
	}
	g.further, g.cursor = nil, stamp
	return taken
}

func (g *ghostBasis) giveBack(entries []BasisEntry) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.further = united(g.further, entries)
}

func (g *ghostBasis) clear() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	_, stamp := g.record.since(g.cursor, g.lineage)
	g.further, g.cursor = nil, stamp
}

// rewound: diffs after this one were dropped: all that was read counts again.
func (g *ghostBasis) rewound(sequence uint64) {
	if g == nil {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.further, g.cursor, g.sequence = g.beginning, 0, sequence
}

// committed: what went along has reached the trunk, or the ghost around this one.
func (g *ghostBasis) committed() {
	if g == nil {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.isCommitted = true
	if len(g.lineage) == 1 {
		g.record.forgetUntil(g.cursor, g.lineage)
	}
}

// ended: the ghost is over.
func (g *ghostBasis) ended() {
	if g == nil {
		return
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.further = nil
	g.record.release(g.lineage, !g.isCommitted)
}
