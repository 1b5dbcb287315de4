/** Listens for an agent to what was taken back of what it had read, through broken connections and crashes. Nothing else is told to it. */
import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { SubscribeResponse } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { CallFailure } from '../call.ts';
import type { Client } from '../client.ts';
import type { ToldRecord } from '../knowledge.ts';
import { untilItLeaves } from './subscriber.ts';

export async function listen(client: Client, agent: string): Promise<void> {
  let record: ToldRecord | null = null;
  while (client.isOpen) {
    record ??= begun(client, agent);
    const failure = await follow(client, record);
    const { fromRevision, untilRevision } = record;
    const isGone = failure?.reason === 'REVISION_COMPACTED' && client.history.compactedMax > untilRevision;
    // What was given up it goes past.
    if (isGone && fromRevision < client.history.compactedMax) record = null;
    else {
      const isExpected = failure === null || failure.isUnknown;
      const what = (): string => `a listener's stream ended with ${failure?.code} ${failure?.reason}`;
      client.expect('no bug', isExpected, what);
    }
    await client.sleep(15);
  }
}

function begun(client: Client, agent: string): ToldRecord {
  const from = client.history.compactedMax;
  const record: ToldRecord = { agent, fromRevision: from, untilRevision: from, told: [] };
  client.history.knowledge.told.push(record);
  return record;
}

function follow(client: Client, record: ToldRecord): Promise<CallFailure | null> {
  const request = {
    patterns: ['/nothing/of/interest'],
    agent: record.agent,
    start: { case: 'afterRevision' as const, value: BigInt(record.untilRevision) },
    bookmarkInterval: { seconds: 0n, nanos: 100_000_000 },
  };
  return new Promise((resolve) => {
    const stream = client.stream(ContextService.method.subscribe, request, {
      message: (response) => take(record, response),
      end: resolve,
    });
    untilItLeaves(client, () => {
      stream.cancel();
      resolve(null);
    });
  });
}

function take(record: ToldRecord, { message }: SubscribeResponse): void {
  if (message.case === 'bookmark') record.untilRevision = Number(message.value.revision);
  if (message.case !== 'event') return;
  const { revision, basisReverted, partsLeft } = message.value;
  for (const told of basisReverted) record.told.push([Number(revision), told]);
  if (partsLeft === 0) record.untilRevision = Number(revision);
}
