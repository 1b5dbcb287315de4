/** `BeginGhost`, `Checkpoint`, `Commit`, `Revert`, `GetGhost`, `ListGhosts` and `KeepAlive`. */
import { create } from '@bufbuild/protobuf';
import type { Caller } from '../../access/caller.ts';
import { type Duration, DurationSchema } from '@bufbuild/protobuf/wkt';
import {
  basisEntriesMax,
  ghostTtlMsDefault,
  ghostTtlMsMax,
  ghostTtlMsMin,
  keepAliveGhostsMax,
  nameBytesMax,
  pageSizeDefault,
  pageSizeMax,
  reasonBytesMax,
} from '../../base/limits.ts';
import {
  type BeginGhostRequest,
  BeginGhostRequestSchema,
  type BeginGhostResponse,
  BeginGhostResponseSchema,
  type CheckpointRequest,
  CheckpointRequestSchema,
  type CheckpointResponse,
  CheckpointResponseSchema,
  type CommitRequest,
  CommitRequestSchema,
  type CommitResponse,
  CommitResponseSchema,
  ContextService,
  GetGhostResponseSchema,
  type KeepAliveRequest,
  type KeepAliveResponse,
  KeepAliveResponseSchema,
  type ListGhostsRequest,
  ListGhostsRequestSchema,
  type ListGhostsResponse,
  ListGhostsResponseSchema,
  type RevertRequest,
  RevertRequestSchema,
  type RevertResponse,
  RevertResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { CascadeSettled } from '../../sequencer/cascade/cascades.ts';
import type { Forest, Settled } from '../../sequencer/forest.ts';
import { eitherOf } from '../../sequencer/settled.ts';
import type { CommitGhost } from '../../state/command.ts';
import {
  checkAuthor,
  checkCount,
  checkDuration,
  checkEnum,
  checkLabel,
  checkNeeded,
  checkPageSize,
  checkPathOrRoot,
  checkText,
  knownEdition,
  toNumber,
} from '../checks.ts';
import { cascadeMessage } from '../convert/cascade.ts';
import { basisFrom } from '../convert/condition.ts';
import { ghostBound } from '../access/quota-checks.ts';
import { commitObjection, isGhostVisible } from '../access/ghost-rights.ts';
import { denyFound } from '../access/need.ts';
import { readableBasis } from '../access/publish-rights.ts';
import { visibleGhost } from '../access/visible-ghost.ts';
import { gatesFrom, raceFrom } from '../convert/gate-request.ts';
import { attemptMessage, checkpointMessage, infoOf } from '../convert/ghost.ts';
import { migrationFrom } from '../convert/schema.ts';
import { fencedBy } from '../convert/lock-request.ts';
import { durableGhosts, examinedGhost, ghostOf } from '../convert/shown-ghost.ts';
import { rootPath, type Path } from '../../trie/path.ts';
import { orRefuse, violation } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf } from '../page-token.ts';
import { tracedBy } from '../trace-parent.ts';
import { type Call, defineMethod, type Method, RpcError } from '../transport.ts';
import { editionObjection } from './exact-edition.ts';
import { lockWaitMs, patienceOf, withoutWait } from './patience.ts';
import { forestOf, requestKey, successOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function ghostMethods(context: ServiceContext): readonly Method[] {
  const { beginGhost, checkpoint, commit, revert, getGhost, listGhosts, keepAlive } = ContextService.method;
  return [
    defineMethod({
      kind: 'unary',
      descriptor: beginGhost,
      handle: (request, call) => begin(context, request, call),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: checkpoint,
      handle: (request, call) => makeCheckpoint(context, request, call),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: commit,
      handle: (request, call) => commitGhost(context, request, call),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: revert,
      handle: (request, call) => revertTarget(context, request, call),
    }),
    defineMethod({
      kind: 'unary',
      descriptor: getGhost,
      async handle(request, call) {
        const forest = forestOf(context, request.forest);
        const found = orRefuse(forest.ghost(ghostIdOf(request)));
        if (!isGhostVisible(call.caller, forest, found))
          denyFound(call.caller, 'read', request.forest, found.scope);
        const ghost = visibleGhost(await examinedGhost(forest, found), forest.name, call.caller);
        return create(GetGhostResponseSchema, { ghost });
      },
    }),
    defineMethod({
      kind: 'unary',
      descriptor: listGhosts,
      handle: (request, call) => list(context, request, call),
    }),
    defineMethod({ kind: 'unary', descriptor: keepAlive, handle: (request) => keepAlives(context, request) }),
  ];
}

async function begin(
  context: ServiceContext,
  request: BeginGhostRequest,
  call: Call,
): Promise<BeginGhostResponse> {
  const forest = forestOf(context, request.forest);
  const baseRevision = toNumber(request.baseRevision);
  const parentId = request.parentGhostId;
  if (baseRevision !== 0 && parentId !== '') {
    violation(
      'base_revision',
      'not together with parent_ghost_id: a ghost in a ghost stands on its present state',
    );
  }
  if (request.migration !== undefined && parentId !== '')
    violation(
      'migration',
      'not together with parent_ghost_id: a version comes into force on the trunk alone',
    );
  const settled = await forest.propose({
    kind: 'begin_ghost',
    ghostId: forest.newGhostId(),
    scope: scopeOf(forest, request),
    baseRevision: parentId === '' && baseRevision === 0 ? forest.view().revision : baseRevision,
    parentId,
    ttlMs: checkDuration(request.ttl, 'ttl', {
      byDefaultMs: ghostTtlMsDefault,
      minMs: ghostTtlMsMin,
      maxMs: ghostTtlMsMax,
    }),
    label: checkLabel(request.label),
    ...gatesFrom(request.gates),
    ...raceFrom(request.race),
    ...leaseFrom(request),
    ...migrationFrom(request.migration, context.schemaCompiler),
    ...(request.parentEdition === 0n ? {} : { parentEdition: toNumber(request.parentEdition) }),
    ...tracedBy(call),
    ...ghostBound(call.caller),
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, BeginGhostRequestSchema, { ...request, parentEdition: 0n }),
  });
  const { ghostId } = successOf(settled, 'ghost_begun');
  return create(BeginGhostResponseSchema, { ghost: ghostOf(forest, orRefuse(forest.ghost(ghostId))) });
}

function leaseFrom({ leaseId }: BeginGhostRequest): { leaseId?: string } {
  checkText(leaseId, 'lease_id', 'nameBytesMax', nameBytesMax);
  return leaseId === '' ? {} : { leaseId };
}

/** Without a scope of its own, a ghost has that of the ghost it is in. */
function scopeOf(forest: Forest, { scope, parentGhostId }: BeginGhostRequest): Path {
  if (scope !== '' || parentGhostId === '') return checkPathOrRoot(scope, 'scope');
  const parent = forest.ghost(parentGhostId);
  return 'reason' in parent ? rootPath : parent.scope;
}

async function makeCheckpoint(
  context: ServiceContext,
  request: CheckpointRequest,
  call: Call,
): Promise<CheckpointResponse> {
  const settled = await forestOf(context, request.forest).propose({
    kind: 'checkpoint_ghost',
    ghostId: ghostIdOf(request),
    name: checkNeeded(request.name, 'name', 'nameBytesMax', nameBytesMax),
    author: checkAuthor(request.author),
    ...knownEdition(request.edition),
    ...tracedBy(call),
    request: requestKey(request.requestId, CheckpointRequestSchema, { ...request, edition: 0n }),
  });
  const { checkpoint, edition = 0 } = successOf(settled, 'checkpointed');
  return create(CheckpointResponseSchema, {
    checkpoint: checkpointMessage(checkpoint),
    edition: BigInt(edition),
  });
}

const isolations = ['writes', 'writes', 'serializable'] as const;

/** Waits for reviewers for as long as the call does. */
async function commitGhost(
  context: ServiceContext,
  request: CommitRequest,
  call: Call,
): Promise<CommitResponse> {
  const forest = forestOf(context, request.forest);
  const command: CommitGhost = {
    kind: 'commit_ghost',
    ghostId: ghostIdOf(request),
    isolation: checkEnum(request.isolation, isolations, 'isolation'),
    label: checkLabel(request.label),
    author: checkAuthor(request.author),
    request: requestKey(request.requestId, CommitRequestSchema, { ...withoutWait(request), basis: [] }),
    ...fencedBy(request.fencingTokens),
    ...knownEdition(request.edition),
    ...looksFrom(request, call.caller),
    ...tracedBy(call),
  };
  const waitMs = lockWaitMs(request.lockWait);
  const examination = forest.examineMigration(command.ghostId);
  if (examination !== null) await examination;
  const objection = eitherOf(
    commitObjection(context.forests, call.caller, request.forest, command.ghostId),
    editionObjection(forest, request),
  );
  const patience = waitMs === 0 ? null : patienceOf(call, waitMs);
  const settled = await new Promise<Settled>((resolve, reject) => {
    const wait = forest.commit(command, patience, resolve, objection);
    call.onCancel(() => {
      wait.giveUp();
      reject(new RpcError('CANCELLED', 'nobody waits any more; the commit stays asked for'));
    });
  });
  const { revision, operations, parentEdition = 0, schemaVersion = 0 } = successOf(settled, 'committed');
  return create(CommitResponseSchema, {
    revision: BigInt(revision),
    operations: BigInt(operations),
    parentEdition: BigInt(parentEdition),
    schemaVersion: BigInt(schemaVersion),
    repeated: settled.repeated,
  });
}

/** What the committer has looked at. */
function looksFrom({ basis, forest }: CommitRequest, caller: Caller): Pick<CommitGhost, 'basis'> {
  checkCount(basis.length, 'basis', 'basisEntriesMax', basisEntriesMax);
  const looks = basis.map((each, index) => basisFrom(each, `basis[${index}]`));
  const readable = readableBasis(caller, forest, looks);
  return readable.length === 0 ? {} : { basis: readable };
}

async function revertTarget(
  context: ServiceContext,
  request: RevertRequest,
  call: Call,
): Promise<RevertResponse> {
  const startMs = context.clock.monotonicMs();
  const forest = forestOf(context, request.forest);
  checkText(request.reason, 'reason', 'reasonBytesMax', reasonBytesMax);
  checkAuthor(request.author);
  const cascade = checkEnum(request.cascade, cascades, 'cascade');
  if (cascade !== 'none' && request.target.case !== 'revision')
    violation('cascade', 'only together with revision: what happens in a ghost takes its consequences along');
  const settled = await proposeRevert(forest, request, cascade, call);
  const response = create(RevertResponseSchema, { repeated: settled.repeated });
  if (settled.report !== null) response.cascade = cascadeMessage(settled.report);
  if (request.target.case === 'revision') {
    response.revision = BigInt(successOf(settled, 'revision_reverted').revision);
  } else {
    const { checkpoint, attempts, droppedOperations, edition = 0 } = successOf(settled, 'ghost_reverted');
    const told = create(RevertResponseSchema, {
      attempts: attempts.map(attemptMessage),
      ...(checkpoint === null ? {} : { checkpoint: checkpointMessage(checkpoint) }),
    });
    response.attempts = told.attempts;
    if (told.checkpoint !== undefined) response.checkpoint = told.checkpoint;
    response.droppedOperations = BigInt(droppedOperations);
    response.edition = BigInt(edition);
  }
  const tookMs = context.clock.monotonicMs() - startMs;
  response.brokerTime = durationOf(tookMs);
  return response;
}

const cascades = ['none', 'none', 'report', 'all'] as const;

async function proposeRevert(
  forest: Forest,
  request: RevertRequest,
  cascade: (typeof cascades)[number],
  call: Call,
): Promise<CascadeSettled> {
  const { target, reason } = request;
  const author = checkAuthor(request.author);
  const key = requestKey(request.requestId, RevertRequestSchema, { ...request, lockWait: undefined });
  const waitMs = lockWaitMs(request.lockWait);
  const fenced = fencedBy(request.fencingTokens);
  const asked = { reason, author, request: key, ...tracedBy(call) };
  switch (target.case) {
    case 'ghostId':
      if (target.value === '') violation('ghost_id', 'required');
      return plain(forest.propose({ kind: 'revert_ghost', ghostId: target.value, ...asked }));
    case 'rewind': {
      const { ghostId, checkpoint } = target.value;
      if (ghostId === '') violation('rewind.ghost_id', 'required');
      checkText(checkpoint, 'rewind.checkpoint', 'nameBytesMax', nameBytesMax);
      return plain(forest.propose({ kind: 'rewind_ghost', ghostId, checkpoint, ...asked }));
    }
    case 'revision': {
      if (target.value === 0n)
        violation('revision', 'revision 0 is the empty forest: there is nothing to take back');
      const revert = { revision: toNumber(target.value), ...asked, ...fenced };
      const patience = waitMs === 0 ? null : patienceOf(call, waitMs);
      if (cascade === 'report') return forest.reverts.report(revert.revision);
      if (cascade === 'all') return forest.reverts.cascade(revert, patience);
      return plain(forest.reverts.revision(revert, patience));
    }
    case undefined:
      return violation('target', 'exactly one of ghost_id, rewind and revision is required');
  }
}

async function plain(settled: Promise<Settled>): Promise<CascadeSettled> {
  return { ...(await settled), report: null };
}

/** To the nanosecond: what a revert takes is far less than a millisecond. */
function durationOf(ms: number): Duration {
  const nanos = Math.max(0, Math.round(ms * 1_000_000));
  const seconds = BigInt(Math.floor(nanos / 1_000_000_000));
  return create(DurationSchema, { seconds, nanos: nanos % 1_000_000_000 });
}

const states = ['live', 'live', 'committed', 'reverted', 'expired'] as const;

async function list(
  context: ServiceContext,
  request: ListGhostsRequest,
  { caller }: Call,
): Promise<ListGhostsResponse> {
  const forest = forestOf(context, request.forest);
  const state = checkEnum(request.state, states, 'state');
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const fingerprint = fingerprintOf(ListGhostsRequestSchema, request);
  const token = decodeToken(request.pageToken, fingerprint, ['number']);
  const before = token === null ? Infinity : Number(token[0]);
  const infos = forest
    .ghosts()
    .filter((ghost) => ghost.beginPosition < before && ('root' in ghost ? 'live' : ghost.state) === state)
    .filter((ghost) => isGhostVisible(caller, forest, ghost));
  const page = infos.slice(0, pageSize).map(infoOf);
  const last = infos.length > pageSize ? page.at(-1) : undefined;
  const nextPageToken = last === undefined ? '' : encodeToken(fingerprint, [last.beginPosition]);
  const shown = await durableGhosts(forest, page);
  return create(ListGhostsResponseSchema, {
    ghosts: shown.map((ghost) => visibleGhost(ghost, forest.name, caller)),
    nextPageToken,
  });
}

function keepAlives(context: ServiceContext, request: KeepAliveRequest): KeepAliveResponse {
  const forest = forestOf(context, request.forest);
  const { ghostIds, leaseIds } = request;
  const count = ghostIds.length + leaseIds.length;
  checkCount(
    count,
    ghostIds.length >= leaseIds.length ? 'ghost_ids' : 'lease_ids',
    'keepAliveGhostsMax',
    keepAliveGhostsMax,
    1,
  );
  const liveGhostIds = ghostIds.filter((ghostId) => forest.keepAlive(ghostId));
  const liveLeaseIds = leaseIds.filter((leaseId) => forest.keepLeaseAlive(leaseId));
  return create(KeepAliveResponseSchema, { liveGhostIds, liveLeaseIds });
}

function ghostIdOf({ ghostId }: { readonly ghostId: string }): string {
  return ghostId === '' ? violation('ghost_id', 'required') : ghostId;
}
