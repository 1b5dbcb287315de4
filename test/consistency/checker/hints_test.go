package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// So many appends without an answer can have come in so many orders that no machine tries them all.
const openCalls = 24

// Who cannot be helped by hints has had no patience to lose; who can needs little of it.
var impatient = patience{plain: 50 * time.Millisecond, hinted: limits.hinted}

// Appends of a, b, c … without an answer. `made` tells of each, by its place, the revision that it made by the broker's history.
func openAppends(made func(place int) int) []string {
	var lines []string
	for place := range openCalls {
		lines = append(lines, fmt.Sprintf("w%d %d - append %s unknown made %d", place, place+1, letter(place), made(place)))
	}
	return lines
}

func letter(place int) string { return string(rune('a' + place)) }

// What the last asked for came first.
func backwards(place int) int { return openCalls - place }

func backwardsText() string {
	text := ""
	for place := range openCalls {
		text = letter(place) + text
	}
	return text
}

func judged(t *testing.T, text string) verdict {
	t.Helper()
	result, err := judge(map[string][]call{"/key": parse(t, text)}, t.TempDir(), impatient)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func history(lines []string, more ...string) string {
	return strings.Join(append(lines, more...), "\n")
}

func TestHintsDecideWhatTimeDoesNot(t *testing.T) {
	all := fmt.Sprintf("r 100 101 read %s %d %d", backwardsText(), openCalls, openCalls)
	nothing := func(int) int { return 0 }
	onlyLast := func(place int) int { return place / (openCalls - 1) }
	for name, text := range map[string]string{
		"all took effect, the last one first": history(openAppends(backwards), all),
		"and others go on from there": history(openAppends(backwards), all, "o 102 103 append ! ok 30",
			fmt.Sprintf("r 104 105 read %s! 30 %d", backwardsText(), openCalls+1)),
		"some of them after a read that does not show them": history(openAppends(func(place int) int { return 40 + backwards(place) }),
			"o 30 31 put ! ok 7", "r 32 33 read ! 7 1", fmt.Sprintf("r 100 101 read !%s %d %d", backwardsText(), 40+openCalls, openCalls+1)),
	} {
		if got := judged(t, text); got.Hinted != 1 || len(got.Illegal) != 0 || len(got.Undecided) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, text := range map[string]string{
		"a write is lost that the broker's history has":   history(openAppends(backwards), fmt.Sprintf("r 100 101 read %s %d %d", backwardsText()[1:], openCalls, openCalls-1)),
		"one is seen that it does not have":               history(openAppends(nothing), all),
		"one is seen twice":                               history(openAppends(backwards), fmt.Sprintf("r 100 101 read %sa %d %d", backwardsText(), openCalls, openCalls+1)),
		"one is seen twice, with two changes":             history(openAppends(backwards), fmt.Sprintf("r 100 101 read %sa %d %d", backwardsText(), openCalls+1, openCalls+1)),
		"two made the same revision":                      history(openAppends(func(place int) int { return max(2, backwards(place)) }), all),
		"they came in another order":                      history(openAppends(func(place int) int { return place + 1 }), all),
		"one took effect before it was asked for":         history(openAppends(backwards), "o 200 - append z unknown made 1", all),
		"one made the revision of an acknowledged one":    history(openAppends(backwards), "o 40 41 append ! ok 1", all),
		"a refusal that the broker's history contradicts": history(openAppends(onlyLast), "r 90 91 read x 1 1", "o 100 101 put z if 1 refused", "r 102 103 read x 1 1"),
	} {
		if got := judged(t, text); got.Hinted != 1 || len(got.Illegal) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWithoutHintsTheyStayUndecided(t *testing.T) {
	var lines []string
	for _, line := range openAppends(backwards) {
		lines = append(lines, line[:strings.Index(line, " made")])
	}
	text := history(lines, fmt.Sprintf("r 100 101 read %s %d %d", backwardsText(), openCalls, openCalls))
	if got := judged(t, text); got.Hinted != 0 || len(got.Undecided) != 1 {
		t.Errorf("%+v", got)
	}
}

// What is wrong without hints is not made right by them, and what is right without them must be so with them.
func TestHintsMustAgreeWithWhatClientsSaw(t *testing.T) {
	for text, illegal := range map[string]int{
		"a 1 - put x unknown made 1\nb 3 4 read x 1 1":                           0,
		"a 1 - put x unknown made 0\nb 3 4 read -":                               0,
		"a 1 - append x unknown made 1\nb 3 4 read xx 2 2":                       1,
		"a 1 - put x unknown made 0\nb 3 4 read x 1 1":                           1,
		"a 1 - put x unknown made 2\nb 3 4 read x 1 1":                           1,
		"a 1 - put x unknown made 1\nb 3 4 put y ok 2\nb 5 6 read -":             1,
		"a 1 - put x unknown made 3\nb 3 4 put y ok 2\nb 5 6 read x 3 2":         0,
		"a 1 - put x unknown made 1\nb 3 4 put y ok 2\nb 5 6 read x 3 2":         1,
		"a 1 - put x if 0 unknown made 3\nb 3 4 put y ok 2\nb 5 6 read y 2 1":    1,
		"a 1 2 put x ok 1\na 3 - delete  unknown made 2\nb 5 6 read x 1 1":       0,
		"a 1 2 put x ok 1\na 3 - delete  unknown made 2\nb 5 6 put y ok 3":       0,
		"a 1 2 put x ok 1\na 3 - put y since 0 unknown made 2\nb 5 6 read x 1 1": 1,
	} {
		if got := judged(t, text); got.Hinted != 0 || len(got.Illegal) != illegal {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// A run of an hour on one node, with a tenth of its calls without an answer: with hints there is nothing to search.
func TestLongHistoriesWithHintsAreDecided(t *testing.T) {
	var calls []call
	text, revision := "", int64(0)
	for i := range int64(5_000) {
		c := call{Client: fmt.Sprint(i % 7), CallNs: i * 10, ReturnNs: i*10 + 35, Outcome: "ok"}
		if i%2 == 0 {
			revision++
			text = fmt.Sprint(i)
			c.Steps, c.Revision = []step{{Action: "put", Text: text}}, revision
			if i%20 == 0 {
				made := revision
				c.Outcome, c.ReturnNs, c.Revision, c.TookEffect = "unknown", 0, 0, &made
			}
		} else {
			c.Shown = &shown{Text: text, Revision: revision, Version: revision}
		}
		calls = append(calls, c)
	}
	sure, ok := withHints(calls)
	if !ok {
		t.Fatal("hints are missing")
	}
	result, err := judge(map[string][]call{"/key": sure}, t.TempDir(), limits)
	if err != nil || len(result.Illegal) != 0 || len(result.Undecided) != 0 {
		t.Fatalf("%v %v, %v", result.Illegal, result.Undecided, err)
	}
}

func TestAFailureIsToldAroundTheCallThatHasNoPlace(t *testing.T) {
	var lines []string
	for i := 1; i <= 60; i++ {
		lines = append(lines, fmt.Sprintf("a %d %d put v%d ok %d", 10*i, 10*i+1, i, i))
	}
	text := history(lines, "b 405 406 read v3 3 3")
	got := judged(t, text)
	if len(got.Failures) != 1 {
		t.Fatalf("%+v", got)
	}
	told := strings.Join(got.Failures[0].Lines, "\n")
	if !strings.Contains(told, "✗ 0.000 to 0.000 ms: b 405 406 read v3 3 3, b read v3 (revision 3, version 3)") {
		t.Errorf("the read is not told:\n%s", told)
	}
	if count := len(got.Failures[0].Lines); count > linesBefore+linesAfter+2 {
		t.Errorf("%d lines are too many:\n%s", count, told)
	}
	if !strings.HasPrefix(told, "… 15 calls before") || !strings.Contains(told, "calls after") {
		t.Errorf("what is left out is not told:\n%s", told)
	}
}
