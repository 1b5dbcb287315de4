/** Every limit of the package, each with its reason. */

// A change with more steps is told as a snapshot: programs apply a patch step by step, and take one document at once.
export const patchOperationsMax = 1_000;

// A client sends all of its state and messages along with each run.
export const bodyBytesMax = 64 * 1024 * 1024;
