/**
 * Goal: a version of a schema that the broker maps stored values to comes into force with all of them or not at all, wherever the broker is
 * killed, and the request, repeated by its id, gives one outcome. Method: a real broker is killed with `kill -9` when it has begun to
 * stage, in the middle, and right behind its answer; then what is there is read, and the request is sent again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { create } from '@bufbuild/protobuf';
import { connect, operation, TypedMessage } from '../../clients/typescript/src/index.ts';
import type { Client } from '../../clients/typescript/src/index.ts';
import { RegisterSchemaRequestSchema } from '../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { connectClients } from '../support/broker.ts';
import { acme, encoded, messageOf, protobuf } from '../support/schemas.ts';

const values = 6_000;
const name = 'notes';
const setOf = (fields: string) =>
  acme(`message Note { option (hyperloom.v1.node).path = "/{session}/notes/{note}"; ${fields} }`);
const [first, second] = [setOf('string rank = 1;'), setOf('double rank = 1;')];
const oldNote = messageOf(first, 'acme.v1.Note');

let folder = '';
let broker: BrokerProcess;
let client: Client;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-mapping-'));
  broker = new BrokerProcess(join(folder, 'data'));
  await broker.start();
  client = connect(broker.address);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await broker.stop('SIGKILL');
  await rm(folder, { recursive: true });
});

/** A forest with the first version and its values. */
async function begin(forest: string): Promise<Client> {
  await client.forests.create(forest);
  const notes = client.as({ forest });
  await notes.schemas.register(name, { kind: 'descriptor_set', bytes: first });
  const url = 'type.googleapis.com/acme.v1.Note';
  const puts = Array.from({ length: values }, (_, index) =>
    operation.put(`/s/notes/${index}`, new TypedMessage(url, encoded(oldNote, { rank: String(index) }))),
  );
  await notes.publish(puts);
  return notes;
}

/** The request with its id: sent as it is, without a client that sends it again by itself. */
async function register(forest: string) {
  const clients = connectClients(`http://${broker.address}`);
  const rules = [{ kind: { case: 'move' as const, value: { from: 'rank', to: 'rank' } } }];
  const messages = [{ messageType: 'acme.v1.Note', rules }];
  const request = create(RegisterSchemaRequestSchema, {
    forest,
    name,
    definition: protobuf(second),
    requestId: 'mapped once',
    mapping: { messages },
  });
  try {
    return await clients.schemas.registerSchema(request);
  } finally {
    clients.cut();
  }
}

/** What is in force, and of which version the values are. */
async function standing(
  notes: Client,
): Promise<{ readonly version: number; readonly kinds: readonly string[] }> {
  const { schemas } = await notes.schemas.list();
  const kinds = new Map<string, number>();
  for await (const { value } of notes.list('/s/notes', { form: 'json', pageSize: 10_000 })) {
    const kind = typeof (value as { readonly rank?: unknown }).rank;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return { version: schemas[0]?.version ?? 0, kinds: [...kinds].map(([kind, count]) => `${count} ${kind}`) };
}

const before = { version: 1, kinds: [`${values} string`] };
// A rank of 0 is not told: it is what the field is without a value.
const after = { version: 2, kinds: ['1 undefined', `${values - 1} number`] };

test.each([
  ['begins to stage', 1],
  ['is half way', values / 2],
])(
  'a broker killed when it %s has all of a mapping or nothing of it',
  async (_, staged) => {
    const forest = `at-${staged}`;
    const notes = await begin(forest);
    let seen = 0;
    const watching = notes.subscribe('/**', { start: 'now', everything: true })[Symbol.asyncIterator]();
    const answer = register(forest).catch((error: unknown) => error);
    while (seen < staged) {
      const { value: item, done } = await watching.next();
      if (done === true) throw new Error('the subscription ended');
      if (item.kind === 'event') seen += item.event.changes.length;
    }
    await broker.stop('SIGKILL');
    await answer;
    await broker.start();
    const found = await standing(notes);
    expect([before, after]).toContainEqual(found);
    const repeated = await register(forest);
    expect(repeated).toMatchObject({ mappedValues: BigInt(values), schema: { version: 2n } });
    expect(await standing(notes)).toEqual(after);
    expect(await register(forest)).toMatchObject({ ...repeated, repeated: true });
    await watching.return?.();
  },
  120_000,
);

test('a broker killed right behind its answer has all of a mapping, and gives the same answer again', async () => {
  const notes = await begin('answered');
  const told = await register('answered');
  await broker.stop('SIGKILL');
  await broker.start();
  expect(await standing(notes)).toEqual(after);
  expect(await register('answered')).toMatchObject({
    repeated: true,
    mappedValues: told.mappedValues,
    schema: { version: 2n, revision: told.schema?.revision },
  });
}, 120_000);
