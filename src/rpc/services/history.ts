/** `History`. */
import { create } from '@bufbuild/protobuf';
import {
  historyPositionsPerPage,
  historyWindowPositions,
  pageBytes,
  pageSizeDefault,
  pageSizeMax,
} from '../../base/limits.ts';
import {
  ContextService,
  type HistoryRequest,
  HistoryRequestSchema,
  type HistoryResponse,
  HistoryResponseSchema,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Event as EventMessage } from '../../gen/hyperloom/v1/event_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { ForestEvent } from '../../state/event.ts';
import { isWithin } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Sight } from '../access/visible.ts';
import { checkEnum, checkPageSize, checkPathOrRoot, toNumber } from '../checks.ts';
import { eventBytes, eventMessages } from '../convert/event.ts';
import { ValueReading } from '../convert/value-view.ts';
import { orRefuse } from '../errors.ts';
import { decodeToken, encodeToken, fingerprintOf } from '../page-token.ts';
import { type Call, defineMethod, type Method } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function historyMethods(context: ServiceContext): readonly Method[] {
  const { history } = ContextService.method;
  return [
    defineMethod({
      kind: 'unary',
      descriptor: history,
      handle: (request, call) => readHistory(context, request, call),
    }),
  ];
}

const scopes = ['trunk', 'trunk', 'everything'] as const;
const orders = ['oldest_first', 'oldest_first', 'newest_first'] as const;

/** Which events are asked for. */
interface Wanted {
  readonly within: Path;
  readonly trunkOnly: boolean;
  readonly newestFirst: boolean;
  readonly values: ValueReading;
  readonly sight: Sight;
}

/** What is left to be read: positions in (`after`, `until`], of whose first one `skip` messages were told already. */
interface Range {
  readonly after: number;
  readonly until: number;
  readonly skip: number;
}

async function readHistory(
  context: ServiceContext,
  request: HistoryRequest,
  call: Call,
): Promise<HistoryResponse> {
  const forest = forestOf(context, request.forest);
  const within = checkPathOrRoot(request.path, 'path');
  const trunkOnly = checkEnum(request.scope, scopes, 'scope') === 'trunk';
  const newestFirst = checkEnum(request.order, orders, 'order') === 'newest_first';
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const fingerprint = fingerprintOf(HistoryRequestSchema, request);
  const parts = decodeToken(request.pageToken, fingerprint, ['number', 'number', 'number']);
  const range =
    parts === null
      ? await wholeRange(forest, request)
      : {
          after: Number(parts[0]),
          until: Math.min(Number(parts[1]), forest.view().position),
          skip: Number(parts[2]),
        };
  const values = new ValueReading(forest, context.valueForms, { form: request.form, pins: [] }, 'form');
  const wanted = { within, trunkOnly, newestFirst, values, sight: new Sight(call, forest) };
  const { events, rest } = await readPage(forest, wanted, range, pageSize);
  const nextPageToken = rest === null ? '' : encodeToken(fingerprint, [rest.after, rest.until, rest.skip]);
  return create(HistoryResponseSchema, { events, nextPageToken });
}

/** The positions that a request is about. Without a beginning of its own it begins where history does. */
async function wholeRange(forest: Forest, request: HistoryRequest): Promise<Range> {
  const newest = forest.view().position;
  const bound = toNumber(request.untilPosition);
  const until = bound === 0 ? newest : Math.min(bound, newest);
  const asked = toNumber(request.afterPosition);
  const revision = toNumber(request.afterRevision);
  const afterRevision = revision === 0 ? 0 : orRefuse(await forest.positionOf(revision));
  const after = Math.max(asked, afterRevision);
  return { after: after === 0 ? forest.oldestPosition : after, until, skip: 0 };
}

async function readPage(
  forest: Forest,
  wanted: Wanted,
  range: Range,
  pageSize: number,
): Promise<{ readonly events: EventMessage[]; readonly rest: Range | null }> {
  const events: EventMessage[] = [];
  let { after, until, skip } = range;
  let bytes = 0;
  let seen = 0;
  while (after < until && seen < historyPositionsPerPage) {
    const from = wanted.newestFirst ? Math.max(after, until - historyWindowPositions) : after;
    const to = wanted.newestFirst ? until : Math.min(until, after + historyWindowPositions);
    for (const [position, group] of await readWindow(forest, wanted, from, to)) {
      const messages = tell(group, wanted);
      const size = group.reduce((sum, event) => sum + eventBytes(event, event.changes), 0) / messages.length;
      for (const message of messages.slice(skip)) {
        if (events.length >= pageSize || (bytes >= pageBytes && events.length > 0)) {
          const rest = wanted.newestFirst
            ? { after, until: position, skip }
            : { after: position - 1, until, skip };
          return { events, rest };
        }
        events.push(message);
        bytes += Math.max(size, jsonBytes(message));
        skip += 1;
      }
      skip = 0;
    }
    seen += to - from;
    if (wanted.newestFirst) until = from;
    else after = to;
  }
  return { events, rest: after < until ? { after, until, skip: 0 } : null };
}

/** Wanted events of the positions in (`from`, `to`], by position, in the order asked for. */
async function readWindow(
  forest: Forest,
  wanted: Wanted,
  from: number,
  to: number,
): Promise<[number, ForestEvent[]][]> {
  const groups = new Map<number, ForestEvent[]>();
  for await (const batch of forest.readEvents(from, to)) {
    for (const whole of batch) {
      if (!isWanted(whole, wanted)) continue;
      const event = wanted.sight.event(whole);
      if (event === null || !isWanted(event, wanted)) continue;
      const group = groups.get(event.position) ?? [];
      groups.set(event.position, group);
      group.push(event);
    }
  }
  const inOrder = [...groups];
  if (!wanted.newestFirst) return inOrder;
  return inOrder.reverse().map(([position, group]) => [position, group.reverse()]);
}

function tell(group: readonly ForestEvent[], { values, sight }: Wanted): EventMessage[] {
  const detail = { withResult: false, withPrevious: false, withBasis: true, agent: null, shows: sight.shows };
  return group.flatMap((event) =>
    eventMessages(event, event.changes, { ...detail, ...values.around(event) }),
  );
}

/** Bytes of what was put, where it is told as JSON: it may be larger than what is stored. */
function jsonBytes({ changes }: EventMessage): number {
  let bytes = 0;
  for (const { action } of changes)
    if (action.case === 'put' && action.value.kind.case === 'json') bytes += action.value.kind.value.length;
  return bytes;
}

function isWanted(event: ForestEvent, { within, trunkOnly }: Wanted): boolean {
  if (trunkOnly && event.revision === 0) return false;
  if (within.length === 0) return true;
  return event.changes.some(({ operation }) => {
    if (isWithin(operation.path, within)) return true;
    const reachesBelow =
      operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
    return reachesBelow && isWithin(within, operation.path);
  });
}
