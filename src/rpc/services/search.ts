/** `Search`. */
import { create } from '@bufbuild/protobuf';
import {
  pageBytes,
  pageSizeDefault,
  pageSizeMax,
  searchBytesPerPage,
  searchNodesPerPage,
  searchQueryBytesMax,
} from '../../base/limits.ts';
import { ContextService } from '../../gen/hyperloom/v1/context_service_pb.ts';
import {
  type SearchHit,
  type SearchRequest,
  SearchRequestSchema,
  type SearchResponse,
  SearchResponseSchema,
} from '../../gen/hyperloom/v1/search_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { resultInSlices } from '../../base/slices.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import type { Entry } from '../../state/values/value.ts';
import { walk } from '../../trie/iterate.ts';
import type { Visited } from '../../trie/iterate.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Sight } from '../access/visible.ts';
import { checkEnum, checkNeeded, checkPageSize, checkPathOrRoot, toNumber } from '../checks.ts';
import { nodeOverheadBytes } from '../convert/node.ts';
import { orRefuse, violation } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf, invalid, tokenPath } from '../page-token.ts';
import { Needle } from '../search/needle.ts';
import { NodeSearch } from '../search/node-search.ts';
import type { SearchedSchemas, Target } from '../search/node-search.ts';
import { type Call, defineMethod, type Method, RpcError } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function searchMethods(context: ServiceContext): readonly Method[] {
  const descriptor = ContextService.method.search;
  return [
    defineMethod({ kind: 'unary', descriptor, handle: (request, call) => search(context, request, call) }),
  ];
}

const targets: readonly Target[] = ['everything', 'everything', 'paths', 'values'];

async function search(context: ServiceContext, request: SearchRequest, call: Call): Promise<SearchResponse> {
  const forest = forestOf(context, request.forest);
  const { ghostId } = request;
  const within = checkPathOrRoot(request.path, 'path');
  const query = checkNeeded(request.query, 'query', 'searchQueryBytesMax', searchQueryBytesMax);
  const target = checkEnum(request.target, targets, 'target');
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const fingerprint = fingerprintOf(SearchRequestSchema, request);
  const { root, revision, after, pin } = await startOf(context, forest, request, fingerprint);
  const schemas = schemasOf(forest, revision, ghostId);
  const sight = new Sight(call, forest);
  const nodes = new NodeSearch(new Needle(query), target, context.valueForms, schemas, sight.countChildren);
  const visits = walk(root, { within, after, enters: sight.enters });
  const looking = look(visits, nodes, pageSize, { call, sight });
  const { hits, examined, last } = await resultInSlices(looking, context.clock);
  const response = create(SearchResponseSchema, {
    hits: [...hits],
    revision: BigInt(revision),
    examined: BigInt(examined),
  });
  if (last === undefined) {
    if (pin !== '') context.pinnedRoots.release(pin);
    return response;
  }
  const kept = ghostId === '' || pin !== '' ? pin : context.pinnedRoots.pin(root);
  response.nextPageToken = encodeToken(fingerprint, [revision, kept, formatPath(last)]);
  return response;
}

/** What a page came to. */
interface Looked {
  readonly hits: readonly SearchHit[];
  /** Without those that may not be seen: they are passed over, and end no page. */
  readonly examined: number;
  /** The last node that was looked at; `undefined` where nothing is left. */
  readonly last: Path | undefined;
}

/** Nodes between two steps: some 50 µs. */
const nodesPerStep = 64;

/** Looks through nodes until a page is full, or enough was looked at. Yields where the event loop may have a turn. */
function* look(
  visits: Iterable<Visited<Entry>>,
  nodes: NodeSearch,
  pageSize: number,
  { call, sight }: { readonly call: Call; readonly sight: Sight },
): Generator<void, Looked> {
  const hits: SearchHit[] = [];
  let bytes = 0;
  let examined = 0;
  let steps = 0;
  let last: Path | undefined;
  for (const visited of visits) {
    // The root has neither a name nor a value.
    if (visited.path.length === 0) continue;
    steps += 1;
    if (steps % nodesPerStep === 0) {
      yield;
      if (call.cancelled) throw new RpcError('CANCELLED', 'nobody waits any more');
    }
    if (!sight.sees(visited.path)) continue;
    const isFull = hits.length >= pageSize || bytes >= pageBytes;
    if (isFull || examined >= searchNodesPerPage || nodes.examinedBytes >= searchBytesPerPage)
      return { hits, examined, last };
    const hit = yield* nodes.look(visited);
    if (hit !== null) {
      hits.push(hit);
      bytes += nodeOverheadBytes + hit.excerpt.length + (hit.node?.path.length ?? 0);
    }
    examined += 1;
    last = visited.path;
  }
  return { hits, examined, last: undefined };
}

/** The state and the place that a page begins with. */
interface Start {
  readonly root: Root;
  /** The trunk revision, or the one that the ghost stands on. */
  readonly revision: number;
  /** Names the root for the next page, where it is that of a ghost. */
  readonly pin: string;
  readonly after: Path | undefined;
}

async function startOf(
  context: ServiceContext,
  forest: Forest,
  { ghostId, atRevision, pageToken }: SearchRequest,
  fingerprint: number,
): Promise<Start> {
  if (ghostId !== '' && atRevision !== 0n)
    violation('at_revision', 'at_revision and ghost_id exclude one another');
  const parts = decodeToken(pageToken, fingerprint, ['number', 'text', 'path']);
  if (parts === null) {
    const first = { pin: '', after: undefined };
    if (ghostId === '') return { ...orRefuse(await forest.viewAt(toNumber(atRevision))), ...first };
    const { root, baseRevision } = orRefuse(forest.ghostRoot(ghostId));
    return { root, revision: baseRevision, ...first };
  }
  const [revision, pin, after] = [Number(parts[0]), String(parts[1]), tokenPath(parts[2])];
  if (ghostId !== '') {
    const root = context.pinnedRoots.get(pin) ?? invalid('the search was left for too long');
    return { root, revision, pin, after };
  }
  // Revision 0 has no nodes, and so no second page.
  if (revision === 0) return invalid('it is none of ours');
  return { root: orRefuse(await forest.viewAt(revision)).root, revision, pin, after };
}

/** What is staged is of the schemas of now, or of those that the ghost is to bring. */
function schemasOf(forest: Forest, revision: number, ghostId: string): SearchedSchemas {
  const trunk = forest.schemas.asOf(revision);
  if (ghostId === '') return { trunk, staged: trunk };
  const coming = forest.schemasIn(ghostId);
  const now = forest.schemas.asOf(forest.view().revision);
  return { trunk, staged: coming === forest.schemas ? now : coming };
}
