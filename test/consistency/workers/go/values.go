package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"hyperloom.dev/go/hyperloom"
	"hyperloom.dev/go/hyperloom/operation"
	"hyperloom.dev/go/hyperloom/value"
)

const paddedBytes = 65_536

// One operation of a write, as histories hold it.
type step struct {
	Action string `json:"action"`
	Path   string `json:"path"`
	Text   string `json:"text"`
}

// The operation for a step.
func (s step) operation() operation.Operation {
	switch s.Action {
	case "put":
		return operation.Put(s.Path, padded(s.Path, s.Text))
	case "append":
		return operation.Append(s.Path, s.Text)
	case "increment":
		amount, err := strconv.ParseInt(s.Text, 10, 64)
		if err != nil {
			panic(err)
		}
		return operation.Increment(s.Path, amount)
	case "merge":
		return operation.Merge(s.Path, value.JSON(s.Text))
	case "delete":
		return operation.Delete(s.Path, operation.Subtree)
	default:
		panic("no such action: " + s.Action)
	}
}

func operationsOf(steps []step) []operation.Operation {
	operations := make([]operation.Operation, 0, len(steps))
	for _, s := range steps {
		operations = append(operations, s.operation())
	}
	return operations
}

// A pair of nodes that always hold the same text, if diffs are atomic.
func putPair(path, text string) []step {
	return []step{{Action: "put", Path: path + "/a", Text: text}, {Action: "put", Path: path + "/b", Text: text}}
}

// What is really put: below `/big` texts are padded, so that subscribers who are slow hold the broker back.
func padded(path, text string) string {
	if !strings.HasPrefix(path, "/big/") {
		return text
	}
	return text + strings.Repeat(".", paddedBytes-len(text))
}

// The text without its padding, if that is whole; otherwise something that nobody wrote. No other text ends as padding does.
func unpadded(text string) string {
	switch {
	case !strings.HasSuffix(text, "."):
		return text
	case len(text) == paddedBytes:
		return strings.TrimRight(text, ".")
	default:
		return fmt.Sprintf("%s: %d bytes", text[:min(40, len(text))], len(text))
	}
}

// A value as histories hold it.
func textOf(v value.Value) string {
	switch v.Kind() {
	case value.KindText:
		return unpadded(v.Text())
	case value.KindJSON:
		return canonical(v.JSON())
	default:
		panic("the workload writes no " + string(v.Kind()))
	}
}

// JSON with sorted keys and without spaces. Numbers stay exact.
func canonical(text []byte) string {
	var parsed any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&parsed); err != nil {
		panic(err)
	}
	sorted, err := json.Marshal(parsed)
	if err != nil {
		panic(err)
	}
	return string(sorted)
}

// The nodes of a read, those that are not there included.
func nodesOf(paths []string, nodes []*hyperloom.Node) fields {
	shown := fields{}
	for _, path := range paths {
		shown[path] = nil
	}
	for _, node := range nodes {
		if node.Value.Kind() != value.None {
			shown[node.Path] = fields{"text": textOf(node.Value), "revision": node.ModifiedRevision, "version": node.Version}
		}
	}
	return shown
}

// A change as an event told it: path, action and text.
func toldOf(change hyperloom.Change) [3]string {
	text := ""
	switch change.Action {
	case "put":
		text = textOf(change.Value)
	case "append":
		text = fmt.Sprint(change.Appended)
	case "merge":
		text = canonical(change.Patch)
	case "increment":
		text = fmt.Sprint(change.Amount)
	case "copy":
		text = change.SourcePath
	}
	return [3]string{change.Path, change.Action, text}
}
