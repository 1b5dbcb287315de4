/** `LockService`: leases and locks. */
import { create } from '@bufbuild/protobuf';
import {
  labelBytesMax,
  leaseTtlMsDefault,
  leaseTtlMsMax,
  leaseTtlMsMin,
  lockBlockersToldMax,
  lockDelayMsMax,
  lockWaitMsMax,
  nameBytesMax,
  pageSizeDefault,
  pageSizeMax,
} from '../../base/limits.ts';
import {
  type AcquireLockRequest,
  AcquireLockRequestSchema,
  type AcquireLockResponse,
  AcquireLockResponseSchema,
  type EndLeaseRequest,
  EndLeaseRequestSchema,
  type EndLeaseResponse,
  EndLeaseResponseSchema,
  type GrantLeaseRequest,
  GrantLeaseRequestSchema,
  type GrantLeaseResponse,
  GrantLeaseResponseSchema,
  InspectedLockSchema,
  type InspectLocksRequest,
  InspectLocksRequestSchema,
  type InspectLocksResponse,
  InspectLocksResponseSchema,
  type ListLeasesRequest,
  ListLeasesRequestSchema,
  type ListLeasesResponse,
  ListLeasesResponseSchema,
  LockService,
  type ReleaseLockRequest,
  ReleaseLockRequestSchema,
  type ReleaseLockResponse,
  ReleaseLockResponseSchema,
} from '../../gen/hyperloom/v1/lock_service_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Lease, Lock } from '../../state/locks/lock.ts';
import { isOwn } from '../access/ghost-rights.ts';
import { isLockShown, shownTargets } from '../access/lock-sight.ts';
import { checkAuthor, checkDuration, checkNeeded, checkPageSize, checkPath, checkText } from '../checks.ts';
import { leaseMessage, lockMessage } from '../convert/lock.ts';
import { targetsFrom } from '../convert/lock-request.ts';
import { lockBound } from '../access/quota-checks.ts';
import { orRefuse } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf } from '../page-token.ts';
import { type Call, defineMethod, type Method } from '../transport.ts';
import { patienceOf } from './patience.ts';
import { forestOf, requestKey, successOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function lockMethods(context: ServiceContext): readonly Method[] {
  const { grantLease, endLease, listLeases, acquireLock, releaseLock, inspectLocks } = LockService.method;
  return [
    defineMethod({ kind: 'unary', descriptor: grantLease, handle: (request) => grant(context, request) }),
    defineMethod({ kind: 'unary', descriptor: endLease, handle: (request) => end(context, request) }),
    defineMethod({
      kind: 'unary',
      descriptor: listLeases,
      handle: (request, call) => list(context, request, call),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: acquireLock,
      handle: (request, call) => acquire(context, request, call),
    }),
    defineMethod({ kind: 'unary', descriptor: releaseLock, handle: (request) => release(context, request) }),
    defineMethod({
      kind: 'unary',
      descriptor: inspectLocks,
      handle: (request, call) => inspect(context, request, call),
    }),
  ];
}

const ttlBounds = { byDefaultMs: leaseTtlMsDefault, minMs: leaseTtlMsMin, maxMs: leaseTtlMsMax };

async function grant(context: ServiceContext, request: GrantLeaseRequest): Promise<GrantLeaseResponse> {
  const forest = forestOf(context, request.forest);
  const settled = await forest.propose({
    kind: 'grant_lease',
    leaseId: forest.newId(),
    ttlMs: checkDuration(request.ttl, 'ttl', ttlBounds),
    label: checkText(request.label, 'label', 'labelBytesMax', labelBytesMax),
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, GrantLeaseRequestSchema, request),
  });
  const { leaseId } = successOf(settled, 'lease_granted');
  const lease = leaseMessage(orRefuse(forest.lockViews.lease(leaseId)));
  return create(GrantLeaseResponseSchema, { lease, repeated: settled.repeated });
}

async function end(context: ServiceContext, request: EndLeaseRequest): Promise<EndLeaseResponse> {
  const settled = await forestOf(context, request.forest).propose({
    kind: 'end_lease',
    leaseId: checkNeeded(request.leaseId, 'lease_id', 'nameBytesMax', nameBytesMax),
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, EndLeaseRequestSchema, request),
  });
  const ended = successOf(settled, 'lease_ended');
  return create(EndLeaseResponseSchema, {
    revision: BigInt(ended.revision),
    deletedNodes: BigInt(ended.deletedNodes),
    releasedLocks: BigInt(ended.releasedLocks),
    revertedGhosts: BigInt(ended.revertedGhosts),
    repeated: settled.repeated,
  });
}

async function list(
  context: ServiceContext,
  request: ListLeasesRequest,
  { caller }: Call,
): Promise<ListLeasesResponse> {
  const forest = forestOf(context, request.forest);
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const fingerprint = fingerprintOf(ListLeasesRequestSchema, request);
  const token = decodeToken(request.pageToken, fingerprint, ['number']);
  const after = token === null ? 0 : Number(token[0]);
  let last = after;
  const isVisible = ({ author }: Lease): boolean =>
    caller.in(forest.name).isEverywhere('admin') || isOwn(caller, author);
  const page = await forest.lockViews.leases(
    { afterPosition: after, count: pageSize, isVisible },
    (lease) => {
      last = lease.position;
      return leaseMessage(lease);
    },
  );
  const { items, isLast } = orRefuse(page);
  const nextPageToken = isLast ? '' : encodeToken(fingerprint, [last]);
  return create(ListLeasesResponseSchema, { leases: [...items], nextPageToken });
}

async function acquire(
  context: ServiceContext,
  request: AcquireLockRequest,
  call: Call,
): Promise<AcquireLockResponse> {
  const forest = forestOf(context, request.forest);
  const waitMs = checkDuration(request.wait, 'wait', {
    byDefaultMs: Infinity,
    minMs: 0,
    maxMs: lockWaitMsMax,
  });
  const { wait: _wait, ...asked } = request;
  const settled = await forest.acquireLock(
    {
      kind: 'acquire_lock',
      lockId: forest.newId(),
      ...ownerOf(forest, request),
      targets: targetsFrom(request.targets),
      noWait: waitMs === 0,
      delayMs: checkDuration(request.delay, 'delay', { byDefaultMs: 0, minMs: 0, maxMs: lockDelayMsMax }),
      label: checkText(request.label, 'label', 'labelBytesMax', labelBytesMax),
      ...lockBound(call.caller),
      author: checkAuthor(request.author),
      request: requestKey(request.requestId, AcquireLockRequestSchema, asked),
    },
    patienceOf(call, waitMs),
  );
  const { lockId, leaseId } = successOf(settled, 'lock_granted');
  const lock = lockMessage(orRefuse(forest.lockViews.lock(lockId)));
  const lease = leaseMessage(orRefuse(forest.lockViews.lease(leaseId)));
  return create(AcquireLockResponseSchema, { lock, lease, repeated: settled.repeated });
}

/** Whose lock it is to be; `ttlMs` 0: of a lease that is there. */
function ownerOf(
  forest: Forest,
  { owner }: AcquireLockRequest,
): { readonly leaseId: string; readonly ttlMs: number } {
  if (owner.case === 'leaseId')
    return { leaseId: checkNeeded(owner.value, 'lease_id', 'nameBytesMax', nameBytesMax), ttlMs: 0 };
  return { leaseId: forest.newId(), ttlMs: checkDuration(owner.value, 'ttl', ttlBounds) };
}

async function release(context: ServiceContext, request: ReleaseLockRequest): Promise<ReleaseLockResponse> {
  const settled = await forestOf(context, request.forest).propose({
    kind: 'release_lock',
    lockId: checkNeeded(request.lockId, 'lock_id', 'nameBytesMax', nameBytesMax),
    leaseId: checkNeeded(request.leaseId, 'lease_id', 'nameBytesMax', nameBytesMax),
    endLease: request.endLease,
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, ReleaseLockRequestSchema, request),
  });
  successOf(settled, 'lock_released');
  return create(ReleaseLockResponseSchema, { repeated: settled.repeated });
}

async function inspect(
  context: ServiceContext,
  request: InspectLocksRequest,
  { caller }: Call,
): Promise<InspectLocksResponse> {
  const forest = forestOf(context, request.forest);
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const leaseId = checkText(request.leaseId, 'lease_id', 'nameBytesMax', nameBytesMax);
  const path = request.path === '' ? null : checkPath(request.path, 'path');
  const fingerprint = fingerprintOf(InspectLocksRequestSchema, request);
  const token = decodeToken(request.pageToken, fingerprint, ['number']);
  const afterPosition = token === null ? 0 : Number(token[0]);
  let last = afterPosition;
  const rights = caller.in(forest.name);
  const isAskable = path === null || isLockShown(rights, path);
  const isVisible = ({ targets }: Lock): boolean => isAskable && shownTargets(rights, targets).length > 0;
  const query = { path, leaseId, afterPosition, count: pageSize, isVisible };
  const page = await forest.lockViews.locks(query, lockBlockersToldMax, (view) => {
    last = view.lock.position;
    const { waitsFor, waitsForTotal } = view;
    const lock = lockMessage({ ...view.lock, targets: shownTargets(rights, view.lock.targets) });
    return create(InspectedLockSchema, {
      lock,
      waitsFor: [...waitsFor],
      waitsForTotal: BigInt(waitsForTotal),
    });
  });
  const { items, isLast } = orRefuse(page);
  const nextPageToken = isLast ? '' : encodeToken(fingerprint, [last]);
  return create(InspectLocksResponseSchema, { locks: [...items], nextPageToken });
}
