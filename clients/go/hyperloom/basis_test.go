package hyperloom

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func nodeRead(path string, revision uint64) BasisEntry {
	return BasisEntry{Path: path, Revision: revision, Extent: ExtentNode}
}

func taken(t *testing.T, from basis, want ...BasisEntry) {
	t.Helper()
	if got := from.take(); !slices.Equal(got, want) {
		t.Fatalf("taken was %v in place of %v", got, want)
	}
}

func TestAReadingReplacesAnOlderOneAndANewerOneStays(t *testing.T) {
	record := newBasisRecord(10)
	record.note(nodeRead("/a", 1))
	record.note(nodeRead("/b", 3))
	record.note(nodeRead("/a", 5))
	record.note(nodeRead("/b", 2))
	record.note(BasisEntry{Path: "/b", Revision: 2, Extent: ExtentSubtree})
	taken(t, record,
		nodeRead("/a", 5), BasisEntry{Path: "/b", Revision: 2, Extent: ExtentNode, Newest: 3}, BasisEntry{Path: "/b", Revision: 2, Extent: ExtentSubtree})
	taken(t, record)
}

func TestTheLargestFamiliesOfReadingsFoldFirst(t *testing.T) {
	record := newBasisRecord(10)
	record.note(nodeRead("/other/deep/node", 50))
	record.note(nodeRead("/c/1", 40))
	record.note(nodeRead("/c/2", 41))
	for index := range uint64(8) {
		record.note(nodeRead(fmt.Sprintf("/a/b/n%d", index), 20+index))
	}
	taken(t, record,
		nodeRead("/other/deep/node", 50), nodeRead("/c/1", 40), nodeRead("/c/2", 41), BasisEntry{Path: "/a/b", Revision: 20, Extent: ExtentSubtree, Newest: 27})
}

func TestReadingsWithoutASiblingFoldUntilTheRootEndsIt(t *testing.T) {
	record := newBasisRecord(4)
	for index := range uint64(5) {
		record.note(nodeRead(fmt.Sprintf("/tree_%d/x", index), index+1))
	}
	taken(t, record, BasisEntry{Path: "/", Revision: 1, Extent: ExtentSubtree, Newest: 5})
	for index := range uint64(5) {
		record.note(nodeRead(fmt.Sprintf("/a/%d", index), index+1))
	}
	record.note(BasisEntry{Path: "/a", Revision: 9, Extent: ExtentSubtree})
	taken(t, record, BasisEntry{Path: "/a", Revision: 1, Extent: ExtentSubtree, Newest: 9})
	for index := range uint64(30) {
		ghost := fmt.Sprintf("ghost_%d", index)
		record.note(BasisEntry{Path: "/", Revision: index, Extent: ExtentSubtree, GhostID: ghost})
	}
	if count := len(record.take()); count > 4 {
		t.Fatalf("%d entries", count)
	}
}

func TestWhatIsGivenBackDoesNotReplaceWhatWasReadSince(t *testing.T) {
	record := newBasisRecord(10)
	record.note(nodeRead("/a", 1))
	record.note(nodeRead("/b", 1))
	before := record.take()
	record.note(nodeRead("/a", 9))
	record.giveBack(before)
	taken(t, record, nodeRead("/a", 9), nodeRead("/b", 1))
}

func TestWhateverIsReadIsCoveredByWhatIsHandedOver(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		record := newBasisRecord(20)
		wanted := make(map[noteKey][]BasisEntry)
		for range 1 + random.IntN(120) {
			var path strings.Builder
			for range 1 + random.IntN(4) {
				fmt.Fprintf(&path, "/%d", random.IntN(6))
			}
			extent := []Extent{ExtentNode, ExtentSubtree, ExtentAbsent}[random.IntN(3)]
			entry := BasisEntry{Path: path.String(), Revision: random.Uint64N(300), Extent: extent}
			record.note(entry)
			// It takes the place of what is older.
			key := keyOf(entry)
			newer := slices.DeleteFunc(wanted[key], func(each BasisEntry) bool { return each.Revision <= entry.Revision })
			wanted[key] = append(newer, entry)
		}
		entries := record.take()
		if len(entries) > 20 {
			t.Fatalf("%d entries with seed %d", len(entries), seed)
		}
		for _, family := range wanted {
			for _, each := range family {
				if !slices.ContainsFunc(entries, func(entry BasisEntry) bool { return covers(entry, each) }) {
					t.Fatalf("%v is not covered with seed %d", each, seed)
				}
			}
		}
	}
}

func covers(entry, wanted BasisEntry) bool {
	isThere := entry.Path == wanted.Path && (wanted.Extent != ExtentSubtree || entry.Extent == ExtentSubtree)
	if entry.Extent == ExtentSubtree {
		isThere = isThere || strings.HasPrefix(wanted.Path, strings.TrimSuffix(entry.Path, "/")+"/")
	}
	return isThere && entry.Revision <= wanted.Revision && wanted.Revision <= entry.last()
}

func (e BasisEntry) in(ghost string) BasisEntry {
	e.GhostID = ghost
	return e
}

func TestEveryGhostTakesAlongWhatItStandsOn(t *testing.T) {
	task, a, b := nodeRead("/task", 1), nodeRead("/a", 1), nodeRead("/b", 1)
	record := newBasisRecord(10)
	record.note(task)
	one, two := newGhostBasis(record, "one", 0), newGhostBasis(record, "two", 0)
	one.note(a)
	inner := newGhostBasis(one, "inner", 0)
	taken(t, one, task, a.in("one"))
	taken(t, one)
	taken(t, two, task)
	inner.note(b)
	taken(t, inner, task, a.in("one"), b.in("inner"))
	taken(t, one, b.in("inner"))
	taken(t, two)
	taken(t, record, task, a.in("one"), b.in("inner"))
	two.rewound(0)
	taken(t, two, task)
	two.giveBack([]BasisEntry{task})
	taken(t, two, task)
}

func TestWhatACommitHasPublishedIsForgotten(t *testing.T) {
	task, a, check := nodeRead("/task", 1), nodeRead("/a", 1), nodeRead("/check", 1)
	record := newBasisRecord(10)
	record.note(task)
	ghost := newGhostBasis(record, "ghost", 0)
	inner := newGhostBasis(ghost, "inner", 0)
	inner.note(a)
	taken(t, inner, task, a.in("inner"))
	inner.committed()
	inner.ended()
	taken(t, ghost, task, a.in("inner"))
	ghost.note(check)
	ghost.committed()
	ghost.ended()
	taken(t, record, check.in("ghost"))
	reverted := newGhostBasis(record, "reverted", 0)
	reverted.note(a)
	reverted.take()
	reverted.ended()
	taken(t, newGhostBasis(record, "next", 0), a)
	if got := (&agent{}).takeBasis(); !reflect.DeepEqual(got, []BasisEntry(nil)) {
		t.Fatalf("noted although it is not tracked: %v", got)
	}
}

func TestAReadInAGhostSaysWhichOfItsDiffsItHasSeen(t *testing.T) {
	ghost := newGhostBasis(newBasisRecord(10), "ghost", 2)
	at := func(path string, sequence uint64) BasisEntry {
		entry := nodeRead(path, 1).in("ghost")
		entry.Sequence = sequence
		return entry
	}
	ghost.note(nodeRead("/a", 1))
	ghost.staged(3)
	ghost.note(nodeRead("/b", 1))
	ghost.note(BasisEntry{Path: "/c", Revision: 1, Extent: ExtentNode, Sequence: 5})
	taken(t, ghost, at("/a", 2), at("/b", 3), at("/c", 5))
	ghost.clear()
	ghost.staged(4)
	several := []BasisEntry{{Path: "/a", Revision: 3, Extent: ExtentSubtree, Newest: 9}, at("/b", 3), nodeRead("/c", 1)}
	if told := basisMessages(several); len(told) != 4 || told[1].GetRevision() != 9 || told[2].GetSequence() != 3 {
		t.Fatalf("told as %v", told)
	}
}
