/** Every limit of the client, each with its reason. */

// Publishes sent and not yet answered. Enough to fill a group commit of the broker several times over; what is in flight has
// to be kept for a resend, so the bytes are bounded too.
export const publishesInFlightMax = 4_096;
export const publishBytesInFlightMax = 8 * 1024 * 1024;

// Publishes waiting for room in that window. Whoever goes on without awaiting is refused here rather than fill the memory.
export const publishesQueuedMax = 100_000;
export const publishBytesQueuedMax = 256 * 1024 * 1024;

// The broker refuses larger messages by ending the stream, which would hit the publishes beside it.
export const messageBytesMax = 16 * 1024 * 1024;
// What a client takes in one message: a node may grow to 64 MiB by appends.
export const answerBytesMax = 80 * 1024 * 1024;

// Why something is reverted or rejected: what the broker takes.
export const reasonBytesMax = 4_096;

// Nodes read at once: what the broker takes, and as much as it puts into a page of a listing.
export const batchGetPathsMax = 1_000;
export const batchGetBytesMax = 2 * 1024 * 1024;

// Things in the record of what an agent has read. The broker takes 1,000 entries, and what stands for several reads travels as two.
export const basisEntriesMax = 500;

// Items of a subscription received and not yet taken by the program: above it, flow control holds the broker back.
export const itemsBufferedMax = 256;
// The same in bytes, where items are large: a few of the largest values (2 MiB).
export const itemBytesBufferedMax = 4 * 1024 * 1024;

// Ghosts and leases in one sign of life: what the broker takes.
export const keepAliveItemsMax = 1_000;

// How long a call may take when the caller says nothing: long enough to live through a restart of the broker.
export const timeoutMsDefault = 30_000;

// Breaks in a row that no outage explains and that publishes are sent again after: with one more, the oldest of them is given up.
export const unexplainedBreaksMax = 8;

// Bookmarks come at least every 30 s: a subscription that hears nothing for this long has lost its broker.
export const silenceMsMax = 75_000;

// HTTP/2 flow control: one stream can fill a 100 ms path at 80 Mbit/s.
export const streamWindowBytes = 1024 * 1024;
export const connectionWindowBytes = 16 * 1024 * 1024;

// A connection with open calls and no traffic is pinged this often, and given up when no answer comes.
export const pingIntervalMs = 20_000;
export const pingTimeoutMs = 10_000;
export const connectTimeoutMs = 10_000;

// Of several brokers, one that could not be reached is left alone for so long: about as long as the pauses between tries grow to be.
export const endpointRestMs = 1_000;

// How long a lease lives without a sign of this process: outlives a garbage collection and a reconnection, ends before people wonder.
export const leaseTtlMsDefault = 30_000;

// Closing a client ends its leases; the broker's ttl does the same if that takes longer.
export const leaveMsMax = 5_000;

// Waiting for a lock without a bound is sent as this: a day, longer than any owner that gives no sign of life can hold it.
export const lockWaitMsMax = 24 * 3_600_000;

// Asking again for a lock whose request was given up, to give it back if it was granted after all. It does not wait for the lock...
export const takeBackWaitMs = 1;
// ...and for an answer at first this long, then twice as long; some two seconds in all. A broker that says nothing until then ends the
// lease by itself.
export const takeBackTimeoutMs = 600;
export const takeBackAttemptsMax = 2;

// Attempts of a race for each of its alternatives, where nobody says how many: as many as `speculate` makes.
export const attemptsPerAlternativeDefault = 4;

// Each is a crash of the broker in the middle of one attempt, which is begun anew: more are no accident.
export const crashesPerAttemptMax = 3;

// A layout of a context that takes so many times what a new one would is given up: what is cached of it costs a tenth, what is added to it
// costs all, so that going on pays for long.
export const rebaseFactorDefault = 2;
