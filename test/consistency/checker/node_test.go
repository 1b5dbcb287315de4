package main

import (
	"os"
	"strings"
	"testing"
)

// Each history is written one call a line: who, when it was asked and answered (`-`: never), what, and what came of it.
//
//	a 1 2 put x ok 1        a put that made revision 1
//	b 3 4 read x 1 1        a read that showed x, revision 1, version 1
//	b 3 4 read -            a read that found nothing
//	a 5 - append y unknown  an append without an answer
//	a 5 6 put z if 1 refused
//	a 5 6 put z since 1 ok 3
func TestLegalHistoriesAreFoundLegal(t *testing.T) {
	for name, text := range map[string]string{
		"writes one after the other":                  "a 1 2 put x ok 1\na 3 4 append y ok 2\nb 5 6 read xy 2 2",
		"a read beside a write shows the old value":   "a 1 2 put x ok 1\na 3 9 put y ok 2\nb 4 5 read x 1 1\nb 10 11 read y 2 2",
		"a write without an answer that took effect":  "a 1 - put x unknown\nb 3 4 read x 7 1",
		"a write without an answer that did not":      "a 1 - put x unknown\nb 3 4 read -",
		"one that takes effect late":                  "a 1 - append x unknown\nb 3 4 read -\nb 5 6 append y ok 5\nb 7 8 read yx 6 2",
		"compare and set":                             "a 1 2 put x if 0 ok 1\na 3 4 put y if 1 ok 2\nb 3 9 put z if 1 refused",
		"compare and set on what nobody was told of":  "a 1 - put x unknown\nb 3 4 put y if 5 ok 6",
		"one of unknown outcome on what nobody knows": "a 1 - put x unknown\nb 3 - put y since 5 unknown\nb 4 5 read y 6 2",
		"a refusal that nobody can judge":             "a 1 - put x unknown\nb 3 4 put y if 5 refused\nb 5 6 read x 4 1",
		"increments and merges":                       "a 1 2 increment 5 ok 1\na 3 4 increment -7 ok 2\nb 5 6 read -2 2 2",
		"keys that come and go":                       `a 1 2 merge {"b":"1","a":"2"} ok 1` + "\n" + `a 3 4 merge {"b":null} ok 2` + "\n" + `b 5 6 read {"a":"2"} 2 2`,
		"a node that was deleted begins anew":         "a 1 2 put x ok 1\na 3 4 delete  ok 2\nb 5 6 read -\na 7 8 put y if 0 ok 3\nb 9 9 read y 3 1",
		"a commit over what was there before":         "a 1 2 put x ok 1\nb 3 4 put y since 1 ok 2",
	} {
		if got := illegal(t, text); got {
			t.Errorf("%s: found illegal", name)
		}
	}
}

func TestWrongHistoriesAreFound(t *testing.T) {
	for name, text := range map[string]string{
		"a lost write":                      "a 1 2 put x ok 1\nb 3 4 read -",
		"a lost write, later":               "a 1 2 put x ok 1\na 3 4 append y ok 2\nb 5 6 read x 1 1",
		"a stale read":                      "a 1 2 put x ok 1\na 3 4 put y ok 2\nb 5 6 read x 1 1",
		"a read that goes back":             "a 1 2 put x ok 1\na 3 9 put y ok 2\nb 4 5 read y 2 2\nb 6 7 read x 1 1",
		"a double append":                   "a 1 2 append x ok 1\nb 3 4 read xx 1 1",
		"a double append as two changes":    "a 1 2 append x ok 1\nb 3 4 read xx 2 2",
		"a double append without an answer": "a 1 - append x unknown\nb 3 4 read xx 2 2",
		"a lost increment":                  "a 1 5 increment 1 ok 1\nb 2 6 increment 1 ok 2\nb 7 8 read 1 2 2",
		"a value from nowhere":              "a 1 2 put x ok 1\nb 3 4 read z 1 1",
		"a wrong revision":                  "a 1 2 put x ok 1\nb 3 4 read x 2 1",
		"a wrong version":                   "a 1 2 put x ok 1\nb 3 4 read x 1 2",
		"revisions against time":            "a 1 2 put x ok 2\na 3 4 put y ok 1",
		"two winners of compare and set":    "a 1 2 put x ok 1\na 3 9 put y if 1 ok 2\nb 3 9 put z if 1 ok 3",
		"a refusal without a cause":         "a 1 2 put x ok 1\nb 3 4 put y if 1 refused",
		"a commit over what came since":     "a 1 2 put x ok 1\na 3 4 put z ok 2\nb 5 6 put y since 1 ok 3",
		"a write undone by a crash":         "a 1 - put x unknown\nb 3 4 read x 1 1\nb 5 6 read -",
		"a node that outlives its deletion": "a 1 2 put x ok 1\na 3 4 delete  ok 2\nb 5 6 read x 1 1",
	} {
		if got := illegal(t, text); !got {
			t.Errorf("%s: not found", name)
		}
	}
}

func TestAFailureIsShownOnAPage(t *testing.T) {
	folder := t.TempDir()
	calls := map[string][]call{"/reg/1": parse(t, "a 1 2 put x ok 1\nb 3 4 read -"), "/reg/2": parse(t, "a 1 2 put x ok 1")}
	result, err := judge(calls, folder, limits)
	if err != nil || result.Keys != 2 || result.Calls != 3 || len(result.Illegal) != 1 || len(result.Failures) != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	page, err := os.ReadFile(result.Failures[0].Page)
	if err != nil || !strings.Contains(string(page), "read nothing") {
		t.Fatalf("the page does not tell of the read: %v", err)
	}
}

func illegal(t *testing.T, text string) bool {
	t.Helper()
	result, err := judge(map[string][]call{"/key": parse(t, text)}, t.TempDir(), limits)
	if err != nil || len(result.Undecided) > 0 {
		t.Fatalf("%v, %v", result.Undecided, err)
	}
	return len(result.Illegal) > 0
}
