/** Figures of docs/frameworks/langgraph-layout.md and docs/frameworks/openai-agents-layout.md, which every writer of them keeps to, and bounds of an import. */

/** The broker's own: longer segments are refused there, with words that name no thread. */
export const segmentBytesMax = 255;

/** Texts from here on lie in nodes of their own; a value whose JSON is no longer than a reference would be stays in the record. */
export const takenOutBytesMin = 256;
export const inlineBytesMax = 40;
/** Bytes of a serialiser up to here stand in base64 where they are named. */
export const inlineDataBytesMax = 256;
export const pieceBytesMax = 1024 * 1024;
/** Larger JSON is stored as bytes: a node takes 2 MiB. */
export const storedValueBytesMax = 1024 * 1024;
export const listBytesMin = 1_024;
export const listRunsMax = 16;
export const segmentBytesTarget = 256 * 1024;
/** A message takes 16 MiB: what means nothing alone goes ahead beyond the first, values are stored as bytes beyond the second. */
export const diffBytesAhead = 4 * 1024 * 1024;
export const diffBytesMax = 8 * 1024 * 1024;
/** The broker takes 10,000 operations in a diff; a checkpoint's own are far fewer. */
export const attachedOperationsMax = 8_000;

/** Diffs of a thread that are on their way at the same time, and their bytes: enough to keep the broker's disk busy. */
export const diffsInFlightMax = 64;
export const bytesInFlightMax = 16 * 1024 * 1024;
/** Records of a namespace that are remembered: parents are among the newest, as a rule; others are read again. */
export const recordsKeptMax = 256;
/** Threads or sessions that are imported at the same time. */
export const threadsAtOnce = 4;

/** Items of a session in one diff: an import that is interrupted has lost no more. */
export const itemsPerDiffMax = 1_000;
/** The broker's own for a value. */
export const itemBytesMax = 2 * 1024 * 1024;

/** Rows of a database in one answer. */
export const rowsPerQuery = 50;
