/** Watches the trunk and every ghost, and notes which events it was told between two positions that it knows. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { SubscribeResponse } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Event } from '../../../src/gen/hyperloom/v1/event_pb.ts';
import type { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { Stretch } from '../history.ts';
import { untilItLeaves } from './subscriber.ts';

export async function oversee(client: Client): Promise<void> {
  let position = 0;
  while (client.isOpen) {
    const stretch: Stretch = {
      client: client.name,
      afterPosition: position,
      untilPosition: position,
      events: [],
    };
    client.history.stretches.push(stretch);
    const failure = await watch(client, stretch);
    position = stretch.untilPosition;
    const isGone = failure?.reason === 'REVISION_COMPACTED' && client.history.compactedMax > 0;
    const what = (): string => `watching everything ended with ${failure?.code} ${failure?.reason}`;
    client.expect('subscriptions', failure === null || failure.isUnknown || isGone, what);
    // What is gone it does not need to know: it goes on from where things are now.
    if (isGone) position = await newest(client);
    await client.sleep(15);
  }
}

async function newest(client: Client): Promise<number> {
  const { events } = await client.ask(ContextService.method.history, { order: 2, pageSize: 1 });
  return Number(events[0]?.position ?? 0n);
}

function watch(client: Client, stretch: Stretch): Promise<CallFailure | null> {
  const request = {
    patterns: ['/**'],
    start: { case: 'afterPosition' as const, value: BigInt(stretch.afterPosition) },
    scope: { case: 'everything' as const, value: {} },
    bookmarkInterval: { seconds: 0n, nanos: 100_000_000 },
  };
  return new Promise((resolve) => {
    const stream = client.stream(ContextService.method.subscribe, request, {
      message: (response) => take(stretch, response),
      end: resolve,
    });
    untilItLeaves(client, () => {
      stream.cancel();
      resolve(null);
    });
  });
}

/** A position is done when something behind it comes: one position may have several events. */
function take(stretch: Stretch, { message }: SubscribeResponse): void {
  if (message.case === 'event') {
    const position = Number(message.value.position);
    stretch.events.push([position, digestOf(message.value)]);
    stretch.untilPosition = Math.max(stretch.untilPosition, position - 1);
  } else if (message.case === 'bookmark') {
    stretch.untilPosition = Math.max(stretch.untilPosition, Number(message.value.position));
  }
}

/** What an event says, in a line; of its changes only the first, for a subscription adds what a copy brought. */
export function digestOf({ revision, ghostId, transition, changes, requestId, author }: Event): string {
  const [change] = changes;
  const made = change === undefined ? 'nothing' : `${String(change.action.case)} ${change.path}`;
  const kind = transition === undefined ? '' : `${transition.kind}/${transition.sequence}`;
  return [revision, ghostId, kind, requestId, author, made].join(' ');
}
