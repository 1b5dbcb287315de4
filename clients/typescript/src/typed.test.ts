/**
 * Goal: a typed handle reads and writes messages of the program's own type, in Node and in browsers, on the trunk, in ghosts and under locks.
 * Method: a real broker with the schema of generated messages; every case runs with both clients, each in a tree of its own.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect as connectBrowser } from './browser.ts';
import {
  connect,
  NotFoundError,
  operation,
  precondition,
  PreconditionFailedError,
  SchemaViolationError,
  schemaOf,
  TypedMessage,
  TypeMismatchError,
  type Client,
} from './index.ts';
import { Broker } from './testing/broker.ts';
import { ResearchNoteNode, SessionNode, SettingsNode } from './testing/gen/acme/v1/research_hyperloom.ts';
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

describe.each(['node', 'browser'])('in the client for %s', (kind) => {
  const session = (name: string): string => `${name}-${kind}`;
  const clientOf = (): Client => clients[kind] as Client;
  const notes = () => clientOf().typed(ResearchNoteNode);

  test('what was put comes back as the message, with variables, revision and author', async () => {
    const at = { session: session('put'), note: 'a' };
    const { revision } = await notes().put(at, {
      claim: 'water is wet',
      sources: ['urn:x'],
      citations: 2n ** 62n,
    });
    const node = await notes().get(at);
    expect(node.value).toEqual(
      create(ResearchNoteSchema, { claim: 'water is wet', sources: ['urn:x'], citations: 2n ** 62n }),
    );
    expect(node).toMatchObject({ variables: at, modifiedRevision: revision, author: 'tester', version: 1 });
    expect(node.path).toBe(notes().path(at));
    await notes().delete(at);
    expect(await notes().find(at)).toBeUndefined();
    await expect(notes().get(at)).rejects.toThrow(NotFoundError);
  });

  test('a message without a node type works too', async () => {
    const untyped = clientOf().typed(ResearchNoteSchema);
    const at = { session: session('untyped'), note: 'a' };
    await untyped.put(at, { claim: 'c' });
    expect((await untyped.get(at)).value.claim).toBe('c');
  });

  test('fields that this program does not know survive', async () => {
    const at = { session: session('unknown'), note: 'a' };
    const known = toBinary(ResearchNoteSchema, create(ResearchNoteSchema, { claim: 'c' }));
    const bytes = new Uint8Array([...known, 0xa2, 0x06, 0x01, 0x78]);
    const message = new TypedMessage('type.googleapis.com/acme.v1.ResearchNote', bytes);
    await clientOf().put(notes().path(at), message);
    const { value } = await notes().get(at);
    await notes().put(at, { ...value, claim: 'd' });
    const stored = (await clientOf().get(notes().path(at))).value as TypedMessage;
    expect(fromBinary(ResearchNoteSchema, stored.bytes).claim).toBe('d');
    expect(Array.from(stored.bytes.slice(-4))).toEqual([0xa2, 0x06, 0x01, 0x78]);
  });

  test('a value that does not fit is refused with fields and rules, in a ghost too', async () => {
    const at = { session: session('violation'), note: 'a' };
    const wrong = { claim: '', sources: ['urn:x', 'no uri'], confidence: 2 };
    await using ghost = await clientOf().ghost();
    for (const handle of [notes(), ghost.typed(ResearchNoteNode)]) {
      const error: unknown = await handle.put(at, wrong).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SchemaViolationError);
      expect(error).toMatchObject({
        path: handle.path(at),
        schema: 'research',
        schemaVersion: 1,
        problems: [
          { operation: 0, field: 'claim', rule: 'string.min_len' },
          { operation: 0, field: 'sources[1]', rule: 'string.uri' },
          { operation: 0, field: 'confidence', rule: 'double.gte_lte' },
        ],
      });
    }
    expect(await notes().find(at)).toBeUndefined();
  });

  test('several changes take effect as one', async () => {
    const [a, b] = [
      { session: session('diff'), note: 'a' },
      { session: session('diff'), note: 'b' },
    ];
    await notes().put(a, { claim: 'a' });
    const { operation: build } = notes();
    const { revision } = await clientOf().publish([
      build.delete(a),
      build.put(b, { claim: 'b' }),
      operation.put(`/${session('diff')}/task`, 'free'),
    ]);
    expect(await notes().find(a)).toBeUndefined();
    expect((await notes().get(b)).modifiedRevision).toBe(revision);
  });

  test('compare-and-set: a note that others have changed or made is not overwritten', async () => {
    const at = { session: session('cas'), note: 'a' };
    const absent = { preconditions: [precondition.absent(notes().path(at))] };
    await notes().put(at, { claim: 'first' }, absent);
    await expect(notes().put(at, { claim: 'second' }, absent)).rejects.toThrow(PreconditionFailedError);
    const read = await notes().get(at);
    await notes().put(at, { ...read.value, confidence: 0.5 }, { preconditions: [read.unchanged()] });
    const late = notes().put(at, { ...read.value, confidence: 0.7 }, { preconditions: [read.unchanged()] });
    await expect(late).rejects.toThrow(PreconditionFailedError);
    expect((await notes().get(at)).value).toMatchObject({ claim: 'first', confidence: 0.5 });
  });

  test('ghosts stage typed work, compare what they have read, and commit it', async () => {
    const at = { session: session('ghost'), note: 'a' };
    await notes().put(at, { claim: 'base' });
    await using ghost = await clientOf().ghost();
    const staged = ghost.typed(ResearchNoteNode);
    const base = await staged.get(at);
    await staged.put(at, { claim: 'staged' }, { preconditions: [base.unchanged()] });
    const second = await staged.get(at);
    await expect(staged.put(at, { claim: 'x' }, { preconditions: [base.unchanged()] })).rejects.toThrow(
      PreconditionFailedError,
    );
    await staged.put(at, { claim: 'staged again' }, { preconditions: [second.unchanged()] });
    const listed = await staged.list({ session: at.session }).all();
    expect(listed.map(({ value }) => value.claim)).toEqual(['staged again']);
    expect((await staged.list().all()).map(({ path }) => path)).toContain(staged.path(at));
    expect((await notes().get(at)).value.claim).toBe('base');
    await ghost.commit();
    expect((await notes().get(at)).value.claim).toBe('staged again');
  });

  test('locks have typed handles too', async () => {
    const at = { session: session('lock'), note: 'a' };
    await using lock = await clientOf().lock(`/${at.session}`);
    await lock.typed(ResearchNoteNode).put(at, { claim: 'mine' });
    expect((await notes().get(at)).value.claim).toBe('mine');
  });

  test('lists are of the type alone, by any of the variables, in pages, and as of a revision', async () => {
    const [one, two] = [session('list-1'), session('list-2')];
    for (const at of [one, two]) {
      await clientOf().typed(SessionNode).put({ session: at }, { goal: at });
      await clientOf().put(`/${at}/notes/x/below`, 'not a note');
      for (const note of ['a', 'b', 'c'])
        await notes().put({ session: at, note }, { claim: `${at} ${note}` });
    }
    const { revision } = await clientOf().put(`/${one}/task`, 'free');
    await notes().delete({ session: two, note: 'b' });
    const claims = async (list: ReturnType<ReturnType<typeof notes>['list']>): Promise<readonly string[]> =>
      (await list.all()).map(({ value }) => value.claim);

    expect(await claims(notes().list({ session: one }))).toEqual([`${one} a`, `${one} b`, `${one} c`]);
    expect(await claims(notes().list({ session: one }, { pageSize: 2 }))).toHaveLength(3);
    expect(await claims(notes().list({ session: one, note: 'b' }))).toEqual([`${one} b`]);
    expect(await claims(notes().list({ session: one, note: 'nowhere' }))).toEqual([]);
    const bs = (await notes().list({ note: 'b' }, { pageSize: 3 }).all()).map(({ variables }) => variables);
    expect(bs).toContainEqual({ session: one, note: 'b' });
    expect(bs).not.toContainEqual({ session: two, note: 'b' });
    const then = await notes().list({ note: 'b' }, { atRevision: revision }).all();
    expect(then.map(({ variables }) => variables)).toContainEqual({ session: two, note: 'b' });
    const all = await notes().list().all();
    expect(all.filter(({ variables }) => variables.session === one)).toHaveLength(3);
    expect((await clientOf().typed(SessionNode).list().all()).map(({ value }) => value.goal)).toContain(two);
  });

  test('a node that only has others below it holds no message', async () => {
    const at = { session: session('parent') };
    await notes().put({ ...at, note: 'a' }, { claim: 'c' });
    const sessions = clientOf().typed(SessionNode);
    expect(await sessions.find(at)).toBeUndefined();
    await expect(sessions.get(at)).rejects.toMatchObject({ name: 'NotFoundError', reason: 'NODE_NOT_FOUND' });
    expect(await sessions.list(at).all()).toEqual([]);
  });

  test('a path without variables', async () => {
    const settings = clientOf().typed(SettingsNode);
    await settings.put({}, { model: kind });
    expect((await settings.get({})).value.model).toBe(kind);
    expect((await settings.list().all()).map(({ path }) => path)).toEqual(['/shared/settings']);
  });

  test('subscriptions tell typed values, variables, and what went away', async () => {
    const at = session('watch');
    await notes().put({ session: at, note: 'a' }, { claim: 'before' });
    const seen: unknown[] = [];
    for await (const item of notes().subscribe({ session: at }, { includePrevious: true })) {
      if (item.kind === 'snapshot') {
        seen.push(item.nodes.map(({ variables, value }) => [variables, value.claim]));
        await notes().put({ session: at, note: 'a' }, { claim: 'after' });
        await clientOf().put(`/${at}/task`, 'of no interest');
        await notes().delete({ session: at, note: 'a' });
        await notes().put({ session: at, note: 'b' }, { claim: 'b' });
        await clientOf().copy(`/${at}/notes`, `/${session('copied')}/notes`);
        await clientOf().delete(`/${at}`);
        await clientOf().copy(`/${session('copied')}`, `/${at}`);
      } else if (item.kind === 'event') {
        for (const { action, path, variables, value, previous } of item.changes)
          seen.push([action, path, variables?.note, value?.claim, previous?.value.claim]);
        if (item.changes.at(-1)?.action === 'put' && item.changes.length > 1) break;
      }
    }
    expect(seen).toEqual([
      [[{ session: at, note: 'a' }, 'before']],
      ['put', `/${at}/notes/a`, 'a', 'after', 'before'],
      ['delete', `/${at}/notes/a`, 'a', undefined, 'after'],
      ['put', `/${at}/notes/b`, 'b', 'b', undefined],
      ['delete', `/${at}`, undefined, undefined, undefined],
      ['copy', `/${at}`, undefined, undefined, undefined],
      ['put', `/${at}/notes/b`, 'b', 'b', undefined],
    ]);
  });

  test('the changes of a subscription come one after the other too', async () => {
    const at = session('changes');
    const changes = notes()
      .subscribe({ session: at }, { start: { afterRevision: clientOf().newestRevision } })
      .changes();
    await notes().put({ session: at, note: 'a' }, { claim: 'c' });
    const { value: change } = await changes.next();
    expect(change?.value?.claim).toBe('c');
    await changes.return();
  });

  test('where no schema is registered, something else at such a path is told when its value is asked for', async () => {
    const name = `untyped_${kind}`;
    await clientOf().forests.create(name);
    const free = clientOf().as({ forest: name });
    await free.put('/s/notes/json', { claim: 'c' });
    await free.put('/s/notes/other', new TypedMessage('type.googleapis.com/acme.v1.Other', Uint8Array.of()));
    await free.put(
      '/s/notes/broken',
      new TypedMessage('type.googleapis.com/acme.v1.ResearchNote', Uint8Array.of(10, 200)),
    );
    const told = (await free.typed(ResearchNoteNode).list({ session: 's' }).all()).map((node) => {
      try {
        return node.value.claim;
      } catch (error) {
        return error instanceof TypeMismatchError ? error.message : error;
      }
    });
    expect(told).toEqual([
      '/s/notes/broken holds bytes that cannot be decoded where acme.v1.ResearchNote is due',
      '/s/notes/json holds json where acme.v1.ResearchNote is due',
      '/s/notes/other holds acme.v1.Other where acme.v1.ResearchNote is due',
    ]);
  });
});
