import * as z from 'zod';

import { defineTool, type Hints } from '../tool.ts';

/** It takes away only what the caller can name: its own. */
const hints: Hints = { readOnlyHint: false, destructiveHint: false, idempotentHint: true };

export const releaseLock = defineTool({
  name: 'release_lock',
  title: 'Give locks back',
  description:
    'Gives back the locks of a lease, or with lock_id that lock alone. Do it as soon as the work is done: others may be waiting.',
  input: {
    lease_id: z.string().min(1).describe('The lease_id that acquire_lock told.'),
    lock_id: z.string().min(1).optional().describe('Only this lock of the lease.'),
  },
  output: z.object({ released_locks: z.int() }),
  hints,
  async run({ lease_id, lock_id }, { client, signal }) {
    if (lock_id === undefined) {
      const { releasedLocks } = await client.attachLease(lease_id).end({ signal });
      return { structured: { released_locks: releasedLocks } };
    }
    await client.releaseLock(lock_id, lease_id, { signal });
    return { structured: { released_locks: 1 } };
  },
});
