/**
 * What each RPC needs. The tables are total by their types: an RPC without a rule does not compile. A rule looks at nothing of a
 * request but where it is about; what a call that is allowed sees of a part of a forest, its service chooses (`visible.ts`).
 */
import type { DescMethod, MessageShape } from '@bufbuild/protobuf';
import type { Caller } from '../../access/caller.ts';
import type { AuditedKind } from '../../access/policy.ts';
import type { ContextService } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { ForestService } from '../../gen/hyperloom/v1/forest_service_pb.ts';
import type { LockService } from '../../gen/hyperloom/v1/lock_service_pb.ts';
import type { ReviewService } from '../../gen/hyperloom/v1/review_service_pb.ts';
import type { SchemaService } from '../../gen/hyperloom/v1/schema_service_pb.ts';
import { checkPath, checkPathOrRoot } from '../checks.ts';
import {
  needCommit,
  needGhost,
  needLease,
  needLooked,
  needRace,
  needStaged,
  type KnownForests,
} from './ghost-rights.ts';
import { authorFor, deny, forestNameOf, needAll, needAny, needAt, needSome, rightsIn } from './need.ts';
import { needGhostRoom, needLockRoom } from './quota-checks.ts';
import { needRevision } from './revision-rights.ts';

/** What rules are asked with. */
export interface Asking {
  readonly caller: Caller;
  readonly forests: KnownForests;
}

export interface Rule<Request> {
  /** As what it is written down. */
  readonly kind: Exclude<AuditedKind, 'refusals'>;
  /** The service asks for each of its parts by itself, also where it reads the bytes of a request. */
  readonly isAskedWithin?: boolean;
  /** Throws `Refused`. Of a stream of requests it is asked for each of them. */
  check(request: Request, asking: Asking): void | Promise<void>;
}

/** A rule for each method of a service. */
export type Rules<Service extends { readonly method: Readonly<Record<string, DescMethod>> }> = {
  readonly [Name in keyof Service['method']]: Rule<MessageShape<Service['method'][Name]['input']>>;
};

/** Every diff is looked at where it is read (`publish-rights.ts`), since those of a stream are refused one by one. */
const eachDiff = { kind: 'write', isAskedWithin: true, check: () => undefined } as const;

export const contextRules: Rules<typeof ContextService> = {
  publish: eachDiff,
  publishStream: eachDiff,
  get: {
    kind: 'read',
    check: ({ forest, path }, { caller }) => needAt(caller, 'read', forest, checkPath(path, 'path')),
  },
  batchGet: {
    kind: 'read',
    check({ forest, paths }, { caller }) {
      needSome(caller, 'read', forest);
      for (const [index, path] of paths.entries())
        needAt(caller, 'read', forest, checkPath(path, `paths[${index}]`));
    },
  },
  list: { kind: 'read', check: needWithin },
  subscribe: {
    kind: 'read',
    check({ forest, agent }, { caller }) {
      needSome(caller, 'read', forest);
      authorFor(caller, agent);
    },
  },
  beginGhost: {
    kind: 'ghost',
    check(request, { caller, forests }) {
      const { forest, scope, parentGhostId, migration, leaseId } = request;
      const within = checkPathOrRoot(scope, 'scope');
      if (!rightsIn(caller, forest).maySome('ghost', within)) deny(caller, 'ghost', forest, within);
      if (parentGhostId !== '') needGhost(forests, caller, forest, parentGhostId);
      if (migration !== undefined) needAll(caller, 'admin', forest, []);
      if (leaseId !== '') needLease(forests, caller, forest, leaseId);
      if (request.race !== undefined) needRace(forests, caller, forest, request.race.id);
      needGhostRoom(forests, caller, request);
    },
  },
  checkpoint: {
    kind: 'ghost',
    check: ({ forest, ghostId }, { caller, forests }) => needGhost(forests, caller, forest, ghostId),
  },
  commit: {
    kind: 'write',
    check: ({ forest, ghostId }, { caller, forests }) => needCommit(forests, caller, forest, ghostId),
  },
  revert: {
    kind: 'write',
    check({ forest, target, cascade }, { caller, forests }) {
      if (target.case === 'ghostId') return needGhost(forests, caller, forest, target.value);
      if (target.case === 'rewind') return needGhost(forests, caller, forest, target.value.ghostId);
      if (target.case === 'revision') return needRevision(forests, caller, forest, target.value, cascade);
      return needSome(caller, 'write', forest);
    },
  },
  getGhost: { kind: 'read', check: needForest },
  listGhosts: { kind: 'read', check: needForest },
  keepAlive: {
    kind: 'ghost',
    check({ forest, ghostIds, leaseIds }, { caller, forests }) {
      needAny(caller, forest);
      for (const ghostId of ghostIds) needGhost(forests, caller, forest, ghostId);
      for (const leaseId of leaseIds) needLease(forests, caller, forest, leaseId);
    },
  },
  history: { kind: 'read', check: needWithin },
  diff: { kind: 'read', check: needWithin },
  blame: { kind: 'read', check: needWithin },
  search: { kind: 'read', check: needWithin },
  renderContext: {
    kind: 'read',
    check: ({ forest }, { caller }) => needSome(caller, 'read', forest),
  },
  trace: { kind: 'read', check: needWithin },
};

export const lockRules: Rules<typeof LockService> = {
  grantLease: { kind: 'lock', check: needForest },
  endLease: {
    kind: 'lock',
    check({ forest, leaseId }, { caller, forests }) {
      needAny(caller, forest);
      needLease(forests, caller, forest, leaseId);
    },
  },
  listLeases: { kind: 'read', check: needForest },
  acquireLock: {
    kind: 'lock',
    check({ forest, targets, owner, author, requestId }, { caller, forests }) {
      needSome(caller, 'lock', forest);
      for (const [index, { path }] of targets.entries())
        needAll(caller, 'lock', forest, checkPath(path, `targets[${index}].path`));
      if (owner.case === 'leaseId') needLease(forests, caller, forest, owner.value);
      needLockRoom(forests, caller, { forest, author, requestId });
    },
  },
  releaseLock: {
    kind: 'lock',
    check({ forest, leaseId }, { caller, forests }) {
      needSome(caller, 'lock', forest);
      needLease(forests, caller, forest, leaseId);
    },
  },
  inspectLocks: { kind: 'read', check: needForest },
};

export const reviewRules: Rules<typeof ReviewService> = {
  listReviews: {
    kind: 'read',
    check: ({ forest }, { caller }) => needSome(caller, 'approve', forest),
  },
  subscribeReviews: {
    kind: 'read',
    check: ({ forest }, { caller }) => needSome(caller, 'approve', forest),
  },
  review: {
    kind: 'approve',
    check(request, { caller, forests }) {
      const { forest, ghostId, reviewer } = request;
      needSome(caller, 'approve', forest);
      authorFor(caller, reviewer);
      needStaged(forests, caller, 'approve', forest, ghostId);
      needLooked(forests, caller, request);
    },
  },
};

export const schemaRules: Rules<typeof SchemaService> = {
  registerSchema: { kind: 'admin', check: needOperator },
  // It tells of stored values that do not fit.
  validateSchema: {
    kind: 'read',
    check: ({ forest }, { caller }) => needAll(caller, 'read', forest, []),
  },
  getSchema: { kind: 'read', check: needForest },
  listSchemas: { kind: 'read', check: needForest },
  setUnboundPaths: { kind: 'admin', check: needOperator },
};

export const forestRules: Rules<typeof ForestService> = {
  createForest: {
    kind: 'admin',
    check: ({ name }, { caller }) => needAll(caller, 'admin', name, []),
  },
  // It tells of those in which the caller may do something.
  listForests: { kind: 'read', check: () => undefined },
  deleteForest: {
    kind: 'admin',
    check: ({ name }, { caller }) => needAll(caller, 'admin', name, []),
  },
  compact: { kind: 'admin', check: needOperator },
  backup: { kind: 'admin', check: needOperator },
  // Only its first message has to name the forest.
  restore: { kind: 'admin', check: needOperator },
  getStatus: {
    kind: 'read',
    check({ forest, includeMeters }, { caller }) {
      needAny(caller, forest);
      if (includeMeters) needAll(caller, 'read', forest, []);
    },
  },
};

/** Reading somewhere at or below a path; the service tells what of that the caller may see. */
function needWithin(
  { forest, path }: { readonly forest: string; readonly path: string },
  { caller }: Asking,
): void {
  const within = checkPathOrRoot(path, 'path');
  if (!rightsIn(caller, forest).maySome('read', within)) deny(caller, 'read', forest, within);
}

function needForest({ forest }: { readonly forest: string }, { caller }: Asking): void {
  needAny(caller, forest);
}

function needOperator({ forest }: { readonly forest: string }, { caller }: Asking): void {
  needAll(caller, 'admin', forestNameOf(forest), []);
}
