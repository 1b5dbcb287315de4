package hyperloom

import (
	"strings"

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
	Path     string
	Revision uint64
	Extent   Extent
}

type basisKey struct {
	path    string
	subtree bool
}

// basis is what an agent has read since its last publish. It is bounded: where more paths were read than a publish may name,
// they are folded into the subtrees that hold them, at the oldest revision among them. That claims more, never less, than was
// read. The agent's mutex guards it.
type basis struct {
	// In the order of reading.
	entries []BasisEntry
	// Where each is among them.
	places map[basisKey]int
}

func keyOf(entry BasisEntry) basisKey {
	return basisKey{entry.Path, entry.Extent == ExtentSubtree}
}

// note takes a reading; a later one of the same thing replaces the earlier one.
func (b *basis) note(entry BasisEntry) {
	b.put(entry)
	if len(b.entries) > basisEntriesMax {
		b.fold()
	}
}

func (b *basis) put(entry BasisEntry) {
	if place, known := b.places[keyOf(entry)]; known {
		b.entries[place] = entry
		return
	}
	if b.places == nil {
		b.places = make(map[basisKey]int)
	}
	b.places[keyOf(entry)] = len(b.entries)
	b.entries = append(b.entries, entry)
}

// take hands the record over to a publish and begins an empty one.
func (b *basis) take() []BasisEntry {
	taken := b.entries
	*b = basis{}
	return taken
}

// giveBack: the publish that took them was refused; they count again, where nothing newer was read meanwhile.
func (b *basis) giveBack(entries []BasisEntry) {
	for _, entry := range entries {
		if _, known := b.places[keyOf(entry)]; !known {
			b.note(entry)
		}
	}
}

// fold halves the record at least: paths are cut one segment shorter, the deepest first, until few are left.
func (b *basis) fold() {
	depth := 0
	for _, entry := range b.entries {
		depth = max(depth, strings.Count(entry.Path, "/"))
	}
	for len(b.entries) > basisEntriesMax/2 && depth > 0 {
		depth--
		var folded basis
		for _, entry := range b.entries {
			if cut := cutPath(entry.Path, depth); cut != entry.Path {
				entry = BasisEntry{cut, entry.Revision, ExtentSubtree}
			}
			if place, known := folded.places[keyOf(entry)]; known {
				entry.Revision = min(entry.Revision, folded.entries[place].Revision)
			}
			folded.put(entry)
		}
		*b = folded
	}
}

// cutPath keeps so many segments of a path.
func cutPath(path string, depth int) string {
	for at, segments := 0, 0; at < len(path); at++ {
		if path[at] != '/' {
			continue
		}
		if segments == depth && at > 0 {
			return path[:at]
		}
		segments++
		if depth == 0 {
			return "/"
		}
	}
	return path
}

func basisMessage(entry BasisEntry) *hyperloomv1.BasisEntry {
	extent := hyperloomv1.BasisExtent_BASIS_EXTENT_NODE
	switch entry.Extent {
	case ExtentSubtree:
		extent = hyperloomv1.BasisExtent_BASIS_EXTENT_SUBTREE
	case ExtentAbsent:
		extent = hyperloomv1.BasisExtent_BASIS_EXTENT_ABSENT
	}
	return &hyperloomv1.BasisEntry{Path: entry.Path, Revision: entry.Revision, Extent: extent}
}

func basisEntryFrom(message *hyperloomv1.BasisEntry) BasisEntry {
	extent := ExtentNode
	switch message.GetExtent() {
	case hyperloomv1.BasisExtent_BASIS_EXTENT_SUBTREE:
		extent = ExtentSubtree
	case hyperloomv1.BasisExtent_BASIS_EXTENT_ABSENT:
		extent = ExtentAbsent
	}
	return BasisEntry{message.GetPath(), message.GetRevision(), extent}
}
