/** `Blame`. */
import { create } from '@bufbuild/protobuf';
import { pageSizeDefault, pageSizeMax } from '../../base/limits.ts';
import {
  type BlameLine,
  BlameLineSchema,
  type BlameRequest,
  BlameRequestSchema,
  type BlameResponse,
  BlameResponseSchema,
  ContextService,
} from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { Event as EventMessage } from '../../gen/hyperloom/v1/event_pb.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { eventsOf } from '../../state/describe.ts';
import type { ForestEvent } from '../../state/event.ts';
import { walk } from '../../trie/iterate.ts';
import { find } from '../../trie/lookup.ts';
import { formatPath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { Passing } from '../access/passing.ts';
import { Sight } from '../access/visible.ts';
import { checkPageSize, checkPath, toNumber } from '../checks.ts';
import { eventHead } from '../convert/event.ts';
import { nodeMessage } from '../convert/node.ts';
import { orRefuse, refuse } from '../errors.ts';
import { HistoryGone } from '../../subscriptions/source.ts';
import { decodeToken, encodeToken, fingerprintOf, tokenPath } from '../page-token.ts';
import { type Call, defineMethod, type Method } from '../transport.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function blameMethods(context: ServiceContext): readonly Method[] {
  const descriptor = ContextService.method.blame;
  return [
    defineMethod({ kind: 'unary', descriptor, handle: (request, call) => blame(context, request, call) }),
  ];
}

async function blame(context: ServiceContext, request: BlameRequest, call: Call): Promise<BlameResponse> {
  const forest = forestOf(context, request.forest);
  const within = checkPath(request.path, 'path');
  const pageSize = checkPageSize(request.pageSize, pageSizeDefault, pageSizeMax);
  const fingerprint = fingerprintOf(BlameRequestSchema, request);
  const parts = decodeToken(request.pageToken, fingerprint, ['number', 'path']);
  const asked = parts === null ? toNumber(request.atRevision) : Number(parts[0]);
  const { root, revision } = orRefuse(await forest.viewAt(asked));
  if (find(root, within) === undefined) {
    refuse('NODE_NOT_FOUND', `${request.path}: there is no such node`, { path: request.path, revision });
  }
  const after = parts === null ? undefined : tokenPath(parts[1]);
  const events = new Map<bigint, EventMessage | undefined>();
  const sight = new Sight(call, forest);
  const lines: BlameLine[] = [];
  const passing = new Passing(call, context.clock);
  let last: Path | undefined;
  for (const visited of walk(root, { within, depth: request.depth, after, enters: sight.enters })) {
    if (visited.node.entry === null) continue;
    if (!sight.sees(visited.path)) {
      await passing.on();
      continue;
    }
    if (lines.length >= pageSize) {
      const nextPageToken = encodeToken(fingerprint, [revision, formatPath(last ?? within)]);
      return create(BlameResponseSchema, { lines, nextPageToken });
    }
    last = visited.path;
    const node = nodeMessage(visited.path, visited, null, sight.countChildren);
    const { modifiedRevision } = node;
    if (!events.has(modifiedRevision))
      events.set(modifiedRevision, await eventOf(forest, Number(modifiedRevision), sight));
    const event = events.get(modifiedRevision);
    lines.push(create(BlameLineSchema, { node, ...(event === undefined ? {} : { event }) }));
  }
  return create(BlameResponseSchema, { lines });
}

/** The event that made a revision; `undefined` where that history is gone. */
async function eventOf(forest: Forest, revision: number, sight: Sight): Promise<EventMessage | undefined> {
  try {
    const position = await forest.positionOf(revision);
    if (typeof position !== 'number') return await retainedEvent(forest, revision, sight);
    for await (const events of forest.readEvents(position - 1, position)) {
      const event = events.find((each) => each.revision === revision);
      if (event !== undefined) return headOf(event, sight);
    }
  } catch (error) {
    if (!(error instanceof HistoryGone)) throw error;
    return await retainedEvent(forest, revision, sight);
  }
  return undefined;
}

/** What a compaction has kept of the event. */
async function retainedEvent(
  forest: Forest,
  revision: number,
  sight: Sight,
): Promise<EventMessage | undefined> {
  const recorded = await forest.provenance.retainedEntry(revision);
  const event = recorded === null ? undefined : eventsOf(recorded.proposal, recorded.effects, null)[0];
  return event === undefined ? undefined : headOf(event, sight);
}

function headOf(event: ForestEvent, sight: Sight): EventMessage {
  return eventHead({ ...event, ...sight.head(event) }, true);
}
