/** What callers may do with ghosts of others, and with leases. */
import { anybody, type Caller } from '../../access/caller.ts';
import type { Permission } from '../../access/permission.ts';
import type { ReviewRequest } from '../../gen/hyperloom/v1/review_service_pb.ts';
import type { Forest, Forests } from '../../sequencer/forest.ts';
import type { Objection } from '../../sequencer/settled.ts';
import type { Operation } from '../../state/command.ts';
import type { Ghost, GhostInfo } from '../../state/ghosts/ghost.ts';
import { checkReviewed } from '../../state/ghosts/reviews.ts';
import { reachesBelow } from '../../subscriptions/filter.ts';
import { toNumber } from '../checks.ts';
import { orRefuse, Refused } from '../errors.ts';
import { deny, denyFound, forestNameOf, needSome, rightsIn } from './need.ts';

/** The forests that a broker knows of. */
export type KnownForests = Pick<Forests, 'get'>;

/** The forest, for those who may do something in it. `undefined` where there is none: the service says so. */
export function knownForest(forests: KnownForests, name: string): Forest | undefined {
  const forest = forests.get(name);
  return 'reason' in forest ? undefined : forest;
}

/** Whoever keeps a ghost may go on with it; others need `ghost` in all of its scope. */
export function needGhost(forests: KnownForests, caller: Caller, forestName: string, ghostId: string): void {
  needSome(caller, 'ghost', forestName);
  const ghost = ghostIn(forests, forestName, ghostId);
  if (ghost === undefined || isOwn(caller, ghost.author)) return;
  if (!rightsIn(caller, forestName).mayAll('ghost', ghost.scope))
    denyFound(caller, 'ghost', forestName, ghost.scope);
}

/** Who joins a race can win it, which reverts all others in it: that needs what reverting them needs. Of whom they are nothing is told. */
export function needRace(forests: KnownForests, caller: Caller, forestName: string, raceId: string): void {
  const members = knownForest(forests, forestName)?.race(raceId)?.members ?? [];
  const rights = rightsIn(caller, forestName);
  for (const ghostId of members) {
    const ghost = ghostIn(forests, forestName, ghostId);
    if (ghost === undefined || !('root' in ghost) || isOwn(caller, ghost.author)) continue;
    if (!rights.mayAll('ghost', ghost.scope)) deny(caller, 'ghost', forestName);
  }
}

/** A permission at everything that is staged in a ghost. */
export function needStaged(
  forests: KnownForests,
  caller: Caller,
  permission: Permission,
  forestName: string,
  ghostId: string,
): void {
  needSome(caller, permission, forestName);
  const ghost = ghostIn(forests, forestName, ghostId);
  const rights = rightsIn(caller, forestName);
  if (ghost === undefined || !('root' in ghost) || rights.mayAll(permission, ghost.scope)) return;
  for (let staged = ghost.staged; staged !== null; staged = staged.previous)
    for (const operation of staged.diff.operations)
      needOperation(caller, permission, forestName, operation, denyFound);
}

/**
 * What {@link needStaged} has looked at must be what is decided about: who names another edition, one that is to come maybe, is refused. What was
 * answered before is answered again.
 */
export function needLooked(
  forests: KnownForests,
  caller: Caller,
  { forest: forestName, ghostId, edition, requestId }: ReviewRequest,
): void {
  const forest = knownForest(forests, forestName);
  const ghost = ghostIn(forests, forestName, ghostId);
  if (forest === undefined || ghost === undefined || !('root' in ghost) || edition === 0n) return;
  if (rightsIn(caller, forestName).mayAll('approve', ghost.scope)) return;
  const outdated = checkReviewed(ghost, toNumber(edition));
  if (outdated !== null && (requestId === '' || !forest.isRequestKnown(requestId))) orRefuse(outdated);
}

/** A permission at what an operation changes. `refuse` is {@link denyFound} where the request is not what names it. */
export function needOperation(
  caller: Caller,
  permission: Permission,
  forestName: string,
  operation: Operation,
  refuse: typeof denyFound = deny,
): void {
  const rights = rightsIn(caller, forestName);
  const { path } = operation;
  const isAllowed = reachesBelow(operation) ? rights.mayAll(permission, path) : rights.may(permission, path);
  if (!isAllowed) refuse(caller, permission, forestName, path);
  if (operation.kind === 'copy' && !rights.mayAll('read', operation.source))
    refuse(caller, 'read', forestName, operation.source);
}

/** A commit changes the trunk, or the ghost around it. Where nothing is known of the forest, it may be either. */
export function needCommit(forests: KnownForests, caller: Caller, forestName: string, ghostId: string): void {
  const isUnknown = knownForest(forests, forestName) === undefined;
  if (isUnknown && rightsIn(caller, forestName).maySome('ghost', [])) return;
  const ghost = ghostIn(forests, forestName, ghostId);
  needStaged(forests, caller, permissionToCommit(ghost), forestName, ghostId);
}

/**
 * What {@link needCommit} says when it is the commit's turn: until then more may be staged. `null` where that makes no difference, since the
 * caller may do it in all of the ghost's scope.
 */
export function commitObjection(
  forests: KnownForests,
  caller: Caller,
  forestName: string,
  ghostId: string,
): Objection | null {
  const ghost = caller === anybody ? undefined : ghostIn(forests, forestName, ghostId);
  if (ghost === undefined || rightsIn(caller, forestName).mayAll(permissionToCommit(ghost), ghost.scope))
    return null;
  return () => {
    try {
      needCommit(forests, caller, forestName, ghostId);
      return null;
    } catch (error) {
      if (error instanceof Refused) return error.rejection;
      throw error;
    }
  };
}

function permissionToCommit(ghost: Ghost | GhostInfo | undefined): Permission {
  return ghost === undefined || ghost.parentId === '' ? 'write' : 'ghost';
}

/** Ghosts may be seen by those who may do something within their scope. */
export function isGhostVisible(caller: Caller, forest: Forest, ghost: Ghost | GhostInfo): boolean {
  const rights = caller.in(forest.name);
  return (['read', 'ghost', 'approve'] as const).some((permission) =>
    rights.maySome(permission, ghost.scope),
  );
}

/** A lease and what hangs on it is its owner's; others need `admin`. */
export function needLease(forests: KnownForests, caller: Caller, forestName: string, leaseId: string): void {
  const lease = knownForest(forests, forestName)?.lockViews.lease(leaseId);
  if (lease === undefined || 'reason' in lease || isOwn(caller, lease.author)) return;
  if (!rightsIn(caller, forestName).isEverywhere('admin')) deny(caller, 'admin', forestNameOf(forestName));
}

/** Done by the caller, or in a name that it may speak in. */
export function isOwn(caller: Caller, author: string): boolean {
  return author !== '' && caller.maySpeakAs(author);
}

function ghostIn(forests: KnownForests, forestName: string, ghostId: string): Ghost | GhostInfo | undefined {
  const ghost = knownForest(forests, forestName)?.ghost(ghostId);
  return ghost === undefined || 'reason' in ghost ? undefined : ghost;
}
