/**
 * Goal: parts of messages are changed and compared through a typed handle, in Node and in browsers, and commute in ghosts as they are said to.
 * Method: a real broker with the schema of generated messages; every case runs with both clients.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect as connectBrowser } from './browser.ts';
import {
  ConflictError,
  connect,
  type HyperloomError,
  InvalidRequestError,
  precondition,
  PreconditionFailedError,
  SchemaViolationError,
  schemaOf,
  TypedMessage,
  type Client,
} from './index.ts';
import { Broker } from './testing/broker.ts';
import { ResearchNoteNode } from './testing/gen/acme/v1/research_hyperloom.ts';
import { ResearchNoteSchema } from './testing/gen/acme/v1/research_pb.ts';

let broker: Broker;
let clients: Readonly<Record<string, Client>>;

beforeAll(async () => {
  broker = await Broker.start();
  const node = connect(broker.address, { author: 'tester' });
  clients = { node, browser: connectBrowser(`http://${broker.address}`, { author: 'tester' }) };
  await node.schemas.register('research', schemaOf(ResearchNoteSchema));
});

afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await broker[Symbol.asyncDispose]();
});

const full = {
  claim: 'water is wet',
  sources: ['urn:a'],
  confidence: 0.25,
  review: { reviewer: 'ann', verdict: 'fine' },
  labels: { kind: 'physics' },
} as const;

describe.each(['node', 'browser'])('in the client for %s', (kind) => {
  const clientOf = (): Client => clients[kind] as Client;
  const notes = () => clientOf().typed(ResearchNoteNode);

  /** A note of the test's own. */
  async function noted(note: string): Promise<{ readonly session: string; readonly note: string }> {
    const at = { session: kind, note };
    await notes().put(at, { ...full, sources: [...full.sources] });
    return at;
  }

  test('a mask says which fields become what the patch says; the others stay', async () => {
    const at = await noted('mask');
    await notes().merge(
      at,
      { claim: 'ice is cold', sources: ['urn:b'], review: { verdict: 'better' }, confidence: 1 },
      { mask: ['claim', 'sources', 'review.verdict', 'labels'] },
    );
    expect((await notes().get(at)).value).toMatchObject({
      claim: 'ice is cold',
      sources: ['urn:b'],
      confidence: 0.25,
      review: { reviewer: 'ann', verdict: 'better' },
      labels: {},
    });
  });

  test('without a mask what is set is merged as Protobuf merges', async () => {
    const at = await noted('merge');
    await notes().merge(at, { sources: ['urn:b'], review: { verdict: 'better' }, labels: { state: 'open' } });
    expect((await notes().get(at)).value).toMatchObject({
      claim: 'water is wet',
      sources: ['urn:a', 'urn:b'],
      review: { reviewer: 'ann', verdict: 'better' },
      labels: { kind: 'physics', state: 'open' },
    });
  });

  test('items are appended, and numbers added to', async () => {
    const at = await noted('append');
    await notes().append(at, { sources: ['urn:b', 'urn:c'] });
    await notes().increment(at, 'citations', 2n ** 62n);
    await notes().increment(at, 'citations');
    await notes().increment(at, 'confidence', 0.5);
    expect((await notes().get(at)).value).toMatchObject({
      sources: ['urn:a', 'urn:b', 'urn:c'],
      citations: 2n ** 62n + 1n,
      confidence: 0.75,
    });
  });

  test('what comes out is judged by the schema', async () => {
    const at = await noted('judged');
    const [merged, added] = await Promise.all(
      [notes().merge(at, {}, { mask: ['claim'] }), notes().increment(at, 'confidence', 5)].map((write) =>
        write.catch((error: unknown) => error),
      ),
    );
    expect(merged).toBeInstanceOf(SchemaViolationError);
    expect(merged).toMatchObject({ problems: [{ field: 'claim', rule: 'string.min_len' }] });
    expect(added).toMatchObject({ problems: [{ field: 'confidence', rule: 'double.gte_lte' }] });
    expect((await notes().get(at)).value.claim).toBe('water is wet');
  });

  test('conditions on fields hold, or nothing is written', async () => {
    const at = await noted('condition');
    const { field, present, absent } = notes().precondition;
    const held = [
      field(at, 'claim', { equals: 'water is wet' }),
      field(at, 'confidence', { equals: 0.25 }),
      field(at, 'citations', { equals: 0n }),
      field(at, 'review.reviewer', { isSet: true }),
      field(at, 'sources', { isSet: true }),
      present(at),
    ];
    await notes().increment(at, 'citations', 1, { preconditions: held });
    for (const failing of [
      field(at, 'citations', { equals: 0 }),
      field(at, 'review', { isSet: false }),
      absent(at),
    ]) {
      const write = notes().merge(at, { claim: 'changed' }, { preconditions: [failing] });
      await expect(write).rejects.toThrow(PreconditionFailedError);
    }
    expect((await notes().get(at)).value).toMatchObject({ claim: 'water is wet', citations: 1n });
  });

  test('conditions on JSON go by pointers', async () => {
    const path = `/${kind}/plan`;
    await clientOf().put(path, { steps: [{ state: 'open' }] });
    const is = (state: string) => [precondition.pointer(path, '/steps/0/state', { equals: state })];
    await clientOf().merge(path, { steps: [{ state: 'done' }] }, { preconditions: is('open') });
    await expect(clientOf().put(path, 1, { preconditions: is('open') })).rejects.toThrow(
      PreconditionFailedError,
    );
    const gone = [precondition.pointer(path, '/nothing', { isSet: false })];
    await clientOf().increment(`${path}-n`, 1, { preconditions: gone });
  });

  test('other fields of the trunk go through a commit, the same field is a conflict', async () => {
    const at = await noted('ghost');
    await using ghost = await clientOf().ghost();
    await using late = await clientOf().ghost();
    const staged = ghost.typed(ResearchNoteNode);
    await staged.merge(at, { claim: 'staged' }, { mask: ['claim'] });
    await staged.append(at, { sources: ['urn:ghost'] });
    await staged.increment(at, 'citations', 10);
    await late.typed(ResearchNoteNode).merge(at, { claim: 'late' }, { mask: ['claim'] });
    await notes().merge(at, { confidence: 0.5 }, { mask: ['confidence'] });
    await notes().append(at, { sources: ['urn:trunk'] });
    await ghost.commit();
    expect((await notes().get(at)).value).toMatchObject({
      claim: 'staged',
      confidence: 0.5,
      citations: 10n,
      sources: ['urn:a', 'urn:trunk', 'urn:ghost'],
    });
    await expect(late.commit()).rejects.toThrow(ConflictError);
  });

  test('a subscription tells what was done, and the whole message afterwards', async () => {
    const at = await noted('watched');
    const told: unknown[] = [];
    for await (const item of notes().subscribe(at)) {
      if (item.kind === 'snapshot') {
        await notes().merge(at, { confidence: 0.5 }, { mask: ['confidence'] });
        await notes().append(at, { sources: ['urn:b'] });
        await notes().increment(at, 'citations', 2);
      } else if (item.kind === 'event') {
        for (const { change, value } of item.changes) {
          const { action } = change;
          if (action === 'merge')
            told.push([action, change.mask, change.patch instanceof TypedMessage, value?.confidence]);
          if (action === 'append')
            told.push([action, change.addition instanceof TypedMessage, value?.sources]);
          if (action === 'increment')
            told.push([action, change.field, change.amount, change.sum, value?.citations]);
        }
        if (told.length === 3) break;
      }
    }
    expect(told).toEqual([
      ['merge', ['confidence'], true, 0.5],
      ['append', true, ['urn:a', 'urn:b']],
      ['increment', 'citations', 2n, 2, 2n],
    ]);
  });

  test('where no schema is registered, fields have no meaning', async () => {
    const name = `free_${kind}`;
    await clientOf().forests.create(name);
    const free = clientOf().as({ forest: name }).typed(ResearchNoteNode);
    const refused: unknown = await free
      .merge({ session: 's', note: 'n' }, { claim: 'c' })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidRequestError);
    expect((refused as HyperloomError).reason).toBe('UNBOUND_PATH');
  });
});
