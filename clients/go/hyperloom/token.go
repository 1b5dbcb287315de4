package hyperloom

import (
	"context"
	"os"
)

// StaticToken is a token that stays the same, for Options.Token.
func StaticToken(token string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return token, nil }
}

// tokenSource is what tells the tokens of a client; nil where there are none.
func tokenSource(given func(context.Context) (string, error)) func(context.Context) (string, error) {
	if given != nil {
		return given
	}
	if token := os.Getenv("HYPERLOOM_TOKEN"); token != "" {
		return StaticToken(token)
	}
	return nil
}

// bearer sends a token with each call and each stream.
type bearer struct {
	token func(context.Context) (string, error)
}

func (b bearer) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	token, err := b.token(ctx)
	if err != nil || token == "" {
		return nil, err
	}
	return map[string]string{"authorization": "Bearer " + token}, nil
}

// RequireTransportSecurity is false: behind a mesh the connection is secured beside this process.
func (bearer) RequireTransportSecurity() bool { return false }
