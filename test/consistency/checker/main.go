// Checks histories of nodes for linearizability: reads calls as JSON lines, one a line, and prints one line of JSON.
//
//	consistency-checker FOLDER < calls.jsonl
//
// For the first few nodes whose histories are not linearizable, FOLDER gets a page that shows them in a browser.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// Longer than any history took so far by a thousand times. A node that takes longer counts as undecided, which is a failure too.
const perKeyMax = 30 * time.Second

const pagesMax = 5

// A verdict tells which nodes were found wanting.
type verdict struct {
	Keys      int      `json:"keys"`
	Calls     int      `json:"calls"`
	Open      int      `json:"open"`
	Illegal   []string `json:"illegal"`
	Undecided []string `json:"undecided"`
	Pages     []string `json:"pages"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: consistency-checker FOLDER < calls.jsonl")
		os.Exit(2)
	}
	histories, err := read(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	result, err := judge(histories, os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		os.Exit(2)
	}
}

// The calls of each node.
func read(source io.Reader) (map[string][]call, error) {
	histories := map[string][]call{}
	lines := bufio.NewScanner(source)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%w in %s", err, lines.Text())
		}
		histories[c.Key] = append(histories[c.Key], c)
	}
	return histories, lines.Err()
}

func judge(histories map[string][]call, folder string) (verdict, error) {
	result := verdict{Illegal: []string{}, Undecided: []string{}, Pages: []string{}}
	keys := make([]string, 0, len(histories))
	for key := range histories {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		calls := histories[key]
		result.Keys++
		result.Calls += len(calls)
		for _, c := range calls {
			if c.ReturnNs == 0 {
				result.Open++
			}
		}
		found, info := porcupine.CheckOperationsVerbose(nodeModel, operations(calls), perKeyMax)
		switch found {
		case porcupine.Ok:
			continue
		case porcupine.Unknown:
			result.Undecided = append(result.Undecided, key)
		case porcupine.Illegal:
			result.Illegal = append(result.Illegal, key)
		}
		if len(result.Pages) < pagesMax {
			page := filepath.Join(folder, strings.ReplaceAll(strings.Trim(key, "/"), "/", "-")+".html")
			if err := porcupine.VisualizePath(nodeModel, info, page); err != nil {
				return result, err
			}
			result.Pages = append(result.Pages, page)
		}
	}
	return result, nil
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
