/**
 * What a model should do next, for each reason that the broker gives. They are written for someone who has these tools and nothing else;
 * a test checks that no reason is missing.
 */
export const nextSteps: Readonly<Record<string, string>> = {
  INVALID_PATH:
    'Write paths as /session_1/notes/first: a leading slash, segments of 1 to 255 bytes, none of them . or .. or beginning with *, no slash at the end.',
  INVALID_PATTERN:
    'In patterns * stands for one whole segment and ** for any number of them, as in /session_1/**.',
  INVALID_VALUE: 'Check the value: json_text must be valid JSON, base64 valid base64. Then call again.',
  INVALID_REQUEST: 'Correct the fields that are named, and call again.',
  LIMIT_EXCEEDED: 'Make it smaller: split it into several calls, or the value into several nodes.',
  WRONG_TYPE:
    'Read the node to see what it holds. Append text to text and items to JSON arrays, merge into JSON objects, increment numbers; or put a new value.',
  OUT_OF_BOUNDS:
    'The sum would leave the range of 64-bit integers. Read the number, and put what it is to be.',
  OUTSIDE_SCOPE:
    'This ghost may write below its scope only. Write there, or begin another ghost with a wider scope.',
  OVERLAPPING_COPY: 'Copy to a path that is not within the source, nor around it.',
  INVALID_PAGE_TOKEN:
    'Ask for the first page again, without page_token, and with the same other arguments from page to page.',
  SCHEMA_VIOLATION: 'Put right the fields that are named, and call again. Nothing was written.',
  UNBOUND_PATH:
    'This forest takes values only where a schema is about the path. Look with list which paths are in use, and write there.',
  INVALID_SCHEMA:
    'Schemas are registered with the command hyperloom schema push, not with these tools. Tell your user.',

  FOREST_NOT_FOUND: 'Leave forest out for the default one, or ask your user which forests there are.',
  NODE_NOT_FOUND: 'Look with list or search what is there. To make the node, publish a put to this path.',
  GHOST_NOT_FOUND: 'The ghost ended long ago, or its id is wrong. Begin a new one with begin_ghost.',
  CHECKPOINT_NOT_FOUND:
    'Leave checkpoint out to go back to the newest one, or give a name that was made with checkpoint.',
  LEASE_NOT_FOUND:
    'The lease is over, and with it the locks. Take the lock again with acquire_lock, and look at the state before you write.',
  LOCK_NOT_FOUND: 'The lock is over. If you still need it, take it again with acquire_lock.',
  REVIEWER_NOT_FOUND: 'No gate of this ghost names that reviewer.',
  SCHEMA_NOT_FOUND: 'There is no such schema at that revision.',

  FOREST_EXISTS: 'Use the forest that is there, or choose another name.',
  CHECKPOINT_EXISTS: 'Give the checkpoint another name.',
  SCHEMA_OVERLAP:
    'Schemas are registered with the command hyperloom schema push, not with these tools. Tell your user.',

  PRECONDITION_FAILED:
    'Somebody was faster. Read the node again, work out anew what you want to write, and publish that with the new revision.',
  CONFLICT:
    'Others have changed the same paths; nothing was written. Read the paths that are named, decide what is right, and either put that into the ghost and commit again, or revert the ghost and begin anew.',
  LOCKED:
    'Someone else holds a lock there; nothing was written. Call again later, with a longer wait_seconds, or work elsewhere meanwhile.',
  DEADLOCK:
    'You and others waited for one another in a circle. Give back all your locks with release_lock, then take all that you need in one call of acquire_lock.',
  REVIEW_REJECTED:
    'Read why it was rejected. The ghost is at its last checkpoint now: do that part again so that it meets the objection, and commit again.',
  REVIEW_OUTDATED: 'The ghost was changed meanwhile. Look at it with diff, and commit again.',
  GHOST_INTERRUPTED:
    'The broker was restarted and has lost what was done last in this ghost. Look with diff at what is left, do the rest again, and commit; or revert it.',
  GATE_REVERTED:
    'A value did not fit its schema, and the ghost was taken back to its last checkpoint. Put right the fields that are named, and do that part again; where the ghost is over, begin a new one.',
  BASIS_REVERTED:
    'Something that this ghost was made from has been taken back since. Read the path that is named again in the ghost, stage what changes because of it, and commit again.',

  GHOST_OVER:
    'This ghost was committed, reverted or has expired. See with history what became of it, and begin a new one with begin_ghost if there is more to do.',
  GHOST_HAS_CHILDREN: 'Commit or revert the ghosts that were begun in it first.',
  REQUEST_ID_REUSED: 'Call again: the next call has an id of its own.',
  FOREST_PROTECTED: 'The default forest cannot be deleted.',
  STALE_FENCING_TOKEN:
    'Your lock is over, and someone else may have written since. Take the lock again, read the state again, and write with the new fencing_token.',
  NOT_LOCK_OWNER:
    'That lock is of another lease. Release it with the lease_id that acquire_lock told with it.',
  RACE_OVER:
    'Another attempt of this race was committed. Read what it has written; there is nothing left to commit.',
  GATE_LIMIT: 'This ghost may not touch that much. Write less, or only to the paths that its gate allows.',
  SCHEMA_BREAKING:
    'Schemas are registered with the command hyperloom schema push, not with these tools. Tell your user.',
  SCHEMA_STORED:
    'Schemas are registered with the command hyperloom schema push, not with these tools. Tell your user.',
  SCHEMA_UNUSABLE:
    'Values at this path cannot be changed until a newer version of its schema is registered. Tell your user.',
  SCHEMA_SUPERSEDED: 'Read at last_revision or before.',

  REVISION_COMPACTED:
    'That history is gone. Use oldest_revision or a later one; or read the state as it is now, and go on from its revision.',
  REVISION_IN_FUTURE: 'That revision does not exist yet. Use newest_revision or an earlier one.',

  QUOTA_EXCEEDED:
    'The broker is full in this respect. End what you do not need any more (revert ghosts, release locks), and try again later; if it stays so, tell your user.',
  DISK_FULL:
    "The broker's disk is full; reading still works. Nothing was written. Tell your user, and try again when there is room.",
  ANSWER_TOO_LARGE: 'Ask for less: a deeper path, a smaller page, fewer paths, or without values.',
  RACE_EXHAUSTED:
    'All attempts of this race are used up. Tell your user what was tried and why it was rejected.',

  JOURNAL_UNAVAILABLE:
    'The broker cannot write to its disk; reading still works. Nothing that you write now is kept. Tell your user.',
  NOT_SERVING: 'The broker is starting or stopping. Call again in a few seconds.',
  BACKUP_DAMAGED: 'The backup is damaged. Tell your user.',

  // What the client finds out by itself.
  LEASE_LOST:
    'The lease is over, and with it the locks. Take the lock again with acquire_lock, and look at the state before you write.',
  ACCESS_CHANGED: 'What you may see has changed. Call again.',
  CREDENTIALS_MISSING:
    'The broker wants to know who calls. Tell your user to set up a token for this server.',
  CREDENTIALS_INVALID: 'The broker does not accept the token. Tell your user to set up another one.',
  CREDENTIALS_EXPIRED: 'The token has expired. Tell your user to get a new one.',
  PERMISSION_MISSING:
    'You may not do this there. The message says where you may; work there, or tell your user which permission you need.',
  AUTHOR_FORBIDDEN: 'Leave the author out: what you do carries the name of whoever has the token.',
};

/** The same for refusals without a reason, by their gRPC code. */
export const nextStepsByCode: Readonly<Record<string, string>> = {
  UNAVAILABLE:
    'The broker cannot be reached. Ask your user to start it with "hyperloom serve", then call again. A write may or may not have taken effect: look before you repeat it.',
  DEADLINE_EXCEEDED: 'It took too long. A write may or may not have taken effect: look before you repeat it.',
  CANCELLED: 'The call was given up. A write may or may not have taken effect: look before you repeat it.',
  PERMISSION_DENIED: 'You may not do this. Tell your user.',
  UNAUTHENTICATED: 'The broker does not know you. Tell your user.',
  UNIMPLEMENTED: 'The broker is older than this bridge, and does not know this call. Tell your user.',
};

export const nextStepDefault = 'Check the arguments and call again; if that does not help, tell your user.';
