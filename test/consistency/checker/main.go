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
	"os"
	"time"
)

// The first is longer than all but the histories with dozens of calls without an answer take, by a hundred times; the second than any
// takes, by a thousand times. A node that takes longer still counts as undecided, which is a failure too.
var limits = patience{plain: 5 * time.Second, hinted: 60 * time.Second}

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
	result, err := judge(histories, os.Args[1], limits)
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
