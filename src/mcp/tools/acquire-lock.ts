import * as z from 'zod';

import { mcpLockTtlSecondsDefault, mcpPathsMax, mcpTtlSecondsMax } from '../../base/limits.ts';
import { labelField, waitField } from '../fields.ts';
import { adds, defineTool } from '../tool.ts';

export const acquireLock = defineTool({
  name: 'acquire_lock',
  title: 'Lock subtrees',
  description:
    'Locks one subtree or several, all together or none, so that nobody else writes there. Use it only for work that is dear to do again: writes without locks are checked, too, and a lock on one path costs others nothing elsewhere. Give fencing_token along with everything that you write under the lock. It ends with release_lock, or by itself after ttl_seconds: calling again with its lease_id starts the time anew.',
  input: {
    paths: z
      .array(z.string())
      .min(1)
      .max(mcpPathsMax)
      .describe('The topmost nodes of what is locked. They need not exist.'),
    mode: z
      .enum(['exclusive', 'shared', 'shared_intent_exclusive'])
      .default('exclusive')
      .describe(
        'exclusive: nobody else writes or locks there. shared: nobody writes there, others may share it.',
      ),
    ttl_seconds: z
      .number()
      .min(1)
      .max(mcpTtlSecondsMax)
      .default(mcpLockTtlSecondsDefault)
      .describe('When it ends by itself.'),
    lease_id: z
      .string()
      .min(1)
      .optional()
      .describe('The lease of a lock that you hold: locks more under the same one.'),
    wait_seconds: waitField('for others who hold it'),
    label: labelField,
  },
  output: z.object({
    lock_id: z.string(),
    lease_id: z.string().describe('Give it to release_lock.'),
    fencing_token: z.int().describe('Give it in fencing_tokens of everything that you write under the lock.'),
    paths: z.array(z.string()),
    ttl_seconds: z.number(),
  }),
  hints: adds,
  async run({ paths, mode, ttl_seconds, lease_id, wait_seconds, label }, { client, bridge, signal }) {
    const as = { forest: client.forest, author: client.author };
    const targets = paths.map((path) => ({ path, mode }));
    const waitMs = wait_seconds * 1_000;
    const lock = await bridge.waiting(waitMs, signal, (given) =>
      bridge.briefly(as, async (brief) => {
        const lease = lease_id === undefined ? undefined : await brief.keepLease(lease_id);
        const options = { label, waitMs, noWait: waitMs === 0, lease, signal: given };
        return brief.lock(
          targets,
          lease === undefined ? { ...options, ttlMs: ttl_seconds * 1_000 } : options,
        );
      }),
    );
    return {
      structured: {
        lock_id: lock.id,
        lease_id: lock.lease.id,
        fencing_token: lock.fencingToken,
        paths,
        ttl_seconds: lock.lease.info.ttlMs / 1_000,
      },
    };
  },
});
