package main

import (
	"strconv"
	"strings"
	"testing"
)

func parse(t *testing.T, text string) []call {
	t.Helper()
	var calls []call
	for _, line := range strings.Split(text, "\n") {
		calls = append(calls, parseCall(t, strings.Split(line, " ")))
	}
	return calls
}

func parseCall(t *testing.T, words []string) call {
	c := call{Client: words[0], Name: strings.Join(words, " "), CallNs: number(t, words[1])}
	if words[2] != "-" {
		c.ReturnNs = number(t, words[2])
	}
	if words[3] == "read" {
		c.Outcome = "ok"
		if words[4] != "-" {
			c.Shown = &shown{Text: words[4], Revision: number(t, words[5]), Version: number(t, words[6])}
		}
		return c
	}
	c.Steps = []step{{Action: words[3], Text: words[4]}}
	for rest := words[5:]; len(rest) > 0; rest = rest[1:] {
		switch rest[0] {
		case "if", "since":
			revision := number(t, rest[1])
			if rest[0] == "if" {
				c.IfRevision = &revision
			} else {
				c.NotAfter = &revision
			}
			rest = rest[1:]
		case "ok":
			c.Outcome, c.Revision = "ok", number(t, rest[1])
			rest = rest[1:]
		case "made":
			revision := number(t, rest[1])
			c.TookEffect = &revision
			rest = rest[1:]
		default:
			c.Outcome = rest[0]
		}
	}
	return c
}

func number(t *testing.T, word string) int64 {
	value, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
