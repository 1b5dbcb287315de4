/** `Diff`. */
import { create } from '@bufbuild/protobuf';
import { listPageSizeDefault, listPageSizeMax, pageBytes } from '../../base/limits.ts';
import {
  ContextService,
  type DiffRequest,
  DiffRequestSchema,
  type DiffResponse,
  DiffResponseSchema,
  type NodeDifference,
  NodeDifferenceSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { jsonText } from '../../state/values/value.ts';
import type { Entry } from '../../state/values/value.ts';
import { diff } from '../../trie/diff.ts';
import { emptyRoot } from '../../trie/node.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Passing } from '../access/passing.ts';
import { Sight } from '../access/visible.ts';
import { checkPageSize, checkPathOrRoot, toNumber } from '../checks.ts';
import { nodeAt, nodeOverheadBytes, toldBytes } from '../convert/node.ts';
import type { TellValue } from '../convert/value-message.ts';
import { ValueReading } from '../convert/value-view.ts';
import { orRefuse, Refused, violation } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf, invalid, tokenPath } from '../page-token.ts';
import { type Call, defineMethod, type Method } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function diffMethods(context: ServiceContext): readonly Method[] {
  const descriptor = ContextService.method.diff;
  return [
    defineMethod({ kind: 'unary', descriptor, handle: (request, call) => compare(context, request, call) }),
  ];
}

/** What is compared, and how the next page finds it again. */
interface Sides {
  readonly before: Root;
  readonly after: Root;
  readonly token: readonly (string | number)[];
  /** How the values of each side are told. */
  readonly tell: { readonly before: TellValue; readonly after: TellValue };
}

async function compare(context: ServiceContext, request: DiffRequest, call: Call): Promise<DiffResponse> {
  const forest = forestOf(context, request.forest);
  const within = checkPathOrRoot(request.path, 'path');
  const pageSize = checkPageSize(request.pageSize, listPageSizeDefault, listPageSizeMax);
  const fingerprint = fingerprintOf(DiffRequestSchema, request);
  const parts = decodeToken(request.pageToken, fingerprint, ['text', 'text', 'text', 'path']);
  const sides = await sidesOf(context, forest, request, parts);
  const differences: NodeDifference[] = [];
  const sight = new Sight(call, forest);
  let bytes = 0;
  const passing = new Passing(call, context.clock);
  let last: Path | undefined;
  const seen = parts === null ? undefined : tokenPath(parts[3]);
  const options = { within, after: seen, same: sameValue, enters: sight.enters };
  for (const { path } of diff(sides.before, sides.after, options)) {
    if (!sight.sees(path)) {
      await passing.on();
      continue;
    }
    if (differences.length >= pageSize || bytes >= pageBytes) {
      const nextPageToken = encodeToken(fingerprint, [...sides.token, formatPath(last ?? path)]);
      return create(DiffResponseSchema, { differences, nextPageToken });
    }
    last = path;
    const difference = differenceAt(path, sides, sight);
    differences.push(difference);
    bytes += path.join('/').length + 2 * nodeOverheadBytes;
    for (const node of [difference.before, difference.after])
      if (node !== undefined) bytes += toldBytes(node);
  }
  return create(DiffResponseSchema, { differences });
}

function differenceAt(path: Path, { before, after, tell }: Sides, { countChildren }: Sight): NodeDifference {
  const [old, now] = [
    nodeAt(before, path, tell.before, countChildren),
    nodeAt(after, path, tell.after, countChildren),
  ];
  return create(NodeDifferenceSchema, {
    path: formatPath(path),
    ...(old === undefined ? {} : { before: old }),
    ...(now === undefined ? {} : { after: now }),
  });
}

async function sidesOf(
  context: ServiceContext,
  forest: Forest,
  { sides, form }: DiffRequest,
  token: readonly (string | number)[] | null,
): Promise<Sides> {
  const values = new ValueReading(forest, context.valueForms, { form, pins: [] }, 'form');
  switch (sides.case) {
    case 'revisions': {
      const { fromRevision, toRevision } = sides.value;
      const newest = forest.view().revision;
      const to = token === null ? toNumber(toRevision) || newest : revisionOf(token[1]);
      const from = toNumber(fromRevision);
      const tell = { before: values.at(from), after: values.at(to) };
      const [before, after] = [await rootAt(forest, from), await rootAt(forest, to)];
      return { before, after, token: ['', String(to), ''], tell };
    }
    case 'ghostId':
      if (sides.value === '') violation('ghost_id', 'required');
      return ghostSides(context, forest, sides.value, token, values);
    case undefined:
      return violation('sides', 'exactly one of revisions and ghost_id is required');
  }
}

function ghostSides(
  context: ServiceContext,
  forest: Forest,
  ghostId: string,
  token: readonly (string | number)[] | null,
  values: ValueReading,
): Sides {
  const pins = context.pinnedRoots;
  if (token !== null) {
    const [before, after] = [pins.get(String(token[0])), pins.get(String(token[1]))];
    if (before === undefined || after === undefined) return invalid('the comparison was left for too long');
    return {
      before,
      after,
      token: token.slice(0, 3),
      tell: sidesOfGhost(values, revisionOf(token[2]), ghostId),
    };
  }
  const ghost = orRefuse(forest.ghost(ghostId));
  if (!('root' in ghost)) {
    // Of a ghost that is over nothing is kept to compare.
    const over = forest.ghostRoot(ghostId);
    if ('reason' in over) throw new Refused(over);
    return invalid('the ghost is over');
  }
  const { base, root, baseRevision } = ghost;
  const tell = sidesOfGhost(values, baseRevision, ghostId);
  return { before: base, after: root, token: [pins.pin(base), pins.pin(root), String(baseRevision)], tell };
}

/** The base of a ghost in a ghost may hold what is staged as well. */
function sidesOfGhost(values: ValueReading, baseRevision: number, ghostId: string): Sides['tell'] {
  const tell = values.inGhost(baseRevision, ghostId);
  return { before: tell, after: tell };
}

async function rootAt(forest: Forest, revision: number): Promise<Root> {
  if (revision === 0) return emptyRoot<Entry>();
  return orRefuse(await forest.viewAt(revision)).root;
}

function revisionOf(part: string | number | undefined): number {
  const revision = Number(part);
  return Number.isSafeInteger(revision) && revision >= 0 ? revision : invalid('it is none of ours');
}

/** Clients see values: the same one written again is no difference. */
function sameValue(before: Entry, after: Entry): boolean {
  if (before.bytes !== after.bytes || before.type !== after.type) return false;
  return wireKind(before) === wireKind(after) && jsonText(before) === jsonText(after);
}

function wireKind({ kind }: Entry): string {
  return kind === 'items' ? 'json' : kind;
}
