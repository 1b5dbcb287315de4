/** Every limit of the package, each with its reason. */

// The broker's own limit for a value, and for what one append adds.
export const valueBytesMax = 2 * 1024 * 1024;

// Numbers of messages are padded to so many digits: the broker lists names by their bytes, and so in order.
export const messageDigits = 10;

// The same for the parts of a message: an answer of a thousand steps has some thousands.
export const partDigits = 6;

// Of each attempt but the last another writer was faster: so many in a row mean that something writes in a loop.
export const attemptsMax = 100;

// The broker takes 10,000 operations in a diff; one is the head's.
export const operationsPerDiffMax = 9_999;

// A message to the broker may have 16 MiB.
export const diffBytesMax = 12 * 1024 * 1024;

// How long a stream whose process has died counts as running: outlives a restart of the broker on a slow machine.
export const streamTtlMs = 60_000;

// What is recorded of a stream in one diff: small enough for the broker's limit for values, whatever a model says meanwhile.
export const recordedBytesMax = 1024 * 1024;
