/** Every limit of the package, each with its reason. */

// The broker's own limit for a value.
export const itemBytesMax = 2 * 1024 * 1024;

// Numbers of items are padded to so many digits: the broker lists names by their bytes, and so in order.
export const numberDigits = 10;

// Of each attempt but the last another writer was faster: so many in a row mean that something writes in a loop.
export const attemptsMax = 100;

// The broker takes 10,000 operations in a diff; one is the head's.
export const itemsPerDiffMax = 9_999;

// A message to the broker may have 16 MiB.
export const diffBytesMax = 12 * 1024 * 1024;

// The broker takes 1,000 paths in one read; one is the head's.
export const itemsPerReadMax = 999;
