// An agent in Go that shares notes with agents in other languages, each as messages of its own: test/integration/typed-agents.
//
// It does what each line of its standard input says, and answers with a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"strconv"
	"time"

	"hyperloom.dev/go/hyperloom"
	acmev1 "hyperloom.dev/go/internal/acme/v1"
)

// value is a note as the lines tell it; 64-bit integers are texts there.
type value struct {
	Claim      string            `json:"claim"`
	Sources    []string          `json:"sources"`
	Confidence float64           `json:"confidence"`
	Citations  string            `json:"citations"`
	Reviewer   string            `json:"reviewer"`
	Labels     map[string]string `json:"labels"`
}

type line struct {
	Do      string `json:"do"`
	Session string `json:"session"`
	Note    string `json:"note"`
	Value   value  `json:"value"`
	Times   int    `json:"times"`
	Count   int    `json:"count"`
}

type named struct {
	Note  string `json:"note"`
	Value value  `json:"value"`
}

type problem struct {
	Operation int    `json:"operation"`
	Field     string `json:"field"`
	Rule      string `json:"rule"`
	Message   string `json:"message"`
}

func message(told value) *acmev1.ResearchNote {
	citations, err := strconv.ParseInt(told.Citations, 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return &acmev1.ResearchNote{
		Claim:      told.Claim,
		Sources:    told.Sources,
		Confidence: told.Confidence,
		Citations:  citations,
		Review:     &acmev1.Review{Reviewer: told.Reviewer},
		Labels:     told.Labels,
	}
}

func told(note *acmev1.ResearchNote) value {
	labels := map[string]string{}
	maps.Copy(labels, note.GetLabels())
	return value{
		Claim:      note.GetClaim(),
		Sources:    append([]string{}, note.GetSources()...),
		Confidence: note.GetConfidence(),
		Citations:  strconv.FormatInt(note.GetCitations(), 10),
		Reviewer:   note.GetReview().GetReviewer(),
		Labels:     labels,
	}
}

type agent struct {
	client *hyperloom.Client
	notes  *hyperloom.Nodes[*acmev1.ResearchNote, acmev1.ResearchNoteVariables]
	seen   chan named
}

func (a *agent) do(ctx context.Context, line line) (any, error) {
	at := acmev1.ResearchNoteVariables{Session: line.Session, Note: line.Note}
	switch line.Do {
	case "put":
		published, err := a.notes.Put(ctx, at, message(line.Value))
		return map[string]any{"revision": published.Revision}, err
	case "stage":
		return struct{}{}, a.stage(ctx, at, line.Value)
	case "get":
		read, err := a.notes.Get(ctx, at)
		if err != nil {
			return nil, err
		}
		return map[string]any{"value": told(read.Value), "author": read.Author}, nil
	case "list":
		found := []named{}
		for each, err := range a.notes.List(ctx, at) {
			if err != nil {
				return nil, err
			}
			found = append(found, named{each.Variables.Note, told(each.Value)})
		}
		return map[string]any{"notes": found}, nil
	case "cite":
		return struct{}{}, a.cite(ctx, at, line.Times)
	case "watch":
		return struct{}{}, a.watch(ctx, at)
	case "saw":
		seen := []named{}
		for len(seen) < line.Count {
			seen = append(seen, <-a.seen)
		}
		return map[string]any{"seen": seen}, nil
	default:
		return nil, fmt.Errorf("what is %q?", line.Do)
	}
}

func (a *agent) stage(ctx context.Context, at acmev1.ResearchNoteVariables, staged value) error {
	ghost, err := a.client.Ghost(ctx, hyperloom.GhostOptions{})
	if err != nil {
		return err
	}
	defer ghost.Close(ctx)
	if _, err := hyperloom.Typed(ghost, acmev1.ResearchNoteNode).Put(ctx, at, message(staged)); err != nil {
		return err
	}
	_, err = ghost.Commit(ctx, hyperloom.CommitOptions{})
	return err
}

// cite adds to what all others add to, each time to what it has just read.
func (a *agent) cite(ctx context.Context, at acmev1.ResearchNoteVariables, times int) error {
	for times > 0 {
		read, err := a.notes.Get(ctx, at, hyperloom.Linearizable())
		if err != nil {
			return err
		}
		read.Value.Citations++
		_, err = a.notes.Put(ctx, at, read.Value, read.Unchanged())
		if err == nil {
			times--
		} else if !errors.Is(err, hyperloom.ErrPreconditionFailed) {
			return err
		}
	}
	return nil
}

func (a *agent) watch(ctx context.Context, where acmev1.ResearchNoteVariables) error {
	watched, err := a.notes.Subscribe(ctx, hyperloom.SubscribeOptions{}, where)
	if err != nil {
		return err
	}
	go func() {
		for item, err := range watched.Items() {
			if err != nil {
				return // The client was closed.
			}
			if item.Event == nil {
				continue
			}
			for _, change := range item.Event.Changes {
				if change.Result != nil {
					a.seen <- named{change.Variables.Note, told(change.Result.Value)}
				}
			}
		}
	}()
	return nil
}

func answer(result any, err error) any {
	var refused *hyperloom.Error
	if !errors.As(err, &refused) || !errors.Is(err, hyperloom.ErrSchemaViolation) {
		if err != nil {
			log.Fatal(err)
		}
		return result
	}
	problems := []problem{}
	for _, each := range refused.Problems() {
		problems = append(problems, problem(each))
	}
	return map[string]any{"path": refused.Metadata["path"], "schema": refused.Metadata["schema"], "problems": problems}
}

func main() {
	client, err := hyperloom.Connect("", hyperloom.Options{Author: "go", Timeout: 2 * time.Minute})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	a := &agent{client, hyperloom.Typed(client, acmev1.ResearchNoteNode), make(chan named, 1_000)}
	output := json.NewEncoder(os.Stdout)
	for input := bufio.NewScanner(os.Stdin); input.Scan(); {
		var next line
		if err := json.Unmarshal(input.Bytes(), &next); err != nil {
			log.Fatal(err)
		}
		if err := output.Encode(answer(a.do(context.Background(), next))); err != nil {
			log.Fatal(err)
		}
	}
}
