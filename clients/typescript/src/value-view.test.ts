/**
 * Goal: programs without generated code read and write messages as JSON, and programs with older code go on reading. Method: a real broker with a
 * schema of generated messages, and the client for Node and that for browsers.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect as connectBrowser } from './browser.ts';
import { connect, messageJson, SchemaViolationError, schemaOf, TypedMessage, type Client } from './index.ts';
import { Broker } from './testing/broker.ts';
import { ResearchNoteNode } from './testing/gen/acme/v1/research_hyperloom.ts';

let broker: Broker;
let clients: Readonly<Record<string, Client>>;

beforeAll(async () => {
  broker = await Broker.start();
  const node = connect(broker.address);
  clients = { node, browser: connectBrowser(`http://${broker.address}`) };
  await node.schemas.register('research', schemaOf(ResearchNoteNode.message));
});

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await broker[Symbol.asyncDispose]();
});

describe.each(['node', 'browser'])('in the client for %s', (kind) => {
  const clientOf = (): Client => clients[kind] as Client;
  const at = { session: kind, note: 'a' };
  const path = `/${kind}/notes/a`;
  const told = { claim: 'water is wet', citations: '4611686018427387904' };

  test('what is put as JSON is a message, and is read as either', async () => {
    const { revision } = await clientOf().put(path, messageJson(told));
    expect((await clientOf().typed(ResearchNoteNode).get(at)).value).toMatchObject({
      claim: 'water is wet',
      citations: 2n ** 62n,
    });
    expect((await clientOf().get(path)).value).toBeInstanceOf(TypedMessage);
    expect(await clientOf().get(path, { form: 'json' })).toMatchObject({ kind: 'json', value: told });
    const { nodes } = await clientOf().batchGet([path], { form: 'json' });
    expect(nodes.map(({ value }) => value)).toEqual([told]);
    const listed = await clientOf().list(`/${kind}/notes`, { form: 'json' }).all();
    expect(listed.map(({ value }) => value)).toEqual([told]);
    const [event] = await clientOf().history({ path, form: 'json' }).all();
    expect(event?.changes[0]).toMatchObject({ action: 'put', value: told });
    const [difference] = await clientOf()
      .diff(revision - 1, revision, { path, form: 'json' })
      .all();
    expect(difference?.after?.value).toEqual(told);
  });

  test('subscriptions tell messages as JSON too', async () => {
    const seen: unknown[] = [];
    for await (const item of clientOf().subscribe(`/${kind}/notes/b`, { form: 'json', detail: 'result' })) {
      if (item.kind === 'snapshot') void clientOf().put(`/${kind}/notes/b`, messageJson({ claim: 'b' }));
      else if (item.kind === 'event') {
        for (const change of item.event.changes)
          seen.push(change.action === 'put' && change.value, change.result?.value);
        break;
      }
    }
    expect(seen).toEqual([{ claim: 'b' }, { claim: 'b' }]);
  });

  test('JSON that is none of the message is refused by its fields', async () => {
    const refused: unknown = await clientOf()
      .put(path, messageJson({ claim: 7 }))
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SchemaViolationError);
    expect((refused as SchemaViolationError).problems[0]).toMatchObject({ operation: 0, field: 'claim' });
  });

  test('a message without such a form says why', async () => {
    const name = `free_${kind}`;
    await clientOf().forests.create(name);
    const free = clientOf().as({ forest: name });
    await free.put('/a', new TypedMessage('type.googleapis.com/acme.v1.Note', Uint8Array.of()));
    expect(await free.get('/a', { form: 'json' })).toMatchObject({ kind: 'message', formProblem: 'unbound' });
    expect((await free.get('/a')).formProblem).toBeUndefined();
  });

  test('a reader can be pinned to a version of a schema', async () => {
    await clientOf().put(path, messageJson(told));
    const pinned = await clientOf()
      .typed(ResearchNoteNode)
      .get(at, { pins: { research: 1 } });
    expect(pinned.value.claim).toBe('water is wet');
    await expect(clientOf().get(path, { pins: { research: 7 } })).rejects.toMatchObject({
      reason: 'SCHEMA_NOT_FOUND',
    });
  });
});
