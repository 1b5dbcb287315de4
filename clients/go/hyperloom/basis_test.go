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
		nodeRead("/a", 5), BasisEntry{"/b", 2, ExtentNode, 3}, BasisEntry{Path: "/b", Revision: 2, Extent: ExtentSubtree})
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
		nodeRead("/other/deep/node", 50), nodeRead("/c/1", 40), nodeRead("/c/2", 41), BasisEntry{"/a/b", 20, ExtentSubtree, 27})
}

func TestReadingsWithoutASiblingFoldUntilTheRootEndsIt(t *testing.T) {
	record := newBasisRecord(4)
	for index := range uint64(5) {
		record.note(nodeRead(fmt.Sprintf("/tree_%d/x", index), index+1))
	}
	taken(t, record, BasisEntry{"/", 1, ExtentSubtree, 5})
	for index := range uint64(5) {
		record.note(nodeRead(fmt.Sprintf("/a/%d", index), index+1))
	}
	record.note(BasisEntry{Path: "/a", Revision: 9, Extent: ExtentSubtree})
	taken(t, record, BasisEntry{"/a", 1, ExtentSubtree, 9})
	for index := range uint64(30) {
		ghost := lineage{fmt.Sprintf("ghost_%d", index)}
		record.noteIn(BasisEntry{Path: "/", Revision: index, Extent: ExtentSubtree}, ghost)
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
			key := keyOf(entry, nil)
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

func TestEveryGhostTakesAlongWhatItStandsOn(t *testing.T) {
	task, a, b := nodeRead("/task", 1), nodeRead("/a", 1), nodeRead("/b", 1)
	record := newBasisRecord(10)
	record.note(task)
	one, two := newGhostBasis(record, "one"), newGhostBasis(record, "two")
	one.note(a)
	inner := newGhostBasis(one, "inner")
	taken(t, one, task, a)
	taken(t, one)
	taken(t, two, task)
	inner.note(b)
	taken(t, inner, task, a, b)
	taken(t, one, b)
	taken(t, two)
	taken(t, record, task, a, b)
	two.rewound()
	taken(t, two, task)
	two.giveBack([]BasisEntry{task})
	taken(t, two, task)
}

func TestWhatACommitHasPublishedIsForgotten(t *testing.T) {
	task, a, check := nodeRead("/task", 1), nodeRead("/a", 1), nodeRead("/check", 1)
	record := newBasisRecord(10)
	record.note(task)
	ghost := newGhostBasis(record, "ghost")
	inner := newGhostBasis(ghost, "inner")
	inner.note(a)
	taken(t, inner, task, a)
	inner.committed()
	inner.ended()
	taken(t, ghost, task, a)
	ghost.note(check)
	ghost.committed()
	ghost.ended()
	taken(t, record, check)
	reverted := newGhostBasis(record, "reverted")
	reverted.note(a)
	reverted.take()
	reverted.ended()
	taken(t, newGhostBasis(record, "next"), a)
	if got := (&agent{}).takeBasis(); !reflect.DeepEqual(got, []BasisEntry(nil)) {
		t.Fatalf("noted although it is not tracked: %v", got)
	}
}
