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
export const operationsPerDiffMax = 10_000;
export const preconditionsPerDiffMax = 1_000;
export const basisEntriesMax = 1_000;
export const messageBytesMax = 16 * 1024 * 1024;

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
export const endedGhostsKeptMax = 1_000;
export const ghostTtlMsDefault = 60_000;
export const ghostTtlMsMin = 1_000;
export const ghostTtlMsMax = 24 * 3_600_000;

// Exactly once: a repeated request id is recognised as long as it is among the newest this many, and this old.
export const requestIdsKeptMax = 100_000;
export const requestIdAgeMsMax = 3_600_000;

export const forestsMax = 1_000;
