package main

import (
	"fmt"
	"sort"

	"github.com/anishathalye/porcupine"
)

// So much of a history is told before and after the first call that has no place.
const (
	linesBefore = 25
	linesAfter  = 15
	bytesMax    = 300
)

// The part of a history around the first call for which no place was found, one call a line, in the order in which they were asked. Those
// without a place are marked: the longest order that was found leaves them out.
func tell(calls []call, info porcupine.LinearizationInfo) []string {
	hasPlace := longest(info)
	order := make([]int, len(calls))
	for i := range calls {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return calls[order[i]].CallNs < calls[order[j]].CallNs })
	first := len(order)
	for at, i := range order {
		if !hasPlace[i] {
			first = at
			break
		}
	}
	from, to := max(0, first-linesBefore), min(len(order), first+linesAfter)
	var lines []string
	if from > 0 {
		lines = append(lines, fmt.Sprintf("… %d calls before", from))
	}
	for _, i := range order[from:to] {
		mark := " "
		if !hasPlace[i] {
			mark = "✗"
		}
		lines = append(lines, mark+" "+line(calls[i], calls[order[0]].CallNs))
	}
	if to < len(order) {
		lines = append(lines, fmt.Sprintf("… %d calls after", len(order)-to))
	}
	return lines
}

func longest(info porcupine.LinearizationInfo) map[int]bool {
	var best []int
	for _, parts := range info.PartialLinearizations() {
		for _, part := range parts {
			if len(part) > len(best) {
				best = part
			}
		}
	}
	hasPlace := map[int]bool{}
	for _, id := range best {
		hasPlace[id] = true
	}
	return hasPlace
}

// Times are milliseconds after the first call of the node.
func line(c call, startNs int64) string {
	end := "never"
	if c.ReturnNs != 0 {
		end = fmt.Sprintf("%.3f", float64(c.ReturnNs-startNs)/1e6)
	}
	return fmt.Sprintf("%.3f to %s ms: %s, %s", float64(c.CallNs-startNs)/1e6, end, c.Name, shorten(describe(c)))
}

// Of what was long appended to, the beginning and the end: what is new is there.
func shorten(text string) string {
	if len(text) <= bytesMax {
		return text
	}
	return text[:bytesMax/3] + " … " + text[len(text)-bytesMax*2/3:]
}
