package hyperloom

import (
	"context"
	"testing"
)

func TestATokenGoesAlongWithEachCall(t *testing.T) {
	ctx := context.Background()
	tokens := []string{"first", "second", ""}
	source := func(context.Context) (string, error) {
		next := tokens[0]
		tokens = tokens[1:]
		return next, nil
	}
	for _, want := range []string{"Bearer first", "Bearer second", ""} {
		metadata, err := bearer{source}.GetRequestMetadata(ctx)
		if err != nil || metadata["authorization"] != want {
			t.Errorf("%v, %v instead of %q", metadata, err, want)
		}
	}
}

func TestTheEnvironmentsTokenIsTakenWhereNoneIsGiven(t *testing.T) {
	t.Setenv("HYPERLOOM_TOKEN", "")
	if tokenSource(nil) != nil {
		t.Error("a token where there is none")
	}
	t.Setenv("HYPERLOOM_TOKEN", "told")
	if token, _ := tokenSource(nil)(context.Background()); token != "told" {
		t.Errorf("%q instead of the environment's", token)
	}
	if token, _ := tokenSource(StaticToken("given"))(context.Background()); token != "given" {
		t.Errorf("%q instead of the given one", token)
	}
}
