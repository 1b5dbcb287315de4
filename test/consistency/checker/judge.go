package main

import (
	"math"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// How long a node may take. Without hints the ways in which many calls without an answer may have come are more than can be tried,
// on any machine; with hints there is nothing to try, so that no machine is too slow.
type patience struct {
	plain  time.Duration
	hinted time.Duration
}

// Of failures that are told in full.
const toldMax = 5

// A verdict tells which nodes were found wanting.
type verdict struct {
	Keys  int `json:"keys"`
	Calls int `json:"calls"`
	Open  int `json:"open"`
	// How many nodes were decided only with what the broker's own history says of calls without an answer.
	Hinted    int       `json:"hinted"`
	Illegal   []string  `json:"illegal"`
	Undecided []string  `json:"undecided"`
	Failures  []failure `json:"failures"`
}

// What the history of a node looks like that is illegal or undecided, for people.
type failure struct {
	Key string `json:"key"`
	// A page that shows it in a browser.
	Page string `json:"page"`
	// The same as text, as much as tells what is wrong.
	Lines []string `json:"lines"`
}

// Judges each node by itself. The first failures get pages in the folder.
func judge(histories map[string][]call, folder string, limits patience) (verdict, error) {
	result := verdict{Illegal: []string{}, Undecided: []string{}, Failures: []failure{}}
	for _, key := range sortedKeys(histories) {
		calls := histories[key]
		result.Keys++
		result.Calls += len(calls)
		for _, c := range calls {
			if c.ReturnNs == 0 {
				result.Open++
			}
		}
		found, isHinted, info, looked := judgeNode(calls, limits)
		if isHinted {
			result.Hinted++
		}
		switch found {
		case porcupine.Ok:
			continue
		case porcupine.Unknown:
			result.Undecided = append(result.Undecided, key)
		case porcupine.Illegal:
			result.Illegal = append(result.Illegal, key)
		}
		if len(result.Failures) < toldMax {
			page := filepath.Join(folder, strings.Trim(strings.NewReplacer("/", "-", ":", "").Replace(key), "-")+".html")
			if err := porcupine.VisualizePath(nodeModel, info, page); err != nil {
				return result, err
			}
			result.Failures = append(result.Failures, failure{Key: key, Page: page, Lines: tell(looked, info)})
		}
	}
	return result, nil
}

// First as clients saw it alone, then with what the broker says of calls without an answer: that must not contradict what clients saw, and
// decides what could not be decided without. Whether it did, and the calls that were judged last, come back too.
func judgeNode(calls []call, limits patience) (porcupine.CheckResult, bool, porcupine.LinearizationInfo, []call) {
	found := porcupine.CheckOperationsTimeout(nodeModel, operations(calls), limits.plain)
	judged, isHinted := calls, false
	if sure, areHints := withHints(calls); areHints && found != porcupine.Illegal {
		isHinted = found == porcupine.Unknown
		judged, found = sure, porcupine.CheckOperationsTimeout(nodeModel, operations(sure), limits.hinted)
	}
	if found == porcupine.Ok {
		return found, isHinted, porcupine.LinearizationInfo{}, judged
	}
	// To be shown: takes longer, and whatever it finds until then does for that.
	_, info := porcupine.CheckOperationsVerbose(nodeModel, operations(judged), limits.plain)
	return found, isHinted, info, judged
}

func sortedKeys(histories map[string][]call) []string {
	keys := make([]string, 0, len(histories))
	for key := range histories {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func operations(calls []call) []porcupine.Operation {
	clients := map[string]int{}
	all := make([]porcupine.Operation, 0, len(calls))
	for _, c := range calls {
		if _, isKnown := clients[c.Client]; !isKnown {
			clients[c.Client] = len(clients)
		}
		end := c.ReturnNs
		if end == 0 {
			end = math.MaxInt64
		}
		all = append(all, porcupine.Operation{ClientId: clients[c.Client], Input: c, Call: c.CallNs, Return: end})
	}
	return all
}
