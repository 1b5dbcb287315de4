package hyperloom

import "time"

// Every bound and default of the client, each with its reason.
const (
	addressDefault = "127.0.0.1:7400"
	forestDefault  = "default"

	// How long a call may take, retries included, where neither its context nor the client's options say so.
	timeoutDefault = 30 * time.Second

	// Publishes without an outcome yet. Enough to fill a 100 ms path at 40,000 a second; bounds memory, and what is sent
	// again after a broken connection. The broker recognises repetitions among its newest 100,000 requests.
	publishesInFlightMax    = 4_096
	publishBytesInFlightMax = 8 << 20

	// Publishes in one message of the stream: by then a message's own cost does not count any more, and the broker does not
	// get more than it takes in one turn. Bytes: those of a few large ones.
	publishesPerMessageMax    = 128
	publishBytesPerMessageMax = 256 << 10

	// The broker's own limit for one message. A larger one would end the stream for all others on it, so it stays here.
	sentMessageBytesMax = 16 << 20
	// A node may have grown to 64 MiB by appending, and comes back in one message.
	receivedMessageBytesMax = 80 << 20

	// Nodes that a typed listing reads at once: as many as the broker takes, and as much as it puts into a page.
	batchGetPathsMax = 1_000
	batchGetBytes    = 2 << 20

	// Leases in a page that is looked through for one of them: as many as the broker puts into it.
	leasesPerPageMax = 1_000

	// The broker's own limit for a segment of a path.
	segmentBytesMax = 255

	// Things in the record of what an agent has read. The broker takes 1,000 entries, and what stands for several reads travels as two.
	basisEntriesMax = 500

	// Reconnecting: full jitter between attempts, so that a fleet does not come back all at once.
	backoffFirst = 50 * time.Millisecond
	backoffMax   = 5 * time.Second
	// Between attempts to connect, of gRPC itself: calls fail meanwhile, and wait as above.
	reconnectMax = time.Second
	// A connection that breaks without a word from the broker may be broken by what is sent: so often without progress.
	unexplainedBreaksMax = 8

	// A quiet connection is pinged, within the idle limits of usual proxies, so that a dead peer is noticed.
	keepaliveTime    = 30 * time.Second
	keepaliveTimeout = 20 * time.Second

	// What may be on its way to a client that does not read it: 160 Mbit/s a stream on a way of 50 ms. Fixed, because gRPC would else find
	// them out by a ping for nearly each message, which costs the broker as much as the message does.
	streamWindowBytes     = 1 << 20
	connectionWindowBytes = 4 << 20

	// Reasons: the broker's limit for what explains a revert.
	reasonBytesMax = 4_096
	// Leaving a ghost or a lock gives it back; the broker's ttl does the same if that takes longer.
	leaveMax = 5 * time.Second

	// Ghosts and leases that the broker takes in one sign of life.
	keptPerKeepAliveMax = 1_000
	// Signs of life in a ttl: one may be lost, and the next still comes in time.
	signsPerTTL = 3
	// The broker's own default: long enough for a restart of the broker, short enough that others do not wait long for a
	// process that died.
	leaseTTLDefault = 30 * time.Second
	// What became of a lock whose caller gave up is looked into for so long; its ttl ends it anyway.
	unclaimedLockMax = 5 * time.Second
	// A refusal that comes with the end of a wait gets so long for its way.
	refusalTime = time.Second
	// The least wait that the broker counts as one: none at all would be another request.
	givingUpWait = time.Millisecond

	// A layout of a context that takes so many times what a new one would is given up: what is cached of it costs a tenth, what is
	// added to it costs all, so that going on pays for long.
	rebaseFactorDefault = 2

	// Attempts of a speculation after the first one, where nobody says how many, and of a race for each alternative.
	retriesDefault         = 3
	attemptsPerAlternative = 4
	// Each is a crash of the broker in the middle of one attempt, which is begun anew: more are no accident.
	crashesPerAttemptMax = 3
)
