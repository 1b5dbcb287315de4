/** Ghosts that say what becomes of values that do not fit, and one that brings a version of a schema; over and live. */
import { ViolationAction } from '../../../src/gen/hyperloom/v1/gate_pb.ts';
import { putJson } from '../../support/broker.ts';
import { jsonSchema } from '../../support/schemas.ts';
import { expectRefusal } from '../story.ts';
import type { Chapter, Story } from '../story.ts';

const forest = 'judged';
const gate = (onViolation: ViolationAction) => ({
  kind: { case: 'schema' as const, value: { onViolation } },
});
const numbers = (maximum: number) => jsonSchema('/{session}/numbers/{name}', { type: 'integer', maximum });

export const schemaGates: Chapter = {
  name: 'schema-gates',
  async tell(story) {
    const { clients } = story;
    await clients.forests.createForest({ name: forest });
    const requestId = story.requestId();
    await clients.schemas.registerSchema({ forest, name: 'numbers', definition: numbers(10), requestId });
    await story.publish({ forest, operations: [putJson('/s/numbers/a', 9)] });
    await beReverted(story);
    await collect(story);
    await migrate(story);
    // With a snapshot, and something behind it. The other forest gets one too: an entry keeps no empty folders.
    await clients.forests.compact({ forest });
    await story.publish({ operations: [putJson('/free', 1)] });
    await clients.forests.compact({});
    await migrate(story);
  },
};

/** Told twice: without a request id, and with one that gives the same refusal for ever. */
async function beReverted(story: Story): Promise<void> {
  const { context } = story.clients;
  const { id: ghostId } = await story.ghost({ forest, gates: [gate(ViolationAction.REVERT)] });
  await story.publish({ forest, ghostId, operations: [putJson('/s/numbers/b', 1)] });
  await context.checkpoint({ forest, ghostId, name: 'good' });
  const operations = [putJson('/s/numbers/c', 11)];
  await expectRefusal('GATE_REVERTED', story.publish({ forest, ghostId, operations }));
  await story.refuse('GATE_REVERTED', { forest, ghostId, operations });
  story.ids.set('ghost reverted', ghostId);
}

async function collect(story: Story): Promise<void> {
  const { context } = story.clients;
  const { id: ghostId } = await story.ghost({ forest, gates: [gate(ViolationAction.COLLECT)] });
  await story.publish({ forest, ghostId, operations: [putJson('/s/numbers/d', 11)] });
  const requestId = story.requestId();
  await expectRefusal('SCHEMA_VIOLATION', context.commit({ forest, ghostId, requestId }));
  story.ids.set('ghost collecting', ghostId);
}

/** One that is committed, one that is refused, and one that lives on with another in it. */
async function migrate(story: Story): Promise<void> {
  const { context, schemas } = story.clients;
  const { schema } = await schemas.getSchema({ forest, name: 'numbers' });
  const version = schema?.version ?? 0n;
  const definition = numbers(6 - Number(version));
  const migration = { name: 'numbers', definition, expectedVersion: version };
  const { id: ghostId } = await story.ghost({ forest, migration });
  const requestId = story.requestId();
  await expectRefusal('SCHEMA_STORED', context.commit({ forest, ghostId, requestId }));
  await story.publish({ forest, ghostId, operations: [putJson('/s/numbers/a', 6 - Number(version))] });
  await context.commit({ forest, ghostId, requestId: story.requestId(), label: 'smaller numbers' });
  const open = await story.ghost({ forest, migration: { name: 'numbers', definition: numbers(3) } });
  const inside = await story.ghost({ forest, parentGhostId: open.id });
  await story.publish({ forest, ghostId: inside.id, operations: [putJson('/s/numbers/e', 3)] });
  story.ids.set(`ghost migrating ${version}`, open.id);
}
