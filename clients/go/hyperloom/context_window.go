package hyperloom

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// ContextWindow is the context of an agent's prompt, kept up to date: it remembers its layout, asks only for what has changed, and
// begins a new layout where going on with the old one costs more than it saves. Until then its text only grows at the end, so that
// what a model's provider has cached of the prompt stays valid.
type ContextWindow struct {
	verbs   *verbs
	options RenderOptions
	parts   []RenderPart

	mutex         sync.Mutex // Held by whoever updates.
	text          string
	base          uint64
	revision      uint64
	leftOutAtBase uint64
	// What the text shows, each thing at its newest, in order. Whoever writes from it stands on all of it, however long ago it came.
	shown  []BasisEntry
	places map[noteKey]int
}

// ContextUpdate is what has become of a context.
type ContextUpdate struct {
	// Text is the whole of it; Added what came at its end, all of it where Rebased.
	Text, Added string
	// Rebased: a new layout was begun: the text does not begin as before.
	Rebased bool
	// Revision of the trunk that it shows.
	Revision uint64
	// Tokens that the whole text takes.
	Tokens uint64
	// LeftOut is how many nodes and changes the budget has left out; the text says so too.
	LeftOut uint64
	// Age of what it shows, at most, as in [Node].
	Age *time.Duration
}

// ContextWindow is a context for a prompt that is kept up to date: call Update before each call of the model. It may be used by
// several goroutines.
func (v *verbs) ContextWindow(options RenderOptions, parts ...RenderPart) *ContextWindow {
	if options.RebaseFactor == 0 {
		options.RebaseFactor = rebaseFactorDefault
	}
	return &ContextWindow{verbs: v, options: options, parts: parts}
}

// Text as of the last update.
func (w *ContextWindow) Text() string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.text
}

// BaseRevision is the layout: the trunk revision at which its beginning was fixed. 0: none yet.
func (w *ContextWindow) BaseRevision() uint64 {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.base
}

// Revision of the trunk that the text shows.
func (w *ContextWindow) Revision() uint64 {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.revision
}

// Rebase lets the next update begin a new layout.
func (w *ContextWindow) Rebase() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.base = 0
}

// Update brings it up to date. All that it shows counts as read, also what came with earlier updates.
func (w *ContextWindow) Update(ctx context.Context) (ContextUpdate, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.base != 0 {
		next, goesOn, err := w.goOn(ctx)
		if err != nil {
			return ContextUpdate{}, err
		}
		if goesOn && !w.isWornOut(next) {
			return w.take(next), nil
		}
	}
	return w.begin(ctx)
}

// goOn: false where the layout cannot be gone on with.
func (w *ContextWindow) goOn(ctx context.Context) (RenderedContext, bool, error) {
	options := w.options
	options.BaseRevision = w.base
	if w.verbs.ghostID == "" { // What is staged in a ghost may be taken back, so its text is asked for as a whole.
		options.SinceRevision = w.revision
	}
	rendered, err := w.verbs.RenderContext(ctx, options, w.parts...)
	if errors.Is(err, ErrRevision) || errors.Is(err, ReasonLimitExceeded) {
		return RenderedContext{}, false, nil
	}
	return rendered, true, err
}

func (w *ContextWindow) isWornOut(next RenderedContext) bool {
	costs := float64(next.LayoutTokens) > w.options.RebaseFactor*float64(next.RebasedTokens)
	return next.LeftOut > w.leftOutAtBase || costs
}

func (w *ContextWindow) begin(ctx context.Context) (ContextUpdate, error) {
	rendered, err := w.verbs.RenderContext(ctx, w.options, w.parts...)
	if err != nil {
		return ContextUpdate{}, err
	}
	rebased := w.text != ""
	w.shown, w.places = nil, make(map[noteKey]int)
	w.text, w.base, w.leftOutAtBase = rendered.Text, rendered.BaseRevision, rendered.LeftOut
	return w.seen(rendered, rendered.Text, rebased), nil
}

func (w *ContextWindow) take(rendered RenderedContext) ContextUpdate {
	if w.verbs.ghostID == "" {
		w.text += rendered.Text
		return w.seen(rendered, rendered.Text, false)
	}
	added, isLonger := strings.CutPrefix(rendered.Text, w.text)
	w.text = rendered.Text
	return w.seen(rendered, added, !isLonger)
}

func (w *ContextWindow) seen(rendered RenderedContext, added string, rebased bool) ContextUpdate {
	w.revision = rendered.Revision
	for _, entry := range rendered.Basis {
		key := keyOf(entry)
		if place, known := w.places[key]; known {
			w.shown[place] = entry
			continue
		}
		w.places[key] = len(w.shown)
		w.shown = append(w.shown, entry)
	}
	w.verbs.agent.noteAll(w.shown)
	return ContextUpdate{w.text, added, rebased, rendered.Revision, rendered.LayoutTokens, rendered.LeftOut, rendered.Age}
}
