/** Fields of messages, merged, appended to, incremented and made conditions of; on the trunk, in a ghost and in refusals. */
import { create } from '@bufbuild/protobuf';
import type { JsonValue } from '@bufbuild/protobuf';
import { OperationSchema } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import type { FieldCondition, Operation } from '../../../src/gen/hyperloom/v1/operation_pb.ts';
import { bytes, putJson } from '../../support/broker.ts';
import { buildProtos, encoded, messageOf, protobuf, putMessage } from '../../support/schemas.ts';
import type { Chapter, Story } from '../story.ts';

const forest = 'messages';

/** Without rules; of the older syntax, in which fields have defaults of their own. */
const set = buildProtos({
  'acme/v1/meter.proto': `syntax = "proto2";
package acme.v1;
import "hyperloom/v1/node_options.proto";
message Meter {
  option (hyperloom.v1.node).path = "/{session}/meters/{meter}";
  optional string name = 1;
  optional int64 count = 2 [default = 40];
  optional double level = 3 [default = 0.5];
  repeated string tags = 4;
  repeated sint32 samples = 5 [packed = true];
  map<string, int32> limits = 6;
  optional Place place = 7;
  oneof state { string open = 8; Place closed = 9; }
}
message Place { optional string room = 1; optional fixed32 floor = 2; }`,
});
const meter = messageOf(set, 'acme.v1.Meter');
const path = '/s/meters/a';

function any(json: JsonValue) {
  return { typeUrl: `type.googleapis.com/${meter.typeName}`, value: encoded(meter, json) };
}

function merge(json: JsonValue, ...paths: string[]): Operation {
  const value = { message: any(json), ...(paths.length === 0 ? {} : { mask: { paths } }) };
  return create(OperationSchema, { path, action: { case: 'merge', value } });
}

function append(json: JsonValue): Operation {
  const addition = { case: 'message' as const, value: any(json) };
  return create(OperationSchema, { path, action: { case: 'append', value: { addition } } });
}

function add(field: string, value: bigint | number): Operation {
  const amount =
    typeof value === 'bigint' ? { case: 'integer' as const, value } : { case: 'real' as const, value };
  return create(OperationSchema, { path, action: { case: 'increment', value: { amount, field } } });
}

function when(target: FieldCondition['target'], expectation: FieldCondition['expectation'], at = path) {
  return { path: at, condition: { case: 'field' as const, value: { target, expectation } } };
}

export const typedOperations: Chapter = {
  name: 'typedOperations',
  async tell(story) {
    const { clients } = story;
    await clients.forests.createForest({ name: forest });
    await clients.schemas.registerSchema({
      forest,
      name: 'meters',
      definition: protobuf(set),
      author: 'owner',
    });
    const requestId = story.requestId();
    await story.publish({
      forest,
      requestId,
      operations: [
        putMessage(path, meter, { name: 'first' }),
        merge({ tags: ['a'], limits: { low: 1, high: 9 }, place: { room: 'r', floor: 2 }, closed: {} }),
        merge({ name: 'second', place: { floor: 3 } }, 'name', 'place.floor', 'open'),
        append({ tags: ['b'], samples: [-1, 300] }),
        append({ samples: [7] }),
        merge({ limits: { high: 10 }, open: 'since noon' }),
        add('count', 2n),
        add('level', 0.25),
        add('place.floor', -1n),
        putJson('/s/plan', { steps: [{ state: 'done' }] }),
      ],
    });
    await conditions(story);
    // In a ghost that a snapshot has to hold, committed after what others have done.
    const ghost = await story.ghost({ forest });
    await story.publish({
      forest,
      ghostId: ghost.id,
      operations: [add('count', 5n), append({ tags: ['c'] })],
    });
    await story.publish({ forest, operations: [add('count', 7n), append({ tags: ['d'] })] });
    await clients.forests.compact({ forest });
    await clients.context.commit({
      forest,
      ghostId: ghost.id,
      author: 'committer',
      requestId: story.requestId(),
    });
    await story.refuse('OUT_OF_BOUNDS', { forest, operations: [add('place.floor', -9n)] });
    // The other forest gets a snapshot too: an entry keeps no empty folders.
    await story.publish({ operations: [putJson('/free', 1)] });
    await clients.forests.compact({});
  },
};

async function conditions(story: Story): Promise<void> {
  const field = (value: string) => ({ case: 'field' as const, value });
  const pointer = (value: string) => ({ case: 'jsonPointer' as const, value });
  const isSet = (value: boolean) => ({ case: 'isSet' as const, value });
  const equals = (json: string) => ({ case: 'equalsJson' as const, value: bytes(json) });
  await story.publish({
    forest,
    operations: [add('count', 1n)],
    preconditions: [
      when(field('name'), equals('"second"')),
      when(field('tags'), isSet(true)),
      when(field('samples'), isSet(true)),
      when(field('closed.room'), isSet(false)),
      when(pointer('/steps/0/state'), equals('"done"'), '/s/plan'),
      when(pointer('/steps/1'), isSet(false), '/s/plan'),
    ],
  });
  await story.refuse('PRECONDITION_FAILED', {
    forest,
    operations: [add('count', 1n)],
    preconditions: [when(field('count'), equals('1'))],
  });
}
