package hyperloom

import (
	"context"
	"iter"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Page is one page of a listing: its items, the token of the next one (empty on the last), and the trunk revision that all pages
// show, where they show one.
type Page[T any] struct {
	Items         []T
	NextPageToken string
	Revision      uint64
	// Age of the view at most, as in [Node]. On the first page; all others show the same revision.
	Age *time.Duration
}

// Paged is a listing. Pages are fetched as they are needed. It can be gone through again, and then shows what is there by then.
type Paged[T any] struct {
	fetch func(ctx context.Context, asked *view, token string) (Page[T], error)
	view  func() *view
}

// newPaged is a listing of one view, which each walk fixes at its beginning: page tokens belong to the request that made them.
func newPaged[T any](
	fetch func(context.Context, *view, string) (Page[T], error), asked func() *view,
) *Paged[T] {
	return &Paged[T]{fetch, asked}
}

func plainPaged[T any](fetch func(ctx context.Context, token string) (Page[T], error)) *Paged[T] {
	return &Paged[T]{
		func(ctx context.Context, _ *view, token string) (Page[T], error) {
			return fetch(ctx, token)
		},
		func() *view { return nil },
	}
}

// All goes through the items. An error is the last that comes.
func (p *Paged[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := range p.Pages(ctx) {
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// Pages goes through the pages. An error is the last that comes.
func (p *Paged[T]) Pages(ctx context.Context) iter.Seq2[Page[T], error] {
	return func(yield func(Page[T], error) bool) {
		asked, token := p.view(), ""
		for {
			page, err := p.fetch(ctx, asked, token)
			if !yield(page, err) || err != nil || page.NextPageToken == "" {
				return
			}
			token = page.NextPageToken
		}
	}
}

// Collect reads all items at once.
func (p *Paged[T]) Collect(ctx context.Context) ([]T, error) {
	var items []T
	for page, err := range p.Pages(ctx) {
		if err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
	}
	return items, nil
}

// withToken is a copy of a request for the page that a token names.
func withToken[Request proto.Message](request Request, token string) Request {
	copied := proto.Clone(request)
	reflected := copied.ProtoReflect()
	reflected.Set(reflected.Descriptor().Fields().ByName("page_token"), protoreflect.ValueOfString(token))
	return copied.(Request)
}
