package hyperloom

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// forestHeader says which forest a call is about, so that what stands between can keep a forest on one replica. Nothing depends on it
// but speed.
const forestHeader = "hyperloom-forest"

// aboutForest lets a call tell its forest. The default one has its name here. Names that no forest has are left out.
func aboutForest(ctx context.Context, forest string) context.Context {
	if forest == "" {
		forest = forestDefault
	}
	if strings.Trim(forest, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, forestHeader, forest)
}

// tellForest does that for each unary call whose request names one.
func tellForest(
	ctx context.Context, method string, request, reply any, channel *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if about, ok := request.(interface{ GetForest() string }); ok {
		ctx = aboutForest(ctx, about.GetForest())
	}
	return invoke(ctx, method, request, reply, channel, options...)
}
