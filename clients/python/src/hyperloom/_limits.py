"""Every bound and default of the client, each with its reason. Units come last: `_seconds`, `_bytes`."""

from typing import Final

ADDRESS_DEFAULT: Final = "127.0.0.1:7400"
FOREST_DEFAULT: Final = "default"

# How long a call may take, retries included, where the caller names no other time.
TIMEOUT_SECONDS_DEFAULT: Final = 30.0

# Publishes without an outcome yet. Enough to fill a 100 ms path at 40,000 a second; bounds memory, and what is sent
# again after a broken connection. The broker recognises repetitions among its newest 100,000 requests.
PUBLISHES_IN_FLIGHT_MAX: Final = 4_096
PUBLISH_BYTES_IN_FLIGHT_MAX: Final = 8 * 1024 * 1024

# Publishes in one message of the stream: by then a message's own cost, which is fifty times a publish's, does not count
# any more, and the broker does not get more than it takes in one turn. Bytes: those of a few large ones.
PUBLISHES_PER_MESSAGE_MAX: Final = 128
PUBLISH_BYTES_PER_MESSAGE_MAX: Final = 256 * 1024

# Calls of blocking clients that are begun in one turn of their loop. What the first of them publish is under way while
# the others are worked out; with all at once, the broker and the client waited for one another: 50 conversations of
# LangGraph put 2,860 checkpoints a second instead of 3,920. With 16 and with 32 at once it was 3,740.
CALLS_BEGUN_AT_ONCE_MAX: Final = 24

# The broker's own limit for one message. A larger one would end the stream for all others on it, so it stays here.
SENT_MESSAGE_BYTES_MAX: Final = 16 * 1024 * 1024
# A node may have grown to 64 MiB by appending, and comes back in one message.
RECEIVED_MESSAGE_BYTES_MAX: Final = 80 * 1024 * 1024

# Things in the record of what an agent has read. The broker takes 1,000 entries, and what stands for several reads
# travels as two.
BASIS_ENTRIES_MAX: Final = 500

# Nodes that a typed listing reads at once: as many as the broker takes, and as much as it puts into a page.
BATCH_GET_PATHS_MAX: Final = 1_000
BATCH_GET_BYTES: Final = 2 * 1024 * 1024

# Leases in a page that is looked through for one of them: as many as the broker puts into it.
LEASES_PER_PAGE_MAX: Final = 1_000

# Subscription items read ahead of their consumer. Few, because HTTP/2 flow control holds the rest back.
ITEMS_READ_AHEAD_MAX: Final = 256
# The same in bytes, where items are large: a few of the largest values (2 MiB). One item may be larger.
ITEM_BYTES_READ_AHEAD_MAX: Final = 4 * 1024 * 1024

# Reconnecting: full jitter between attempts, so that a fleet does not come back all at once.
BACKOFF_SECONDS_FIRST: Final = 0.05
BACKOFF_SECONDS_MAX: Final = 5.0
# A connection that breaks without a word from the broker may be broken by what is sent: so often without progress.
UNEXPLAINED_BREAKS_MAX: Final = 8

# Of several brokers, one that could not be reached is left alone for so long: about as long as a pause between tries.
ENDPOINT_REST_SECONDS: Final = 1.0

# A quiet connection is pinged, within the idle limits of usual proxies, so that a dead peer is noticed.
KEEPALIVE_MILLISECONDS: Final = 30_000
KEEPALIVE_ANSWER_MILLISECONDS: Final = 20_000

# grpcio tells a loop of ended calls a moment later, through a queue that all loops of a process share; a loop that is
# closed by then makes the others log errors.
LATE_ENDS_SECONDS: Final = 0.02

# Reasons, labels: the broker's limit for what explains a revert.
REASON_BYTES_MAX: Final = 4_096
# Leaving a ghost's block reverts it; the broker's ttl does the same if that takes longer.
LEAVE_SECONDS_MAX: Final = 5.0
GHOST_TTL_SECONDS_DEFAULT: Final = 60.0

# Ghosts and leases that the broker takes in one sign of life.
KEPT_PER_KEEP_ALIVE_MAX: Final = 1_000
# Signs of life in a ttl: one may be lost, and the next still comes in time.
SIGNS_PER_TTL: Final = 3
# The broker's own default: long enough for a garbage collection or a restart of the broker, short enough that others
# do not wait long for a process that died.
LEASE_TTL_SECONDS_DEFAULT: Final = 30.0
# What became of a lock whose caller gave up is looked into for so long; its ttl ends it anyway.
UNCLAIMED_LOCK_SECONDS_MAX: Final = 5.0
# The least wait that the broker counts as one: none at all would be another request.
GIVING_UP_WAIT_SECONDS: Final = 0.001

# Attempts of a race for each of its alternatives, where nobody says how many: as many as `speculate` makes.
ATTEMPTS_PER_ALTERNATIVE: Final = 4

# Each is a crash of the broker in the middle of one attempt, which is begun anew: more are no accident.
CRASHES_PER_ATTEMPT_MAX: Final = 3

# A backup travels in pieces of this size.
BACKUP_CHUNK_BYTES: Final = 64 * 1024

# A layout of a context that takes so many times what a new one would is given up: what is cached of it costs a tenth,
# what is added to it costs all, so that going on pays for long.
REBASE_FACTOR_DEFAULT: Final = 2.0
