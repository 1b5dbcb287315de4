/** The verbs of locks and leases, and how locks are asked for. */
import type { Client, Lease, LeaseInfo, Lock, LockMode, LockTarget } from '../../../typescript/src/index.ts';
import type { Given, Verbs } from './sdk-handles.ts';
import { tellLock, type Result } from './sdk-results.ts';

export const lockVerbs: Verbs<Lock> = {
  lock: lockOn,
  release: async (on) => {
    await on.release();
    return {};
  },
  held: async (on) => on.held,
  fencingToken: async (on) => on.fencingToken,
  revertRevision: async (on, { args }) => {
    const { revision, cascade } = await on.revertRevision(args.revision ?? 0, args.reason, {
      cascade: args.cascade,
    });
    return { revision, cascade: cascade ?? null };
  },
};

export const leaseVerbs: Verbs<Lease> = {
  end: async (on) => on.end(),
  close: async (on) => {
    await on[Symbol.asyncDispose]();
    return {};
  },
  over: async (on) => on.over,
};

export const leasingVerbs: Verbs<Client> = {
  lease: async (on, { args, keep }) => {
    const lease = await on.lease({ ttlMs: args.ttlMs, label: args.label });
    keep(lease);
    return tellLease(lease.info);
  },
  attachLease: async (on, { args, keep }) => {
    const lease = on.attachLease(args.id ?? '');
    keep(lease);
    return { id: lease.id };
  },
  keepLease: async (on, { args, keep }) => {
    const lease = await on.keepLease(args.id ?? '');
    keep(lease);
    return tellLease(lease.info);
  },
  leases: async (on) => (await on.leases().all()).map(tellLease),
};

function tellLease(lease: LeaseInfo): Result {
  return { ...lease, grantTime: undefined };
}

export async function lockOn(on: Client | Lock, given: Given): Promise<Result> {
  const { paths = [], targets = [], mode, waitMs, noWait, label, ttlMs, lease } = given.args;
  const all = [...paths, ...(targets as readonly LockTarget[])];
  const options = { mode: mode as LockMode | undefined, waitMs, noWait, label, signal: given.signal };
  const lock = await on.lock(all, { ...options, ttlMs, lease: given.lease(lease) });
  given.keep(lock);
  return tellLock(lock.info);
}
