package hyperloom

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

// Options of a connection. The zero value is good.
type Options struct {
	// Author is the agent's name, at most 256 bytes.
	Author string
	// Forest is where it works. Default: default.
	Forest string
	// Timeout bounds calls whose context has no deadline, retries included. Default: 30 s.
	Timeout time.Duration
	// Credentials for TLS. Default: none, as for a broker on loopback or behind a mesh.
	Credentials credentials.TransportCredentials
	// Token says who calls, where the broker wants to know: it is asked at each call. Default: the environment's HYPERLOOM_TOKEN,
	// else none. Over a network that is not trusted it needs Credentials.
	Token func(context.Context) (string, error)
	// NoBasis: what is read is not noted, and does not travel with the next publish.
	NoBasis bool
	// LoadBalancing over several addresses: pick_first (the default: one replica for all) or round_robin. Whichever answers, a
	// read sees what this client has written and read.
	LoadBalancing string
	// ServiceConfig is gRPC's, in JSON, in place of what LoadBalancing makes.
	ServiceConfig string
	// TraceParent is asked at each call for the W3C trace context (traceparent) of its context; empty: none. What is published and
	// done tells it with its event, and the broker's spans belong to it. Default: that of the context's OpenTelemetry span.
	TraceParent func(context.Context) string
	// DialOptions are added last.
	DialOptions []grpc.DialOption
	// Logger hears, at the level Debug, of lost streams and retries, and at Warn of signs of life that fail. Default: none.
	Logger *slog.Logger
}

// Connect makes a client for a broker: host:port, several of them with commas between, or a target of gRPC, such as
// dns:///broker:7400 or xds:///hyperloom. Without an address it takes HYPERLOOM_ADDRESS from the environment, else
// 127.0.0.1:7400. Nothing is sent before the first call. Close ends it.
func Connect(address string, options Options) (*Client, error) {
	if address == "" {
		address = os.Getenv("HYPERLOOM_ADDRESS")
	}
	if address == "" {
		address = addressDefault
	}
	if options.TraceParent == nil {
		options.TraceParent = activeTraceParent
	}
	target, dial := dialOptions(address, options)
	channel, err := grpc.NewClient(target, append(dial, options.DialOptions...)...)
	if err != nil {
		return nil, errInvalid(err)
	}
	timeout := options.Timeout
	if timeout == 0 {
		timeout = timeoutDefault
	}
	logger := options.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	agent := newAgent(options.Author, forestName(options.Forest), !options.NoBasis)
	return newClient(newConnection(channel, timeout, logger, options.TraceParent, agent.forest), agent), nil
}

func dialOptions(address string, options Options) (string, []grpc.DialOption) {
	transport := options.Credentials
	if transport == nil {
		transport = insecure.NewCredentials()
	}
	config := options.ServiceConfig
	if config == "" && options.LoadBalancing != "" {
		config = `{"loadBalancingConfig":[{"` + options.LoadBalancing + `":{}}]}`
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(receivedMessageBytesMax),
			grpc.MaxCallSendMsgSize(sentMessageBytesMax+1024),
		),
		// The client retries by itself: only it knows which requests may be repeated, and until when.
		grpc.WithDisableRetry(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           grpcbackoff.Config{BaseDelay: backoffFirst, Multiplier: 1.6, Jitter: 0.2, MaxDelay: reconnectMax},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithInitialWindowSize(streamWindowBytes),
		grpc.WithInitialConnWindowSize(connectionWindowBytes),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
		grpc.WithChainUnaryInterceptor(tellForest),
	}
	if config != "" {
		dial = append(dial, grpc.WithDefaultServiceConfig(config))
	}
	if token := tokenSource(options.Token); token != nil {
		dial = append(dial, grpc.WithPerRPCCredentials(bearer{token}))
	}
	dial = append(dial, grpc.WithChainUnaryInterceptor(traced(options.TraceParent)))
	if !strings.Contains(address, ",") {
		return address, dial
	}
	several := manual.NewBuilderWithScheme("hyperloom")
	var state resolver.State
	for each := range strings.SplitSeq(address, ",") {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{
			Addresses: []resolver.Address{{Addr: strings.TrimSpace(each)}},
		})
	}
	several.InitialState(state)
	return several.Scheme() + ":///brokers", append(dial, grpc.WithResolvers(several))
}

// traced sends the trace context of the moment along with each unary call. Diffs of a stream carry their own.
func traced(traceParent func(context.Context) string) grpc.UnaryClientInterceptor {
	return func(
		ctx context.Context, method string, request, reply any, channel *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
	) error {
		if parent := traceParent(ctx); parent != "" {
			ctx = metadata.AppendToOutgoingContext(ctx, "traceparent", parent)
		}
		return invoke(ctx, method, request, reply, channel, options...)
	}
}

// forestName is a forest as it travels: the default one is not named.
func forestName(forest string) string {
	if forest == forestDefault {
		return ""
	}
	return forest
}
