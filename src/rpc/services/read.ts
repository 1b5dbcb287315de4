/** `Get`, `BatchGet` and `List`. */
import { create } from '@bufbuild/protobuf';
import {
  answerBytesMax,
  batchGetPathsMax,
  listPageSizeDefault,
  listPageSizeMax,
  pageBytes,
} from '../../base/limits.ts';
import {
  type BatchGetRequest,
  type BatchGetResponse,
  BatchGetResponseSchema,
  ContextService,
  type GetRequest,
  type GetResponse,
  GetResponseSchema,
  type ListRequest,
  ListRequestSchema,
  type ListResponse,
  ListResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Node } from '../../gen/hyperloom/v1/node_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { walk } from '../../trie/iterate.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Passing } from '../access/passing.ts';
import { Sight } from '../access/visible.ts';
import { aged, agedDetail } from '../convert/age.ts';
import { checkCount, checkEnum, checkPageSize, checkPath, checkPathOrRoot, toNumber } from '../checks.ts';
import { nodeAt, nodeMessage, nodeOverheadBytes, toldBytes } from '../convert/node.ts';
import { encodeBatchGetResponse, encodeGetResponse, encodeListResponse } from '../convert/node-bytes.ts';
import type { TellValue } from '../convert/value-message.ts';
import { ValueReading } from '../convert/value-view.ts';
import { orRefuse, refuse, Refused } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf, invalid, tokenPath } from '../page-token.ts';
import { type Call, defineMethod, type Method } from '../transport.ts';
import { ReadMeter } from './read-meter.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';
import { viewOf } from './view.ts';
import type { View } from './view.ts';

export function readMethods(context: ServiceContext): readonly Method[] {
  const { get, batchGet, list } = ContextService.method;
  return [
    defineMethod({
      kind: 'unary',
      descriptor: get,
      handle: (request, call) => getNode(context, request, call),
      encode: encodeGetResponse,
    }),
    defineMethod({
      kind: 'unary',
      descriptor: batchGet,
      handle: (request, call) => getNodes(context, request, call),
      encode: encodeBatchGetResponse,
    }),
    defineMethod({
      kind: 'unary',
      descriptor: list,
      handle: (request, call) => listNodes(context, request, call),
      encode: encodeListResponse,
    }),
  ];
}

async function getNode(context: ServiceContext, request: GetRequest, call: Call): Promise<GetResponse> {
  const forest = forestOf(context, request.forest);
  const path = checkPath(request.path, 'path');
  const meter = new ReadMeter(forest, request.author);
  const { view, tell } = await readingOf(context, forest, request, call);
  const { root, revision } = view;
  const node = nodeAt(root, path, meter.noting(tell), new Sight(call, forest).countChildren);
  if (node !== undefined) tellLease(forest, view, path, node);
  if (node === undefined) {
    const seen = { path: request.path, revision, ...agedDetail(view.ageMs) };
    refuse('NODE_NOT_FOUND', `${request.path}: there is no such node`, seen);
  }
  meter.add();
  return create(GetResponseSchema, { node, revision: BigInt(revision), ...aged(view.ageMs) });
}

async function getNodes(
  context: ServiceContext,
  request: BatchGetRequest,
  call: Call,
): Promise<BatchGetResponse> {
  const forest = forestOf(context, request.forest);
  checkCount(request.paths.length, 'paths', 'batchGetPathsMax', batchGetPathsMax, 1);
  const paths = request.paths.map((path, index) => checkPath(path, `paths[${index}]`));
  const meter = new ReadMeter(forest, request.author);
  const { view, tell: tellValue } = await readingOf(context, forest, request, call);
  const tell = meter.noting(tellValue);
  const { countChildren } = new Sight(call, forest);
  const { root, revision } = view;
  const nodes: Node[] = [];
  let bytes = 0;
  for (const path of paths) {
    const node = nodeAt(root, path, tell, countChildren);
    if (node === undefined) continue;
    tellLease(forest, view, path, node);
    bytes += bytesOf(node);
    if (bytes > answerBytesMax && nodes.length > 0) {
      const message = `the nodes are larger than ${answerBytesMax} bytes together; ask for fewer`;
      refuse('ANSWER_TOO_LARGE', message, { limit: 'answerBytesMax', maximum: answerBytesMax });
    }
    nodes.push(node);
  }
  meter.add();
  return create(BatchGetResponseSchema, { nodes, revision: BigInt(revision), ...aged(view.ageMs) });
}

const details = ['values', 'values', 'keys'] as const;

async function listNodes(context: ServiceContext, request: ListRequest, call: Call): Promise<ListResponse> {
  const forest = forestOf(context, request.forest);
  const within = checkPathOrRoot(request.path, 'path');
  const withValues = checkEnum(request.detail, details, 'detail') === 'values';
  const pageSize = checkPageSize(request.pageSize, listPageSizeDefault, listPageSizeMax);
  const meter = new ReadMeter(forest, request.author);
  // Whoever goes on with a listing may be another agent.
  const fingerprint = fingerprintOf(ListRequestSchema, { ...request, author: '' });
  const start = await startOf(context, forest, request, fingerprint, call);
  const { view, after } = start;
  const tell = meter.noting(start.tell);
  const depth = request.depth === 0 ? undefined : request.depth;
  const sight = new Sight(call, forest);
  const nodes: Node[] = [];
  let bytes = 0;
  const passing = new Passing(call, context.clock);
  let last: Path | undefined;
  let isWhole = true;
  for (const visited of walk(view.root, { within, depth, after, enters: sight.enters })) {
    if (visited.path.length === within.length) continue;
    if (!sight.sees(visited.path)) {
      await passing.on();
      continue;
    }
    if (nodes.length >= pageSize || bytes >= pageBytes) {
      isWhole = false;
      break;
    }
    last = visited.path;
    const node = nodeMessage(visited.path, visited, withValues ? tell : null, sight.countChildren);
    tellLease(forest, view, visited.path, node);
    nodes.push(node);
    bytes += bytesOf(node);
  }
  meter.add();
  const response = create(ListResponseSchema, {
    nodes,
    revision: BigInt(view.revision),
    ...aged(view.ageMs),
  });
  if (isWhole || last === undefined) {
    if (start.pin !== '') context.pinnedRoots.release(start.pin);
    return response;
  }
  const pin = view.ghostId === '' || start.pin !== '' ? start.pin : context.pinnedRoots.pin(view.root);
  response.nextPageToken = encodeToken(fingerprint, [view.revision, pin, formatPath(last)]);
  return response;
}

/** A state to read, and how its values are told. */
interface Reading {
  readonly view: View;
  readonly tell: TellValue;
}

type Asked = Pick<GetRequest, 'view' | 'values'>;

/** The state that a request asks for. Who is pinned to a version that is over sees the last revision that it can read. */
async function readingOf(
  context: ServiceContext,
  forest: Forest,
  request: Asked,
  call: Call,
): Promise<Reading> {
  const values = valuesOf(context, forest, request);
  const view = await viewOf(forest, request.view, call, context.clock);
  const { revision, ghostId } = view;
  if (ghostId !== '') {
    const refused = values.supersededInGhost(revision, ghostId);
    if (refused !== null) throw new Refused(refused);
    return { view, tell: values.inGhost(revision, ghostId) };
  }
  const refused = values.superseded(revision);
  if (refused === null) return { view, tell: values.at(revision) };
  const last = orRefuse(values.lastReadable(revision));
  if (last < leastOf(request)) throw new Refused(refused);
  const { root } = orRefuse(await forest.viewAt(last));
  return { view: { root, revision: last, ghostId, isNewest: false, ageMs: null }, tell: values.at(last) };
}

/** The revision that a request wants to see in any case. */
function leastOf({ view }: Asked): number {
  const least = view?.consistency.case === 'atLeastRevision' ? toNumber(view.consistency.value) : 0;
  return Math.max(least, toNumber(view?.atRevision ?? 0n));
}

function valuesOf({ valueForms }: ServiceContext, forest: Forest, { values }: Asked): ValueReading {
  return new ValueReading(forest, valueForms, values, 'values.form');
}

/** The state and the place that a page begins with. */
async function startOf(
  context: ServiceContext,
  forest: Forest,
  request: ListRequest,
  fingerprint: number,
  call: Call,
): Promise<Reading & { readonly after: Path | undefined; readonly pin: string }> {
  const parts = decodeToken(request.pageToken, fingerprint, ['number', 'text', 'path']);
  if (parts === null) {
    return { ...(await readingOf(context, forest, request, call)), after: undefined, pin: '' };
  }
  const values = valuesOf(context, forest, request);
  const revision = Number(parts[0]);
  const pin = String(parts[1]);
  const after = tokenPath(parts[2]);
  const ghostId = request.view?.ghostId ?? '';
  if (ghostId !== '') {
    const root = context.pinnedRoots.get(pin) ?? invalid('the listing was left for too long');
    return {
      view: { root, revision, ghostId, isNewest: false, ageMs: null },
      tell: values.inGhost(revision, ghostId),
      after,
      pin,
    };
  }
  // Revision 0 has no nodes, and so no second page.
  if (revision === 0) return invalid('it is none of ours');
  const { root } = orRefuse(await forest.viewAt(revision));
  const isNewest = revision === forest.view().revision;
  return { view: { root, revision, ghostId, isNewest, ageMs: null }, tell: values.at(revision), after, pin };
}

/** What a node is bound to is known of the newest trunk only. */
function tellLease(forest: Forest, { isNewest, revision }: View, path: Path, node: Node): void {
  if (isNewest) node.leaseId = forest.lockViews.leaseOf(path, revision);
}

function bytesOf(node: Node): number {
  return nodeOverheadBytes + node.path.length + toldBytes(node);
}
