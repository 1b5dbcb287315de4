package hyperloom

import (
	"slices"
	"strings"
)

// notes are reads by what was read, in the order of reading.
type notes struct {
	inOrder []note
	places  map[noteKey]int
}

func (n *notes) count() int { return len(n.inOrder) }

func (n *notes) find(key noteKey) *note {
	if place, known := n.places[key]; known {
		return &n.inOrder[place]
	}
	return nil
}

func (n *notes) put(each note) {
	key := keyOf(each.entry)
	if place, known := n.places[key]; known {
		n.inOrder[place] = each
		return
	}
	if n.places == nil {
		n.places = make(map[noteKey]int)
	}
	n.places[key] = len(n.inOrder)
	n.inOrder = append(n.inOrder, each)
}

func (n *notes) keep(isKept func(note) bool) {
	before := n.inOrder
	*n = notes{}
	for _, each := range before {
		if isKept(each) {
			n.put(each)
		}
	}
}

// family is notes with the same parent.
type family struct {
	parent  string
	depth   int
	members []noteKey
}

// fold turns families into subtrees of their parents until at most so many notes are left. Where no note has a sibling, the deepest
// ones become subtrees of their parents, so that they have some in the end.
func (n *notes) fold(countMax int) {
	for len(n.places) > countMax {
		chosen := n.familiesToFold()
		if len(chosen) == 0 {
			n.dropOldest(len(n.places) - countMax)
			return
		}
		for _, each := range chosen {
			for _, member := range each.members {
				n.unite(member, each.parent)
			}
			if len(n.places) <= countMax {
				break
			}
		}
		n.keep(isThere)
	}
}

// isThere: it was not moved elsewhere, which leaves a gap.
func isThere(each note) bool { return each.entry.Path != "" }

func (n *notes) familiesToFold() []*family {
	var all []*family
	known := make(map[[2]string]*family)
	deepest := 0
	for _, each := range n.inOrder {
		if each.entry.Path == "/" {
			continue
		}
		name := [2]string{each.entry.GhostID, parentOf(each.entry.Path)}
		found := known[name]
		if found == nil {
			found = &family{parent: name[1], depth: depthOf(name[1])}
			known[name] = found
			all = append(all, found)
			deepest = max(deepest, found.depth)
		}
		found.members = append(found.members, keyOf(each.entry))
	}
	large := slices.DeleteFunc(slices.Clone(all), func(each *family) bool { return len(each.members) == 1 })
	if len(large) == 0 {
		return slices.DeleteFunc(all, func(each *family) bool { return each.depth < deepest })
	}
	slices.SortStableFunc(large, func(one, other *family) int {
		if len(one.members) != len(other.members) {
			return len(other.members) - len(one.members)
		}
		return other.depth - one.depth
	})
	return large
}

// unite moves what was read there into the subtree of its parent.
func (n *notes) unite(member noteKey, parent string) {
	place, known := n.places[member]
	if !known {
		return
	}
	moved := n.inOrder[place]
	n.inOrder[place] = note{}
	delete(n.places, member)
	moved.entry.Newest = moved.entry.last()
	moved.entry.Path, moved.entry.Extent = parent, ExtentSubtree
	if there := n.find(keyOf(moved.entry)); there != nil {
		moved.entry = there.entry.spanning(moved.entry)
		moved.stamp = max(moved.stamp, there.stamp)
	}
	n.put(moved)
}

// dropOldest: whole forests read in more ghosts than there is room for: nothing is left to be folded.
func (n *notes) dropOldest(count int) {
	n.keep(func(note) bool {
		count--
		return count < 0
	})
}

func depthOf(path string) int { return strings.Count(strings.TrimSuffix(path, "/"), "/") }

func parentOf(path string) string { return path[:max(1, strings.LastIndexByte(path, '/'))] }
