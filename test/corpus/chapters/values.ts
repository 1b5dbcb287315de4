/** Values, paths, operations, preconditions, and diffs that were refused. */
import { anyPack } from '@bufbuild/protobuf/wkt';
import { create } from '@bufbuild/protobuf';

import { BasisExtent } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { DeleteScope, OperationSchema, Presence } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { Operation } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { RaceSchema } from '../../../src/gen/hyperloom/v1/gate_pb.ts';
import { appendItems, appendText, bytes, copy, increment, putText, remove } from '../../support/broker.ts';
import type { Chapter, Story } from '../story.ts';

/** Compresses to nothing in the archive, but fills segments. */
const large = 'Found three sources that agree; the second one cites the first. '.repeat(6_000);
const int64Max = 2n ** 63n - 1n;

function putJson(path: string, json: string): Operation {
  return create(OperationSchema, {
    path,
    action: { case: 'put', value: { kind: { case: 'json', value: bytes(json) } } },
  });
}

function putBytes(path: string, value: Uint8Array): Operation {
  return create(OperationSchema, {
    path,
    action: { case: 'put', value: { kind: { case: 'bytes', value } } },
  });
}

function merge(path: string, patch: string): Operation {
  return create(OperationSchema, { path, action: { case: 'merge', value: { jsonPatch: bytes(patch) } } });
}

export const values: Chapter = {
  name: 'values',
  async tell(story) {
    await putAllKinds(story);
    await changeThem(story);
    await underConditions(story);
    await refuseAllKinds(story);
  },
};

async function putAllKinds(story: Story): Promise<void> {
  const message = create(RaceSchema, { id: 'a message of some type', attemptsMax: 7 });
  const any = anyPack(RaceSchema, message);
  await story.publish({
    requestId: story.requestId(),
    label: 'one value of each kind',
    operations: [
      putJson('/values/json', ' { "exact" : [1.0, 1e2, -0, "\\u00fc"], "big": 12345678901234567890123 } '),
      putJson('/values/list', '[1, "two", null]'),
      putText('/values/text', 'Grüße 🧠\n\u0007'),
      putText('/values/empty', ''),
      putBytes('/values/bytes', Uint8Array.of(0, 127, 128, 255)),
      create(OperationSchema, {
        path: '/values/message',
        action: { case: 'put', value: { kind: { case: 'message', value: any } } },
      }),
      create(OperationSchema, {
        path: '/values/struct',
        action: {
          case: 'put',
          value: { kind: { case: 'struct', value: { kind: { case: 'numberValue', value: 0.1 } } } },
        },
      }),
      putJson('/values/count', '9007199254740993'),
      putText('/Größe/日本語/🧠/with space/%2F/__proto__', 'an odd path'),
      putText(`/${'ä'.repeat(127)}/${'d/'.repeat(61)}leaf`, 'a long and deep one'),
    ],
  });
  for (const name of ['first', 'second', 'third'])
    await story.publish({ operations: [putText(`/large/${name}`, large)] });
}

async function changeThem(story: Story): Promise<void> {
  const { revision } = await story.publish({
    operations: [
      appendItems('/values/list', { four: 4 }, [5]),
      appendText('/values/text', '!'),
      create(OperationSchema, {
        path: '/values/bytes',
        action: { case: 'append', value: { addition: { case: 'bytes', value: Uint8Array.of(1) } } },
      }),
      merge('/values/merged', '{"a": {"b": 1}, "c": null}'),
      increment('/values/count', -3n),
      increment('/values/most', int64Max),
      increment('/values/least', -int64Max - 1n),
      create(OperationSchema, {
        path: '/values/mean',
        action: { case: 'increment', value: { amount: { case: 'real', value: 0.1 } } },
      }),
    ],
  });
  await story.publish({
    author: 'another author',
    basis: [
      { path: '/values', revision, extent: BasisExtent.SUBTREE },
      { path: '/values/json', revision, extent: BasisExtent.NODE },
      { path: '/values/nothing', revision, extent: BasisExtent.ABSENT },
    ],
    operations: [
      merge('/values/merged', '{"a": {"b": null}}'),
      copy('/copies/past', '/values', revision - 1n),
      copy('/copies/present', '/values'),
      create(OperationSchema, {
        path: '/copies/present/text',
        action: { case: 'delete', value: { scope: DeleteScope.NODE } },
      }),
      remove('/large/third'),
      create(OperationSchema, {
        path: '/values/mean',
        action: { case: 'increment', value: { amount: { case: 'real', value: -2.5 } } },
      }),
    ],
  });
}

async function underConditions(story: Story): Promise<void> {
  const { node } = await story.clients.context.get({ path: '/values/text' });
  await story.publish({
    preconditions: [
      { path: '/values/text', condition: { case: 'presence', value: Presence.PRESENT } },
      { path: '/values/nothing', condition: { case: 'presence', value: Presence.ABSENT } },
      { path: '/values/text', condition: { case: 'modifiedRevision', value: node?.modifiedRevision ?? 0n } },
      { path: '/values/text', condition: { case: 'version', value: node?.version ?? 0n } },
    ],
    operations: [appendText('/values/text', '?')],
  });
  const { revision } = await story.clients.context.get({ path: '/values/text' });
  await story.publish({
    preconditions: [{ path: '/values', condition: { case: 'subtreeUnchangedSince', value: revision } }],
    operations: [putText('/values/conditional', 'nothing had changed')],
  });
}

async function refuseAllKinds(story: Story): Promise<void> {
  const precondition = { path: '/values/text', condition: { case: 'version', value: 99n } } as const;
  await story.refuse('PRECONDITION_FAILED', {
    preconditions: [precondition],
    operations: [remove('/values')],
  });
  await story.refuse('WRONG_TYPE', { operations: [appendText('/values/json', 'no text')] });
  await story.refuse('OUT_OF_BOUNDS', { operations: [increment('/values/most', 1n)] });
  await story.refuse('NODE_NOT_FOUND', { operations: [copy('/copies/none', '/values/nothing')] });
  await story.refuse('REVISION_IN_FUTURE', { operations: [copy('/copies/none', '/values', 1_000_000n)] });
  await story.refuse('GHOST_NOT_FOUND', { ghostId: 'nobody', operations: [putText('/a', 'x')] });
  await story.refuse('LEASE_NOT_FOUND', {
    operations: [
      create(OperationSchema, {
        path: '/a',
        leaseId: 'nobody',
        action: { case: 'put', value: { kind: { case: 'text', value: 'x' } } },
      }),
    ],
  });
}
