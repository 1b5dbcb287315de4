package hyperloom

import (
	"context"
	"time"

	hyperloomv1 "hyperloom.dev/go/gen/hyperloom/v1"
)

// RenderFormat is what a context is written in.
type RenderFormat string

// Headed text for a model to read (the default), or JSON lines: an object a node.
const (
	RenderText RenderFormat = "text"
	RenderJSON RenderFormat = "json"
)

// Tokenizer says how tokens are counted.
type Tokenizer string

// The default is o200k_base.
const (
	TokenizerO200K  Tokenizer = "o200k"
	TokenizerCL100K Tokenizer = "cl100k"
)

// RenderPart is a part of what is shown.
type RenderPart struct {
	// Pattern says which nodes, as in Subscribe.
	Pattern string
	// Priority: where the budget does not take all parts, those with the higher number are kept.
	Priority int32
	// TokenBudget is the most tokens of this part at the beginning of the layout. 0: as many as the budget takes.
	TokenBudget uint64
}

// RenderOptions say how a context is rendered. Only TokenBudget has to be there.
type RenderOptions struct {
	// TokenBudget is how many tokens it may take: at least 128, at most 10,000,000.
	TokenBudget uint64
	// ChangeTokenBudget is how much of that the beginning leaves to what changes later. Default: a quarter.
	ChangeTokenBudget uint64
	Format            RenderFormat
	Tokenizer         Tokenizer
	// TokenFactor, for other models: tokens count as this many times those of the tokenizer, at most 10. Default: 1.
	TokenFactor float64
	// AtRevision of the trunk. Default: the newest. Not in ghosts.
	AtRevision uint64
	// BaseRevision is the layout to go on with, as the answer that began it has told. Default: a new one.
	BaseRevision uint64
	// SinceRevision asks only for what comes behind the text that ended with it; SinceSequence, in a ghost, for what was staged after
	// that diff.
	SinceRevision, SinceSequence uint64
	// RebaseFactor, of a [ContextWindow]: a new layout is begun when the old one takes so many times what the new one would. Default: 2.
	RebaseFactor float64
}

// RenderedContext is a context.
type RenderedContext struct {
	// Text ends with a line break, or is empty.
	Text string
	// Revision that it shows: it is the SinceRevision of what comes next. Sequence: in a ghost, the last staged diff that it shows.
	Revision, Sequence uint64
	// BaseRevision is the layout: it makes a text with the same beginning.
	BaseRevision uint64
	// Tokens that the text takes; LayoutTokens with what SinceRevision leaves out; RebasedTokens of a new layout, estimated.
	Tokens, LayoutTokens, RebasedTokens uint64
	// BaseBytes at the beginning are the layout's own; changes come behind them.
	BaseBytes uint64
	// LeftOut is how many nodes and changes were left out for the budget, and LeftOutTokens what they would take. The text says so too.
	LeftOut, LeftOutTokens uint64
	// Basis is what was shown. It is noted as read.
	Basis []BasisEntry
	// Age of what it shows, at most, as in [Node].
	Age *time.Duration
}

// RenderContext is state as text for a model's prompt, under a budget of tokens. The text of one layout only grows at its end. See
// [ContextWindow], which remembers the layout.
func (v *verbs) RenderContext(ctx context.Context, options RenderOptions, parts ...RenderPart) (RenderedContext, error) {
	request := &hyperloomv1.RenderContextRequest{
		Forest:        v.agent.forest,
		AtRevision:    options.AtRevision,
		GhostId:       v.ghostID,
		Edition:       v.staged.known(),
		BaseRevision:  options.BaseRevision,
		SinceRevision: options.SinceRevision,
		SinceSequence: options.SinceSequence,
		TokenBudget:   options.TokenBudget,
		TokenFactor:   options.TokenFactor,
		Author:        v.agent.author,
		Parts: mapped(parts, func(part RenderPart) *hyperloomv1.RenderPart {
			return &hyperloomv1.RenderPart{Pattern: part.Pattern, Priority: part.Priority, TokenBudget: part.TokenBudget}
		}),
	}
	if v.ghostID == "" && options.AtRevision == 0 {
		request.AtLeastRevision = v.agent.newestRevision()
	}
	if options.ChangeTokenBudget > 0 {
		request.ChangeTokenBudget = &options.ChangeTokenBudget
	}
	if options.Format == RenderJSON {
		request.Format = hyperloomv1.RenderFormat_RENDER_FORMAT_JSON
	}
	if options.Tokenizer == TokenizerCL100K {
		request.Tokenizer = hyperloomv1.Tokenizer_TOKENIZER_CL100K
	}
	answer, err := fenced(ctx, v, v.connection.context.RenderContext, request, "the rendering")
	if err != nil {
		return RenderedContext{}, err
	}
	v.agent.see(answer.GetRevision())
	rendered := renderedFrom(answer)
	v.agent.noteAll(rendered.Basis)
	return rendered, nil
}

func renderedFrom(answer *hyperloomv1.RenderContextResponse) RenderedContext {
	return RenderedContext{
		Text:          answer.GetText(),
		Revision:      answer.GetRevision(),
		Sequence:      answer.GetSequence(),
		BaseRevision:  answer.GetBaseRevision(),
		Tokens:        answer.GetTokens(),
		LayoutTokens:  answer.GetLayoutTokens(),
		RebasedTokens: answer.GetRebasedTokens(),
		BaseBytes:     answer.GetBaseBytes(),
		LeftOut:       answer.GetLeftOut(),
		LeftOutTokens: answer.GetLeftOutTokens(),
		Basis:         mapped(answer.GetBasis(), basisEntryFrom),
		Age:           ageFrom(answer.GetAge()),
	}
}
