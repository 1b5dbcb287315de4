/** Every limit of this package, each with its reason. What the page about the layout fixes is the same in every language. */

// The broker's own: longer segments are refused there, with words that name no thread.
export const segmentBytesMax = 255;
// The broker's own 2 MiB a value, with some room.
export const nodeBytesMax = 2 * 1024 * 1024 - 1024;

// The layout. Texts below this cost less in place than a node of their own; pieces stay well below the broker's 2 MiB a value.
export const takenOutBytesMin = 256;
export const pieceBytesMax = 1024 * 1024;
// What is no longer than a reference would be stays in the record.
export const inlineBytesMax = 40;
export const inlineDataBytesMax = 256;
// Below this a node for what is new costs more than writing all anew.
export const listBytesMin = 256;
export const runsMax = 16;
export const segmentBytesTarget = 256 * 1024;
export const storedValueBytesMax = 1024 * 1024;
// One diff must fit the broker's 16 MiB a message; what means nothing alone goes ahead beyond the first figure.
export const diffBytesAhead = 4 * 1024 * 1024;
export const diffBytesMax = 8 * 1024 * 1024;
export const operationsPerDiffMax = 10_000;
// Compare-and-set that fails so often meets somebody who writes all the time.
export const attemptsMax = 8;
// What was handed out for time travel, a hundred bytes each.
export const claimsKeptMax = 10_000;

// Reading. Texts have up to 1 MiB, and an answer 64 MiB at most.
export const piecesPerCallMax = 60;
export const nodesPerCallMax = 500;
export const recordsPerCallMax = 50;
// Items of a store have up to 2 MiB.
export const itemsPerCallMax = 30;
// A list of which more segments than these are not known is read whole.
export const segmentsFollowedMax = 3;

// What a saver keeps of what it has read and written, in characters of JSON: some hundred conversations.
export const cachedCharactersMax = 32 * 1024 * 1024;
export const threadsKeptMax = 1_000;

// What is changed item by item under a condition each: enough to hide the way to the broker, and well below what its client lets wait.
export const publishesAtOnceMax = 100;

// Stores. A search without a limit of its own is what a prompt has room for.
export const searchLimitDefault = 10;
