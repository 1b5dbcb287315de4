/** Publishes over a stream with several diffs in flight. What a broken stream leaves open it asks for again, by request id. */
import { create } from '@bufbuild/protobuf';

import {
  ContextService,
  PublishStreamRequestSchema,
} from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { statusCodes } from '../../../src/rpc/transport.ts';
import type { Client } from '../client.ts';
import type { WriteRecord } from '../history.ts';
import { CallFailure } from '../call.ts';
import { putText } from '../requests.ts';
import type { OperationInit } from '../requests.ts';
import { randomDiff } from './publisher.ts';
import type { Diff } from './publisher.ts';

interface Open {
  readonly record: WriteRecord;
  readonly operations: OperationInit[];
}

const inFlightMax = 8;

export async function stream(client: Client): Promise<void> {
  while (client.isOpen) {
    const open = await oneStream(client);
    for (const { record, operations } of open) await settle(client, record, operations);
    await client.sleep(20);
  }
}

/** Runs a stream until it breaks or is closed. Returns what was not answered. */
function oneStream(client: Client): Promise<Open[]> {
  const { scheduler, pace } = client.surroundings;
  const open: Open[] = [];
  /** Answered, but not with an outcome. */
  const unknown: Open[] = [];
  return new Promise((resolve) => {
    let isOver = false;
    let left = 10 + client.below(30);
    const outgoing = client.stream(ContextService.method.publishStream, null, {
      message({ outcome }) {
        const first = open.shift();
        client.expect('exactly once', first !== undefined, () => 'a stream answered more than it was asked');
        if (first === undefined) return;
        if (outcome.case === 'published') client.finish(first.record, Number(outcome.value.revision), '');
        else if (outcome.case === 'refused' && outcome.value.code === statusCodes.UNAVAILABLE)
          unknown.push(first);
        else if (outcome.case === 'refused') client.finish(first.record, 0, outcome.value.reason);
      },
      end() {
        isOver = true;
        resolve([...unknown, ...open]);
      },
    });
    const send = (): void => {
      if (isOver) return;
      if (left === 0 || !client.isOpen) {
        outgoing.halfClose();
        return;
      }
      while (open.length < inFlightMax && left > 0) {
        left -= 1;
        const { operations, tokens } = client.below(6) === 0 ? refusedDiff(client) : randomDiff(client);
        const record = client.begin({ requestId: `request ${client.token()}`, tokens, operations });
        open.push({ record, operations });
        const publish = { operations, requestId: record.requestId, author: client.name };
        outgoing.send(create(PublishStreamRequestSchema, { publish: { ...publish, forest: client.forest } }));
      }
      scheduler.after((1 + client.below(6)) * pace, send);
    };
    send();
  });
}

async function settle(client: Client, record: WriteRecord, operations: OperationInit[]): Promise<void> {
  try {
    const request = { operations, requestId: record.requestId, author: client.name };
    const { revision } = await client.ask(ContextService.method.publish, request);
    client.finish(record, Number(revision), '');
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    client.finish(record, 0, error.reason);
  }
}

/** What is refused as soon as it is read, while those before it still wait for the disk. */
function refusedDiff(client: Client): Diff {
  return { operations: [putText('no path', client.token())], tokens: [] };
}
