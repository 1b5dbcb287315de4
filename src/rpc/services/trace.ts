/** `Trace`. */
import { create } from '@bufbuild/protobuf';
import {
  pageBytes,
  pageSizeDefault,
  pageSizeMax,
  traceHopsMax,
  traceStepsPerPage,
} from '../../base/limits.ts';
import { systemRandom } from '../../base/random.ts';
import { ContextService } from '../../gen/hyperloom/v1/context_service_pb.ts';
import {
  type TraceEntry,
  type TraceRequest,
  TraceRequestSchema,
  type TraceResponse,
  TraceResponseSchema,
} from '../../gen/hyperloom/v1/trace_pb.ts';
import type { Derived } from '../../provenance/downstream.ts';
import { TraceRefused } from '../../provenance/pause.ts';
import type { AsOf, Begun, TraceStart, Walk } from '../../provenance/provenance.ts';
import type { Seen } from '../../provenance/upstream.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Rejection } from '../../state/outcome.ts';
import { standingOf } from '../../state/values/standing.ts';
import { Sight } from '../access/visible.ts';
import { visibleEntry, visibleStart } from '../access/visible-trace.ts';
import { checkEnum, checkPageSize, checkPathOrRoot, tooMuch, toNumber } from '../checks.ts';
import { derivedEntry, seenEntry, startMessage, toldSize } from '../convert/trace.ts';
import { orRefuse, refuse, Refused, violation } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf } from '../page-token.ts';
import { defineMethod, type Call, type Method } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';
import { TraceWalks } from './trace-walks.ts';
import type { Asked, OpenWalk } from './trace-walks.ts';

export function traceMethods(context: ServiceContext): readonly Method[] {
  const descriptor = ContextService.method.trace;
  const walks = new TraceWalks(systemRandom);
  return [
    defineMethod({
      kind: 'unary',
      descriptor,
      handle: (request, call) => trace(context, walks, request, call),
    }),
  ];
}

const directions = ['upstream', 'upstream', 'downstream'] as const;

/** Where a page begins. */
interface PageStart {
  readonly asOf: AsOf;
  /** Entries on the pages before. */
  readonly told: number;
  /** The walk that they came from, as long as it is remembered. */
  readonly walk: number;
  readonly start: TraceStart;
}

async function trace(
  context: ServiceContext,
  walks: TraceWalks,
  request: TraceRequest,
  call: Call,
): Promise<TraceResponse> {
  const forest = forestOf(context, request.forest);
  const path = checkPathOrRoot(request.path, 'path');
  const direction = checkEnum(request.direction, directions, 'direction');
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  if (request.hops > traceHopsMax) tooMuch('hops', 'traceHopsMax', traceHopsMax, request.hops, 'hops');
  const hops = request.hops === 0 ? (direction === 'upstream' ? 1 : Infinity) : request.hops;
  const fingerprint = fingerprintOf(TraceRequestSchema, request);
  const page = pageStart(forest, request, fingerprint);
  try {
    const asked = { forest, principal: call.caller.name, fingerprint };
    const known = walks.take(page.walk, asked, page.told);
    const walk = { start: page.start, hops, path, asOf: page.asOf };
    const open = known ?? (await begin(asked, direction, walk, page.told, request.keysOnly));
    const sight = new Sight(call, forest);
    const start = visibleStart(startMessage(open.start), sight, call);
    const { entries, isDone } = await readPage(open, pageSize, { call, sight });
    const number = isDone ? 0 : walks.keep(open);
    const { position, revision } = page.asOf;
    const startRevision = page.start.kind === 'revision' ? page.start.revision : 0;
    const nextPageToken = isDone
      ? ''
      : encodeToken(fingerprint, [position, revision, open.told, number, startRevision]);
    return create(TraceResponseSchema, {
      entries,
      nextPageToken,
      start,
      revision: BigInt(revision),
    });
  } catch (error) {
    throw error instanceof TraceRefused ? new Refused(error.rejection) : error;
  }
}

function pageStart(forest: Forest, request: TraceRequest, fingerprint: number): PageStart {
  const now = forest.provenance.now();
  const kinds = ['number', 'number', 'number', 'number', 'number'] as const;
  const parts = decodeToken(request.pageToken, fingerprint, kinds)?.map(Number);
  if (parts === undefined) return { asOf: now, told: 0, walk: 0, start: startOf(forest, request, 0) };
  const [position = 0, revision = 0, told = 0, walk = 0, startRevision = 0] = parts;
  const asOf = { position: Math.min(position, now.position), revision: Math.min(revision, now.revision) };
  return { asOf, told, walk, start: startOf(forest, request, startRevision) };
}

/** Where the walk begins. `known` is what the first page began with. */
function startOf(forest: Forest, { start, path }: TraceRequest, known: number): TraceStart {
  switch (start.case) {
    case 'revision':
      if (start.value === 0n) violation('revision', 'no publish made revision 0; the first one is 1');
      return { kind: 'revision', revision: toNumber(start.value) };
    case 'ghostDiff': {
      const { ghostId, sequence } = start.value;
      if (ghostId === '') violation('ghost_diff.ghost_id', 'required');
      return { kind: 'diff', ghostId, sequence: toNumber(sequence) };
    }
    default: {
      if (known > 0) return { kind: 'revision', revision: known };
      if (path === '') violation('path', 'a path is needed, or a revision or a diff of a ghost');
      const { root, revision } = forest.view();
      const { entry, modified } = standingOf(root, checkPathOrRoot(path, 'path'));
      if (entry === null) refuse('NODE_NOT_FOUND', `${path}: there is no value`, { path, revision });
      return { kind: 'revision', revision: modified };
    }
  }
}

/** Begins a walk and goes on to behind what was told before. */
async function begin(
  asked: Asked,
  direction: 'upstream' | 'downstream',
  walk: Walk,
  told: number,
  keysOnly: boolean,
): Promise<OpenWalk> {
  const { provenance } = asked.forest;
  const { start, entries } =
    direction === 'upstream'
      ? tellSeen(orRefused(await provenance.upstream(walk)), keysOnly)
      : tellDerived(orRefused(await provenance.downstream(walk)));
  const open: OpenWalk = { ...asked, start, entries, told: 0 };
  while (open.told < told) {
    const next = await entries.next();
    if (next.done === true) break;
    if (next.value !== null) open.told += 1;
  }
  return open;
}

function orRefused<Item>(begun: Begun<Item> | Rejection): Begun<Item> {
  return orRefuse(begun);
}

function tellSeen({ start, items }: Begun<Seen>, keysOnly: boolean): Pick<OpenWalk, 'start' | 'entries'> {
  async function* entries(): AsyncGenerator<TraceEntry | null> {
    for await (const item of items) yield 'kind' in item ? null : seenEntry(item, keysOnly);
  }
  return { start, entries: entries() };
}

function tellDerived({ start, sight, items }: Begun<Derived>): Pick<OpenWalk, 'start' | 'entries'> {
  async function* entries(): AsyncGenerator<TraceEntry | null> {
    for await (const item of items) {
      if ('kind' in item) {
        yield null;
        continue;
      }
      const entry = await derivedEntry(item, sight);
      if (entry !== null) yield entry;
    }
  }
  return { start, entries: entries() };
}

async function readPage(
  open: OpenWalk,
  pageSize: number,
  { call, sight }: { readonly call: Call; readonly sight: Sight },
): Promise<{ readonly entries: TraceEntry[]; readonly isDone: boolean }> {
  const entries: TraceEntry[] = [];
  let bytes = 0;
  for (let steps = 0; entries.length < pageSize && bytes < pageBytes;) {
    const next = await open.entries.next();
    if (next.done === true) return { entries, isDone: true };
    if (next.value === null) {
      steps += 1;
      if (steps >= traceStepsPerPage || call.cancelled) break;
      continue;
    }
    open.told += 1;
    const entry = visibleEntry(next.value, sight);
    steps += 1;
    if (entry === null) {
      if (steps >= traceStepsPerPage) break;
      continue;
    }
    entries.push(entry);
    bytes += toldSize(entry);
  }
  return { entries, isDone: false };
}
