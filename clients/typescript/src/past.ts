/** What happened, and who made what is there. */
import { create } from '@bufbuild/protobuf';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { readEvent, type Event } from './event.ts';
import {
  BlameRequestSchema,
  ContextService,
  HistoryOrder,
  HistoryRequestSchema,
  HistoryScope,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { readNode, type Node } from './node.ts';
import type { BlameOptions, HistoryOptions } from './options.ts';
import { Paged } from './paged.ts';
import { wireForm } from './value-view.ts';

/** Where a value comes from. */
export interface BlameLine {
  /** Without its value. */
  readonly node: Node;
  /** The event that last changed it, without its changes; `undefined` where that history is compacted. */
  readonly event: Event | undefined;
}

/** Events in pages. */
export function history(connection: Connection, agent: Agent, options: HistoryOptions): Paged<Event> {
  return new Paged(async (pageToken) => {
    const request = create(HistoryRequestSchema, {
      forest: agent.forest,
      path: options.path ?? '',
      afterPosition: BigInt(options.afterPosition ?? 0),
      untilPosition: BigInt(options.untilPosition ?? 0),
      afterRevision: BigInt(options.afterRevision ?? 0),
      scope: options.everything === true ? HistoryScope.EVERYTHING : HistoryScope.TRUNK,
      order: options.newestFirst === true ? HistoryOrder.NEWEST_FIRST : HistoryOrder.OLDEST_FIRST,
      pageSize: options.pageSize ?? 0,
      pageToken,
      form: wireForm(options.form),
    });
    const response = await connection.caller.unary(ContextService.method.history, request, options);
    const items = response.events.map((event) => readEvent(event));
    return { items, nextPageToken: response.nextPageToken, revision: 0 };
  });
}

/** Who made the values, in pages. */
export function blame(
  connection: Connection,
  agent: Agent,
  path: string,
  options: BlameOptions,
): Paged<BlameLine> {
  return new Paged(async (pageToken) => {
    const request = create(BlameRequestSchema, {
      forest: agent.forest,
      path,
      depth: options.depth ?? 0,
      atRevision: BigInt(options.atRevision ?? 0),
      pageSize: options.pageSize ?? 0,
      pageToken,
    });
    const response = await connection.caller.unary(ContextService.method.blame, request, options);
    const items: BlameLine[] = [];
    for (const { node, event } of response.lines) {
      if (node === undefined) continue;
      items.push({ node: readNode(node, node.modifiedRevision), event: event && readEvent(event) });
    }
    return { items, nextPageToken: response.nextPageToken, revision: 0 };
  });
}
