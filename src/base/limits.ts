/**
 * Every limit of the broker, each with its reason. What reaches one is refused with `RESOURCE_EXHAUSTED` or
 * `INVALID_ARGUMENT` and told which limit it was; nothing grows without bound.
 */

// Paths: long enough for URLs and file names as segments, short enough that a path never dominates a message.
export const segmentBytesMax = 255;
export const pathDepthMax = 64;
export const pathBytesMax = 4_096;

// Values and diffs. A put must fit a default gRPC message (4 MiB) with room for its envelope; what appends build up
// may grow further, up to what a client can still be sent in one message.
export const valueBytesMax = 2 * 1024 * 1024;
export const nodeBytesMax = 64 * 1024 * 1024;
export const jsonDepthMax = 512;
export const operationsPerDiffMax = 10_000;
export const preconditionsPerDiffMax = 1_000;
export const basisEntriesMax = 1_000;
export const messageBytesMax = 16 * 1024 * 1024;
// A ghost's id as a basis names it: the broker's own have 16 bytes.
export const ghostIdBytesMax = 64;

// Words that a client attaches. They are stored with every event, so they stay short.
export const authorBytesMax = 256;
export const labelBytesMax = 1_024;
export const reasonBytesMax = 4_096;
export const requestIdBytesMax = 128;
export const nameBytesMax = 128;

// Ghosts. The count bounds memory; the depth bounds what ending an outermost ghost has to end with it.
export const ghostsPerForestMax = 10_000;
export const ghostDepthMax = 128;
export const ghostOperationsMax = 2_000_000;
export const ghostBytesMax = 512 * 1024 * 1024;
export const checkpointsPerGhostMax = 1_000;
export const revertReasonsKeptMax = 32;
// A ghost that outlives more restarts of the broker than these forgets what was told in the oldest.
export const ghostRunsKeptMax = 16;
export const endedGhostsKeptMax = 1_000;
export const ghostTtlMsDefault = 60_000;
export const ghostTtlMsMin = 1_000;
export const ghostTtlMsMax = 24 * 3_600_000;

// Exactly once: a repeated request id is recognised as long as it is among the newest this many, and this old.
export const requestIdsKeptMax = 100_000;
export const requestIdAgeMsMax = 3_600_000;
// Entries of the registry of forests that a start reads before a snapshot takes their place: some megabytes.
export const registryEntriesMax = 10_000;

// Each forest keeps a journal's files open and timers of its own.
export const forestsMax = 1_000;
// Copies share structure, so that a few of them could name more nodes than any walk could visit.
export const nodesPerForestMax = 100_000_000;
// A conflict report is read by an agent: the first hundred paths tell it what to do.
export const conflictsReportedMax = 100;

// Transport. A connection costs some 30 KiB; a call some 3 KiB. Windows let one client fill a 100 ms path with 40 Mbit/s a
// stream, and bound what a paused stream can make the broker hold.
export const connectionsMax = 10_000;
export const streamsPerConnectionMax = 1_000;
export const metadataBytesMax = 32 * 1024;
export const metadataPairsMax = 128;
export const streamWindowBytes = 512 * 1024;
export const connectionWindowBytes = 4 * 1024 * 1024;
// Parts of messages still incomplete, over all calls: without it every stream could hold almost a whole message.
export const incompleteRequestBytesMax = 512 * 1024 * 1024;
// Replies waiting for a slow reader. Services stop at the high-water mark; one that does not is cut off at the maximum.
export const replyBytesHighWater = 256 * 1024;
export const replyBytesLowWater = 64 * 1024;
export const replyBytesQueuedMax = 64 * 1024 * 1024;
// Compressing less than this costs more time than it saves on any network a broker is likely to sit on.
export const compressedReplyBytesMin = 64 * 1024;
// What proxies and clients accept in trailers by default is 8 KiB for all of them together.
export const statusMessageBytesMax = 2_048;
export const statusDetailsBytesMax = 4_096;
// A peer that is slow on purpose: how long it may take for its first bytes, for HTTP/1.1 headers, for a whole HTTP/1.1 request.
export const firstBytesMsMax = 10_000;
export const httpHeadersMsMax = 15_000;
export const httpRequestMsMax = 300_000;
// A quiet connection is pinged, well within the idle limits of usual load balancers (60 s), and dropped without an answer.
export const keepaliveMsDefault = 30_000;
export const keepaliveAnswerMsDefault = 20_000;
// How often a client may ping while it is sent nothing: clients of gRPC do every 10 s at the most often. Some pings are forgiven, so
// that timers may be inexact.
export const clientPingMsMinDefault = 5_000;
export const clientPingsBurst = 3;
// A connection without calls is told to go away; clients open another when they need one.
export const connectionIdleMsMax = 30 * 60_000;
// How long calls may go on once a connection has reached its age, where an age is set.
export const connectionAgeGraceMsDefault = 30_000;
// The longest wait that a timer of Node can say, some 24 days. A later deadline is as good as none.
export const deadlineMsMax = 2 ** 31 - 1;
// How long the last words of a call that was given up may take to be read before the stream is reset.
export const lastWordsMsMax = 1_000;

// The embedded journal. A segment is the unit in which history is freed and space is set aside; the first one of a
// forest is small and each next one twice as large, so that a thousand small forests do not take a thousand times 64 MiB.
export const segmentFileBytesDefault = 64 * 1024 * 1024;
export const segmentFileBytesFirst = 1024 * 1024;
export const segmentFileBytesMin = 4_096;
// A disk that is full, or nearly, is looked at again after this: soon enough for people who have just made room.
export const roomCheckMs = 1_000;
// What stays free on the disk, unless settings say otherwise: enough for ends of leases and ghosts, a compaction's small files and an
// operator's tools, while writes are refused.
export const diskFreeBytesMinDefault = 64 * 1024 * 1024;
// A lazy entry is synced within this time: what a crash may take of a ghost's work is at most this old.
export const lazySyncDelayMsMax = 20;
// One write and sync: large enough to run at the disk's speed, small enough that the next batch does not wait long.
export const batchBytesMax = 4 * 1024 * 1024;
// The sparse index: what reading one position must skip at most, for about 16 bytes of memory a step.
export const indexStepBytes = 64 * 1024;
// What a reader holds in memory at a time, but for one larger entry.
export const readWindowBytes = 1024 * 1024;
// Length of one entry or snapshot chunk as the file formats can say it; the limits on messages are far below.
export const entryBytesMax = 1024 * 1024 * 1024;

// Roots of the newest revisions stay in memory, so that ghosts and reads at them need no disk. They share nearly everything.
export const recentRootsMax = 1_024;
// Each operation of a kept root keeps about 1.5 KB of replaced nodes alive. What stays alive for longer than the young
// generation takes to fill (some 10,000 operations) is garbage only a full collection finds: with 10,000 kept, replaying half a
// million of them left 100 MB behind.
export const recentRootsOperationsMax = 2_000;
// Older roots that were rebuilt from disk, for pages of a listing and scrubbing back and forth.
export const rebuiltRootsMax = 8;
// Roots of ghosts that were made again for those who read of them in the journal: one for each such reader to go on from.
export const stagedRootsMax = 16;
// A snapshot is written when the journal has grown by this much since the last one, and by half of what that one took. A start
// replays no more than that and what came while one was written; and of what is written to the disk, at most two thirds are snapshots.
export const snapshotJournalBytesDefault = 64 * 1024 * 1024;
// A forest at rest has the time for one that is due later only: when for as long as this nothing was written, and the journal has grown by so
// much (a fifth of a second to replay), by an eighth of the last snapshot and of the growth at which the next one is due. So who comes and goes
// makes the broker write no more than eight times what they wrote.
export const snapshotAtRestMs = 5_000;
export const snapshotAtRestBytesMin = 8 * 1024 * 1024;
export const snapshotAtRestShare = 1 / 8;

// One item of a snapshot: a node with the largest value, or the largest staged diff, and room for what is around it. A
// damaged length must not make the broker set aside more.
export const snapshotItemBytesMax = nodeBytesMax + messageBytesMax;

// Subscriptions. Recent events are shared by all subscribers of a forest; the rest is read from the journal.
export const recentEventsMax = 2_048;
// Beside its value, which a node holds as well, an operation keeps half a kilobyte alive. What outlives the young generation (some 4,000
// operations of a bulk load) is garbage that only a full collection finds.
export const recentEventsOperationsMax = 2_048;
export const recentEventsBytesMax = 16 * 1024 * 1024;
export const catchUpEventsPerTurn = 256;
export const snapshotNodesPerPart = 500;
export const snapshotBytesPerPart = 512 * 1024;

// The edge. What a client asks for in one answer, and what one of its streams may have in flight.
export const typeUrlBytesMax = 1_024;
export const appendItemsMax = 100_000;
export const batchGetPathsMax = 1_000;
export const keepAliveGhostsMax = 1_000;
export const patternsPerSubscriptionMax = 100;
// A page is read by an agent or drawn by a browser: a few megabytes at most, well below a default gRPC message.
export const pageBytes = 2 * 1024 * 1024;
// An answer that cannot be paged must hold at least one largest node.
export const answerBytesMax = 65 * 1024 * 1024;
export const listPageSizeDefault = 1_000;
export const listPageSizeMax = 10_000;
export const pageSizeDefault = 100;
export const pageSizeMax = 1_000;
// What one page of history looks through at most; it may be empty, and the next one goes on.
export const historyPositionsPerPage = 50_000;
export const historyWindowPositions = 1_024;
// Ghosts' views that pages of a listing go on from. Each may keep alive what the ghost has overwritten since.
export const pinnedRootsMax = 128;
// One message of a large event.
export const eventPartBytesMax = 1024 * 1024;
export const eventPartChangesMax = 5_000;
// Events in one message, where a client takes several: what the message itself costs is next to nothing by then.
export const eventBatchBytesMax = 64 * 1024;
export const bookmarkIntervalMsMin = 100;
export const bookmarkIntervalMsMax = 30_000;
// Entries of one author, kind and type share what they have in common while it is known: some hundred bytes for each. What is
// forgotten is made anew for the entries that come then.
export const originAuthorsMax = 4_096;
export const originsPerAuthorMax = 64;
// Paths that are known from earlier publishes and need no check: about a megabyte, and long ones seldom come again.
export const knownPathsMax = 4_096;
export const knownPathBytesMax = 64;
// Diffs of one stream that wait for the disk: enough to fill any group commit, and a bound on what one client makes wait.
export const publishesInFlightMax = 4_096;
// Diffs in one message of such a stream, and outcomes in one answer: a message's own cost is a hundredth by then.
export const publishesPerMessageMax = 1_000;
// Operations of one stream in one turn of the event loop: some two milliseconds, about what a fast disk takes for a commit, so
// that reading, syncing and answering go on side by side (a sixth more a second than with whatever one read brings).
export const operationsPerTurnMax = 128;
export const backupChunkBytesMax = 64 * 1024;
// Pieces of an uploaded backup that wait to be decoded.
export const restoreBytesWaitingMax = 1024 * 1024;

// What may wait for the disk in one forest. At these sizes the disk is seconds behind: waiting longer helps nobody.
export const pendingBytesMax = 128 * 1024 * 1024;
export const pendingEntriesMax = 500_000;

// An agreed log (NATS JetStream). What one broker may have on its way at a time: an entry, and behind it what becomes the next one. An
// entry is well below what NATS takes in one message by default (1 MiB), so that the limit concerns single commands only.
export const agreedEntryBytes = 512 * 1024;
// A write is told that the log is away before this second has passed: the wait, and a moment for answers that are there but not read.
export const agreementMsMax = 800;
export const agreementGraceMs = 100;
// Whoever is told how old a view may be has it looked at anew where the last look is older than this.
export const agreedLookMs = 1_000;
// How long one attempt to append waits before it is made again under the same id.
export const appendAttemptMs = 1_000;
export const appendPauseMs = 100;
// A server of NATS that is away is dialled again after this, and after longer each time: at most so long that writes go on within two seconds when it
// is back, and no less, so that a fleet of brokers does not beat on one that starts.
export const natsDialMsMin = 100;
export const natsDialMsMax = 1_000;
// A broker whose server of NATS stands still goes to another one after two to three of these pings without an answer; and one that takes a
// connection and says nothing is left after so long. NATS's own defaults are two minutes and 20 s.
export const natsPingMs = 1_000;
export const natsAnswerMsMax = 3_000;
// Within this time NATS itself knows an entry that comes twice; later the entries' own numbers tell.
export const logDuplicateWindowMs = 120_000;
// Somebody who had a turn and has ended without giving it back keeps others waiting for so long.
export const turnIdleMsMax = 4_000;
// How long a start waits for servers that are electing who leads them.
export const electionMsMax = 20_000;
// Servers notice within this time that a broker which was just stopped is gone; who still follows a forest then works on it.
export const forestLeftMsMax = 10_000;
// A reader to whom nothing comes, though something was stored, asks anew.
export const logSilenceMsMax = 2_000;
// What NATS should take in one message: the largest diff that a broker takes, and what is around it.
export const jetStreamPayloadBytesMin = messageBytesMax + 1024 * 1024;
// Snapshots that brokers share are stored in parts: large enough that their number is small, small enough that a few of them on their way at
// the same time take no memory that anybody notices. A part that takes longer than this will not come.
export const objectPartBytes = 4 * 1024 * 1024;
export const objectReadMsMax = 60_000;
// A part comes in messages of half a MiB, some parts at a time, also over a slow line; names come from messages of a few hundred bytes.
export const objectMessageMsMax = 10_000;
export const objectNamesAhead = 32;
export const objectPartsAhead = 4;
// A snapshot that was begun is waited for this long, by the log's time, before another broker may begin one: longer than any upload that works.
export const sharedSnapshotMsMax = 600_000;
// Brokers that know a newer format than the log's ask so often whether all others know it too; where nobody objects for so long, it is in force.
// An older broker that stands still for longer stops when it comes back: far longer than a pause for garbage or an election of NATS.
export const formatAskMs = 10_000;
export const formatSilenceMs = 10_000;
// How often a start says how far it has come.
export const startProgressMs = 2_000;
// Names of brokers that have written: each start takes a new one, and one that is over writes nothing more.
export const replicasRememberedMax = 10_000;

// Locks and leases. The counts bound memory (a lock with a lease and a path of its own costs some three
// kilobytes); a lease must outlive a garbage collection and a reconnection, and must end before people wonder.
export const leaseTtlMsDefault = 30_000;
export const leaseTtlMsMin = 1_000;
export const leaseTtlMsMax = 24 * 3_600_000;
export const leasesPerForestMax = 200_000;
export const locksPerForestMax = 200_000;
export const lockTargetsMax = 100;
// A queue this long on one node is a mistake of its users: who joins it would wait for hours.
export const lockWaitersPerForestMax = 20_000;
export const lockDelayMsMax = 60_000;
// A client whose connection was lost needs seconds to open another; until then its place in a queue stays its own.
export const lockReconnectMsMax = 5_000;
// Nobody waits longer than a lease can live.
export const lockWaitMsMax = 24 * 3_600_000;
// Rights that one waiting write asks for: each leaves marks on all nodes above it.
export const momentsPerTicketMax = 1_000;
export const fencingTokensMax = 100;
// Deleting them is one revision, so it must stay as small as the largest diff.
export const nodesPerLeaseMax = 10_000;
// A person reads it: whom a waiter waits for, and the members of a circle.
export const lockBlockersToldMax = 100;

// Reverts with all that was derived. What is undone is one revision: its record must fit the journal and one turn of the event loop,
// some 10 µs an operation. The journal is read from the revision that is reverted on, at some 5 µs an event, in slices.
export const cascadeRevisionsMax = 2_000_000;
export const cascadeUndoneMax = 10_000;
export const cascadeOperationsMax = 100_000;
export const cascadeBytesMax = 64 * 1024 * 1024;
// Subtrees are brought back from so many revisions whole, at the cost of one operation; others node by node.
export const cascadeCopySourcesMax = 4;
// A subtree of fewer nodes is brought back node by node.
export const cascadeCopyNodesMin = 16;
// Somebody has changed what was worked out in as many attempts on end: it is being written to all the time.
export const cascadeAttemptsMax = 8;
// Where brokers share a forest, each of them is tried again for as long as what others write meanwhile can be taken in at once: each try takes a trip
// through the log.
export const cascadeCommitsMax = 256;
// The same of what may be done only as long as nothing else changes, such as the commit of somebody who may not write everywhere in its ghost's scope.
export const objectionTriesMax = 256;
// Each may read a long history, one after the other.
export const cascadesWaitingMax = 100;
// Earlier reverts at the same places lead further back, one behind the other. What lies before is taken as it is.
export const cascadeRoundsMax = 32;
// What others do while it is worked out is looked at in the turn in which it is proposed.
export const cascadeEntriesWatchedMax = 10_000;
// A person or an agent reads them.
export const cascadeToldMax = 1_000;
// What one agent or ghost had read of it. A ghost that had read more has to look at everything again.
export const revertedBasisPerGhostMax = 100;
export const revertedBasisToldMax = 100;

// Gates, reviews and races.
export const gatesPerGhostMax = 32;
export const gatePatternsMax = 100;
export const racesKeptMax = 1_000;
export const raceAttemptsMax = 1_000;
// A caller who waits costs an open call, some 3 KiB.
export const commitWaitsPerForestMax = 10_000;
// A reviewer this far behind has stopped reading; it is cheaper to send what is open once more than to keep it all.
export const reviewNewsWaitingMax = 10_000;

// Schemas. A definition must fit a default gRPC message (4 MiB) with room; it is kept for ever, in memory, snapshots and
// journal, so versions are few and their bytes bounded.
export const schemaDefinitionBytesMax = 2 * 1024 * 1024;
export const schemaNameBytesMax = 128;
export const schemaVersionsPerForestMax = 1_000;
export const schemaBytesPerForestMax = 64 * 1024 * 1024;
// Paths that are compared with one another when a schema comes, and listed in one answer.
export const schemaPathBytesMax = 1_024;
export const schemaBindingsMax = 100;
// What one bound message may reach. Rules are planned for each of these when a schema comes, at some 20 µs a field.
export const schemaMessagesMax = 500;
export const schemaFieldsMax = 5_000;
// Compiled schemas that are kept for another forest or the next version: some hundred kilobytes each.
export const schemasCompiledKeptMax = 64;
// Live ghosts that bring a version of a schema: each keeps its definition, and a table of all schemas as they will be.
export const migrationsPerForestMax = 16;
// Mappings of stored values to a coming version. The rules are compared with one another and with the fields of a version, of which there
// are 5,000; a constant is written into every value.
export const mappingMessagesMax = schemaBindingsMax;
export const mappingRulesMax = 1_000;
export const mappingConstantBytesMax = 64 * 1024;
// What is mapped lies in memory beside what is stored, and its commit is one turn of the event loop, some 25 µs a small value: seconds at
// this size. A program of its own, with a ghost, is the way for more.
export const mappedValuesMax = 100_000;
export const mappedBytesMax = 64 * 1024 * 1024;
// Values that the broker stages at a time: some milliseconds. Their diff must be no larger than one of a client may be.
export const mappedValuesPerDiffMax = 128;
export const mappedBytesPerDiffMax = 4 * 1024 * 1024;
// Values that were changed while they were mapped are mapped again. So many of them are mapped without a pause then, which takes some
// 200 ms, so that nobody comes in between; what is changed in as many attempts on end is being written to all the time.
export const mappingAttemptsMax = 8;
// Where brokers share a forest, the commit of a mapping is tried again for as long as others write elsewhere: each try takes a trip through the log, and
// so many of them a second or some.
export const mappingCommitsMax = 256;
export const mappedValuesHeldMax = 2_000;
// How deep a typed value may be nested: what other Protobuf runtimes read by default.
export const messageDepthMax = 100;
// Fields of a message that one operation speaks of. What a client writes by hand is far less; each is a step of the state machine, and
// some ten bytes in the journal.
export const fieldsPerMaskMax = 1_000;
export const fieldNameBytesMax = 1_024;
export const fieldChangesMax = 5_000;
// Conditions about fields: each reads a value through, which may have 64 MiB.
export const fieldConditionsPerDiffMax = 100;
export const fieldConditionBytesMax = 64 * 1024;
// What a schema's author reads, and an agent that is refused.
export const schemaProblemsMax = 100;
// Subschemas that the check of one value visits: some 20 ms. Without it alternatives in alternatives take exponential time.
export const jsonSchemaStepsMax = 200_000;
// Values up to this size are told everything that is wrong with them, larger ones the first thing.
export const jsonAllErrorsBytesMax = 64 * 1024;
// A JSON Schema becomes code, some 5 µs a byte.
export const jsonSchemaBytesMax = 256 * 1024;
// Formats such as `email` are regular expressions of others, whose time can grow with the square; longer texts than these
// have none of them.
export const formatCharactersMax = 2_048;
// A typed value that is told as JSON: 2 MiB of bytes in base64 and some more, below the 4 MiB that gRPC clients take by default.
export const jsonFormBytesMax = 3 * 1024 * 1024;
// Schemas whose versions a reader is pinned to.
export const schemaPinsMax = 100;

// Searches. A page is some 100 ms of work at these sizes, in slices of the event loop; an agent that looks for more asks for the next.
export const searchNodesPerPage = 20_000;
export const searchBytesPerPage = 16 * 1024 * 1024;
export const searchQueryBytesMax = 256;
// Each field of a message counts as this many bytes: reading an empty one takes as long as going through them.
export const searchBytesPerField = 32;
// Rendering. A text must fit a default gRPC message (4 MiB) together with its basis; its beginning leaves a third to what changes.
export const renderTextBytesMax = 3 * 1024 * 1024;
export const renderBaseBytesMax = 2 * 1024 * 1024;
export const renderPartsMax = 100;
// A budget has to hold what the broker itself says: a head and two markers.
export const renderTokensMin = 128;
export const renderBaseTokensMin = 64;
export const renderChangeTokensMin = 32;
// More than any model reads.
export const renderTokensMax = 10_000_000;
export const renderTokenFactorMax = 10;
// Nodes that one rendering looks at, shown or not: some 100 ms. Nobody reads that many.
export const renderNodesMax = 100_000;
// Values that are looked at for a place in the budget: some seconds of counting, in slices.
export const renderBytesLookedAtMax = 16 * 1024 * 1024;
// What one rendering follows since its base: some 200 ms of applying and comparing, and half a second of reading the journal. A text
// with more corrections than that is worth beginning anew.
export const renderChangesMax = 20_000;
export const renderPositionsMax = 100_000;
// Copies since the base of which the state has to be rebuilt from the disk: each may take a second.
export const renderRebuildsMax = 8;
// Renderings at work at the same time: each may hold some 50 MB while it counts. The others wait.
export const renderingsAtOnceMax = 4;
// Texts whose tokens are remembered, for each encoding: a thousand contexts of 10,000 tokens that share most of what they show.
export const renderCountsBytesMax = 32 * 1024 * 1024;
// Merging a run of bytes without any boundary for a token takes some 40 bytes of memory a byte, and a microsecond.
export const tokenRunBytesMax = 1024 * 1024;

// Meters. An answer of GetStatus with all of a forest is about a megabyte then, and one meter takes about a kilobyte of memory; forests
// are a thousand, so all of a broker's are bounded together.
export const meterAgentsMax = 1_000;
export const meterTreesMax = 1_000;
export const meterRowsPerForestMax = 5_000;
export const meterRowsMax = 50_000;
// Meters of a broker that have series of their own in /metrics, thirteen each: Prometheus takes some kilobytes for a series. The first have
// them, so that no series ever changes its meaning; the others are one sum.
export const meterSeriesRowsMax = 500;
// What a start reads again of a forest's journal for its meters: some ten seconds of work, spread over minutes.
export const meteredEntriesMax = 1_000_000;
// What waits for its tokens to be counted, in all forests: seconds of counting. What is published beyond that is read again from the
// journal, what is read stays an estimate.
export const tokensWaitingBytesMax = 8 * 1024 * 1024;
export const tokensWaitingMax = 20_000;
// Of what is read from the journal for that, no more than this waits. More would be counted no sooner, and would wait so long that it
// grew old: after a start with 1,000,000 nodes, garbage of a hundred megabytes.
export const pastTokensWaitingBytesMax = 512 * 1024;
export const pastTokensWaitingMax = 1_000;
// Texts whose tokens are remembered, for what many agents read. A long one costs more to keep than it is likely to save.
export const knownTextBytesMax = 64 * 1024;
export const knownTextsBytesMax = 16 * 1024 * 1024;
// Texts that were rendered last, to see how much of the next one a provider has seen before.
export const promptCharactersKeptMax = 16 * 1024 * 1024;

// Provenance. Journal entries that walks have looked at lately: neighbours come back to the same ones again and again.
export const provenanceCacheBytesMax = 16 * 1024 * 1024;
// Runs of the index with so many entries go to files: up to some 13 MB of a busy forest's index stay in memory, and twice that for as long as
// such a run is merged.
export const indexFileEntriesMin = 500_000;
// Entries in memory that are written to a file when the broker stops, so that the next start need not make them again: some 100 ms of work.
export const indexKeptEntriesMin = 65_536;
// Blocks of index files that were read last, 3 KiB each, for all files of a forest's index together.
export const indexCacheBlocksMax = 1_024;
// Publishes that one trace reaches: some 60 bytes each while it lasts. A person stops reading long before.
export const traceReachMax = 1_000_000;
// What a trace looks at between two pauses, at which a page may end: some ten milliseconds.
export const traceStepWork = 2_000;
// A page looks at no more than this many such steps, so that a call ends within a second; it may be empty then.
export const traceStepsPerPage = 50;
export const traceHopsMax = 1_000;
// What one entry of a trace tells of an event at most: the rest is in `History`.
export const traceLinksMax = 100;
export const traceChangesMax = 1_000;
export const traceStandingPathsMax = 100;
// Staged operations that are staged again to show what was read in a ghost: some 100 ms.
export const traceRestagedOperationsMax = 100_000;
// Walks that pages go on from, a few hundred bytes for each publish that they have reached. One that is forgotten is walked again.
export const traceWalksKeptMax = 32;

// MCP. What a tool answers is read by a model: a page of previews is some thousand tokens, and a longer value comes in parts.
export const mcpCharactersDefault = 20_000;
export const mcpCharactersMax = 200_000;
export const mcpPreviewCharacters = 400;
export const mcpPageItemsDefault = 50;
export const mcpPageItemsMax = 200;
// Of one event's changes, and of one answer's conflicts and violations: enough to see what it is about.
export const mcpChangesMax = 50;
// A model writes a call by hand, as it were: what is larger belongs into a program with a client.
export const mcpOperationsMax = 1_000;
export const mcpPathsMax = 100;
export const mcpPatternsMax = 20;
// What a request may hold: the largest value, escaped and within its envelope.
export const mcpRequestBytesMax = 8 * 1024 * 1024;
// Clients give up on a call after a minute unless they are told of progress.
export const mcpWaitSecondsDefault = 20;
export const mcpWaitSecondsMax = 50;
// Calls of all connections that wait for a change, a lock or a reviewer: each holds a subscription or a place in line.
export const mcpWaitsMax = 1_000;
// What runs when `hyperloom mcp` is told to stop may end first: clients kill a server two seconds after they have asked it to.
export const mcpStopMsMax = 1_500;
// Principals whose sessions and subscriptions are kept apart at one time, where the broker asks who calls: some 200 KB each.
export const mcpPrincipalsMax = 256;
// What comes together with the first change is told with it.
export const mcpGatherMsMax = 50;
// A model may think, or its user be away, for minutes between two calls.
export const mcpGhostTtlSecondsDefault = 3_600;
export const mcpLockTtlSecondsDefault = 300;
export const mcpTtlSecondsMax = 86_400;
// Agents whose reading is remembered for what they publish next, and ghosts that each of them works in.
export const mcpAgentsMax = 1_000;
export const mcpGhostsPerAgentMax = 100;
// Sessions of clients that speak 2025-11-25 over HTTP: some 100 KB each. One that nobody uses for this long is over.
export const mcpSessionsMax = 1_000;
export const mcpSessionIdleMsMax = 30 * 60_000;
// Open streams of clients that speak 2026-07-28, and the resources that are watched for all connections together.
export const mcpListenersMax = 1_000;
export const mcpWatchesPerConnectionMax = 100;
export const mcpWatchesMax = 2_000;
// A watch that broke off is begun anew after this, then after twice as long, up to the most: 2,000 that wait for a forest to come cost 133 tries a second.
export const mcpWatchRetryMsMin = 1_000;
export const mcpWatchRetryMsMax = 15_000;
// The list of resources is looked at this often while somebody wants to know of its changes.
export const mcpListCheckMs = 2_000;
// Trees of a forest that are compared then, if something was written in it: one large page. The list tells far fewer.
export const mcpTreesComparedMax = 10_000;
// Trees and forests that the list of resources tells; the rest is found with the template.
export const mcpResourcesListedMax = 500;
export const mcpForestsListedMax = 50;
export const mcpChildrenListedMax = 200;
export const mcpCompletionsMax = 100;
// Live ghosts that are told with the tree: more branches nobody can look at.
export const mcpGhostsShownMax = 50;
// Locks that are told to whoever takes over a session.
export const mcpLocksShownMax = 100;
// Live ghosts and children among which those are looked for that a prompt or a completion is about: some tens of pages.
export const mcpGhostsLookedAtMax = 1_000;
export const mcpChildrenLookedAtMax = 20_000;
// A resource that changes all the time is told as changed this often: whoever hears it reads it again.
export const mcpUpdateGapMs = 100;

// Who is known is remembered by the header that was shown, so that a call costs a look-up: some 1 KB each.
export const admittedKeptMax = 10_000;
// A JSON Web Token is verified anew after this, though it lasts longer: its issuer may have given up the key.
export const jwtRenewMs = 5 * 60_000;
// Clocks of issuers and brokers differ by less than this.
export const jwtSkewMsMax = 5_000;
// Key sets of issuers: how old one may become, how long until an unknown key makes the broker ask again, and how long that may take.
export const jwksAgeMsMax = 10 * 60_000;
export const jwksCooldownMs = 30_000;
export const jwksFetchMsMax = 5_000;
// A key with its chain of certificates is some 10 KiB of it; an issuer has a handful of them.
export const jwksBytesMax = 256 * 1024;
// Files of access, tokens and certificates are looked at this often: a token that is revoked is refused within about a second.
export const filesCheckMs = 1_000;
// Diffs that a principal with a rate may send at once after a pause, in seconds of that rate: agents work in bursts.
export const publishBurstSeconds = 10;
// Principals whose subscriptions and rates are known: some 200 bytes each.
export const principalsKeptMax = 100_000;
// A grant is looked at for each path of each call; more say that names should be groups.
export const accessGrantsMax = 1_000;
export const accessPatternsMax = 10_000;
// What a subscription may see of what it asks for, as patterns; wildcards on both sides multiply.
export const visiblePatternsMax = 256;
// Streams of whose callers the credentials end are looked at in time; timers of Node hold no longer.
export const renewTimerMsMax = 24 * 3_600_000;
// Audit records are gathered for so long, and so many different ones are kept apart meanwhile; the rest is counted.
export const auditGatherMs = 250;
export const auditRecordsPerGatherMax = 1_000;
// Places that one audit record names.
export const auditPlacesMax = 20;

// Spans that wait for the collector, some 2 KB each: five seconds of what it takes. What comes beyond is dropped, as nothing waits for it.
export const spansQueuedMax = 8_192;
// Spans in one request to the collector: some 300 KB of JSON.
export const spanBatchMax = 512;
// How long the collector may take for a request, and for all that is left when the broker stops, which is on its way out.
export const spansSendMsMax = 5_000;
export const spansCloseMsMax = 2_000;
