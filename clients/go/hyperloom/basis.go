package hyperloom

import (
	"slices"
	"sync"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// Extent says how much of a path was read.
type Extent string

// The node alone, the node and all below it, or that there was nothing.
const (
	ExtentNode    Extent = "node"
	ExtentSubtree Extent = "subtree"
	ExtentAbsent  Extent = "absent"
)

// BasisEntry is one thing that an agent had read when it published.
type BasisEntry struct {
	Path string
	// Revision of the view in which it was read; in a ghost the one that it stands on.
	Revision uint64
	Extent   Extent
	// Newest view, where it stands for several reads: a revision or, in a ghost, a sequence. 0: it is one read.
	Newest uint64
	// GhostID of the ghost in which it was read; empty: the trunk.
	GhostID string
	// Sequence of the ghost's newest diff in that view; 0 where it had none.
	Sequence uint64
}

// first is which view of the trunk, or of its ghost, it is: the oldest.
func (e BasisEntry) first() uint64 {
	if e.GhostID != "" {
		return e.Sequence
	}
	return e.Revision
}

func (e BasisEntry) last() uint64 { return max(e.first(), e.Newest) }

func (e BasisEntry) at(view uint64) BasisEntry {
	if e.GhostID != "" {
		e.Sequence = view
	} else {
		e.Revision = view
	}
	return e
}

// supersedes: it shows all that the other one shows as it was later. What stands for several reads has to be kept.
func (e BasisEntry) supersedes(other BasisEntry) bool {
	return other.Newest == 0 && e.last() >= other.first()
}

// spanning is one entry for both.
func (e BasisEntry) spanning(other BasisEntry) BasisEntry {
	newest := max(e.last(), other.last())
	e = e.at(min(e.first(), other.first()))
	e.Newest = newest
	return e
}

// lineage is the ghost in which something was read, and those around it, outwards; empty for the trunk.
type lineage []string

func (l lineage) ghost() string {
	if len(l) == 0 {
		return ""
	}
	return l[0]
}

// isRelated: the one is the trunk, the other, around it or in it.
func (l lineage) isRelated(other lineage) bool {
	return len(l) == 0 || len(other) == 0 || slices.Contains(l, other[0]) || slices.Contains(other, l[0])
}

// note is a read and where it was made.
type note struct {
	entry   BasisEntry
	lineage lineage
	stamp   uint64 // Grows with every note.
}

// noteKey: a node and its subtree are noted apart: the one may have been read later than the other. So is what ghosts show.
type noteKey struct {
	path    string
	subtree bool
	ghost   string
}

func keyOf(entry BasisEntry) noteKey {
	return noteKey{entry.Path, entry.Extent == ExtentSubtree, entry.GhostID}
}

// basis is what notes reads, and hands them over to publishes.
type basis interface {
	note(entry BasisEntry)
	// take is what goes along with the next publish.
	take() []BasisEntry
	// giveBack: that publish did not take effect: what it took counts again, where nothing newer was read meanwhile.
	giveBack(entries []BasisEntry)
	// clear forgets what was noted.
	clear()
	// where is the agent's record, and where this handle reads.
	where() (*basisRecord, lineage)
}

// basisRecord is what an agent has read since its last publish, through any number of handles.
//
//   - Reading a thing again replaces what was noted of it, unless that read shows an older state: then both count.
//   - The record is bounded. Above its bound, siblings become one entry for the subtree of their parent, the largest families
//     first; such an entry stands for reads from Revision to Newest, and travels as two, one of each. So it claims more than was
//     read. Only what was both written and overwritten between these two can be missed.
//   - What is published on the trunk takes all of it. What is staged in a ghost takes a copy, since it may be taken back, and
//     others of the agent's ghosts may stand on the same: see ghostBasis.
//   - The same in every language: clients/conformance/scenarios/sdk/basis.yaml.
type basisRecord struct {
	entriesMax int

	mutex sync.Mutex
	notes notes
	stamp uint64 // Of the newest note.
}

func newBasisRecord(entriesMax int) *basisRecord {
	return &basisRecord{entriesMax: entriesMax}
}

func (b *basisRecord) where() (*basisRecord, lineage) { return b, nil }

func (b *basisRecord) note(entry BasisEntry) { b.noteIn(entry, nil) }

func (b *basisRecord) noteIn(entry BasisEntry, within lineage) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.add(entry, within)
}

func (b *basisRecord) add(entry BasisEntry, within lineage) {
	if known := b.notes.find(keyOf(entry)); known != nil && !entry.supersedes(known.entry) {
		entry = known.entry.spanning(entry)
	}
	b.stamp++
	b.notes.put(note{entry, within, b.stamp})
	if b.notes.count() > b.entriesMax {
		b.notes.fold(b.entriesMax / 2)
	}
}

func (b *basisRecord) take() []BasisEntry {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var taken []BasisEntry
	for _, each := range b.notes.inOrder {
		taken = append(taken, each.entry)
	}
	b.notes = notes{}
	return taken
}

func (b *basisRecord) giveBack(entries []BasisEntry) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, entry := range entries {
		if known := b.notes.find(keyOf(entry)); known == nil || !known.entry.supersedes(entry) {
			b.add(entry, nil)
		}
	}
}

func (b *basisRecord) clear() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.notes = notes{}
}

// since is a copy of what was noted after a stamp, on the trunk, in the ghost, or in one that is around it or in it; and the stamp
// of the newest note.
func (b *basisRecord) since(stamp uint64, within lineage) ([]BasisEntry, uint64) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	var entries []BasisEntry
	for _, each := range b.notes.inOrder {
		if stamp < b.stamp && each.stamp > stamp && within.isRelated(each.lineage) {
			entries = append(entries, each.entry)
		}
	}
	return entries, b.stamp
}

// forgetUntil forgets what since gives up to a stamp: it was published with a commit.
func (b *basisRecord) forgetUntil(stamp uint64, within lineage) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.notes.keep(func(each note) bool { return each.stamp > stamp || !within.isRelated(each.lineage) })
}

// release: a ghost is over. What was read in it was read; where it was dropped, what it stood on is what is left of that.
func (b *basisRecord) release(within lineage, isDropped bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	isOfGhost := func(each note) bool { return each.lineage.ghost() == within.ghost() }
	released := slices.DeleteFunc(slices.Clone(b.notes.inOrder), func(each note) bool { return !isOfGhost(each) })
	if len(released) == 0 {
		return
	}
	b.notes.keep(func(each note) bool { return !isOfGhost(each) })
	for _, each := range released {
		entry := each.entry
		if isDropped {
			entry = BasisEntry{Path: entry.Path, Revision: entry.Revision, Extent: entry.Extent}
		}
		b.add(entry, within[1:])
	}
}

// united is both, each thing once and at its newest, within the bound.
func united(one, other []BasisEntry) []BasisEntry {
	all := newBasisRecord(basisEntriesMax)
	for _, entry := range one {
		all.note(entry)
	}
	all.giveBack(other)
	return all.take()
}

// basisMessages are the entries as they travel: what stands for several reads as the oldest and the newest of them.
func basisMessages(entries []BasisEntry) []*hyperloomv1.BasisEntry {
	var messages []*hyperloomv1.BasisEntry
	for _, entry := range entries {
		messages = append(messages, basisMessage(entry))
		if entry.Newest > entry.first() {
			messages = append(messages, basisMessage(entry.at(entry.Newest)))
		}
	}
	return messages
}

func basisMessage(entry BasisEntry) *hyperloomv1.BasisEntry {
	extent := hyperloomv1.BasisExtent_BASIS_EXTENT_NODE
	switch entry.Extent {
	case ExtentSubtree:
		extent = hyperloomv1.BasisExtent_BASIS_EXTENT_SUBTREE
	case ExtentAbsent:
		extent = hyperloomv1.BasisExtent_BASIS_EXTENT_ABSENT
	}
	message := &hyperloomv1.BasisEntry{Path: entry.Path, Revision: entry.Revision, Extent: extent, GhostId: entry.GhostID}
	if entry.GhostID != "" {
		message.Sequence = entry.Sequence
	}
	return message
}

func basisEntryFrom(message *hyperloomv1.BasisEntry) BasisEntry {
	extent := ExtentNode
	switch message.GetExtent() {
	case hyperloomv1.BasisExtent_BASIS_EXTENT_SUBTREE:
		extent = ExtentSubtree
	case hyperloomv1.BasisExtent_BASIS_EXTENT_ABSENT:
		extent = ExtentAbsent
	}
	return BasisEntry{
		Path: message.GetPath(), Revision: message.GetRevision(), Extent: extent,
		GhostID: message.GetGhostId(), Sequence: message.GetSequence(),
	}
}
