/**
 * Goal: a version of a schema comes into force together with all its values as they are then, or not at all, whichever brokers are asked for it, write
 * meanwhile or end in the middle, and all of them come to the same. Method: replicas in one process; what others do is done while values are mapped, and
 * between the last look at the trunk and the commit's place.
 */
import { afterEach, expect, test } from 'vitest';
import { publish, put, remove, value } from '../../../test/support/forests.ts';
import { beforeEntries, done, Replicas } from '../../../test/support/replicas.ts';
import type { Replica } from '../../../test/support/replicas.ts';
import { settle } from '../../../test/support/watcher.ts';
import type { Root } from '../../state/ghosts/ghost.ts';
import { parseTemplate, templatePattern } from '../../state/schemas/path-template.ts';
import type { RegisterSchema, SchemaVersion } from '../../state/schemas/schema.ts';
import type { MappedValue, ValueMapper } from '../../state/schemas/value-mapper.ts';
import { walkMatching } from '../../trie/walk-matching.ts';

const template = parseTemplate('/notes/{note}');
if ('problem' in template) throw new Error(template.problem);
const bindings = [{ template, messageType: '' }];
const pattern = templatePattern(template);

const open: Replicas[] = [];
afterEach(async () => {
  for (const replicas of open.splice(0)) {
    expect(replicas.fatal).toEqual([]);
    await replicas.close();
  }
});

function register(definition: string, id: string): RegisterSchema {
  const common = { bindings, author: 'owner', request: { id, fingerprint: 1 } };
  return { kind: 'register_schema', name: 'notes', format: 'json_schema', definition, ...common };
}

async function three(): Promise<{ replicas: Replicas; one: Replica; two: Replica }> {
  const replicas = await Replicas.start(3);
  open.push(replicas);
  await replicas.agreeOnFormat();
  const [one, two] = replicas.all;
  if (one === undefined || two === undefined) throw new Error('three were started');
  await one.propose(register('1', 'first'));
  await one.propose(publish([put('/notes/a', 'a'), put('/notes/b', 'b'), put('/free', 'x')]));
  await replicas.caughtUp();
  return { replicas, one, two };
}

/** Writes `2` behind each value; in the middle of it, others write. */
class TestMapper implements ValueMapper {
  asked = 0;
  readonly #meanwhile: (asked: number) => void;

  constructor(meanwhile: (asked: number) => void = () => undefined) {
    this.#meanwhile = meanwhile;
  }

  *map(_: SchemaVersion, root: Root): Generator<void, readonly MappedValue[]> {
    this.asked += 1;
    const mapped: MappedValue[] = [];
    for (const { path, node } of walkMatching(root, [pattern]))
      if (node.entry !== null) mapped.push({ path, value: value('text', `${node.entry.data}2`) });
    this.#meanwhile(this.asked);
    yield;
    return mapped;
  }
}

async function texts(replicas: Replicas): Promise<unknown> {
  await replicas.join();
  expect(new Set(await replicas.hashes()).size).toBe(1);
  const found = replicas.all.map(({ forest }) => {
    const all = [...walkMatching(forest.view().root, [pattern])];
    return all.map(({ path, node }) => `${path.at(-1)}=${node.entry?.data}`).join(' ');
  });
  expect(new Set(found).size).toBe(1);
  return found[0];
}

const write = (replica: Replica, ...operations: Parameters<typeof publish>[0]): void =>
  void replica.propose(publish(operations));

test('a mapping takes in what other brokers write meanwhile, and is not mapped anew for what they write elsewhere', async () => {
  const { replicas, one, two } = await three();
  const mapper = new TestMapper((asked) => {
    if (asked === 1) write(two, put('/notes/a', 'new'), put('/notes/late', 'l'));
    if (asked === 2) write(two, remove('/notes/b'));
  });
  const settled = await done(replicas, one.forest.registerSchema(register('2', 'r'), mapper), (turn) => {
    if (turn % 3 === 0) write(two, put('/free', `${turn}`));
  });
  expect(settled.outcome).toMatchObject({ kind: 'committed', schemaVersion: 2 });
  expect(await texts(replicas)).toBe('a=new2 late=l2');
});

test('what comes between the last look and the place of the commit is mapped too', async () => {
  const { replicas, one, two } = await three();
  const commits = beforeEntries(one, 'commit_ghost', (count) =>
    count === 1 ? two.propose(publish([put('/notes/late', 'l')])) : Promise.resolve(),
  );
  const mapper = new TestMapper();
  const settled = await done(replicas, one.forest.registerSchema(register('2', 'r'), mapper));
  expect(settled.outcome).toMatchObject({ kind: 'committed', schemaVersion: 2 });
  expect([mapper.asked, commits()]).toEqual([2, 2]);
  expect(await texts(replicas)).toBe('a=a2 b=b2 late=l2');
});

test('the commit is tried again where others have written elsewhere, without mapping anew', async () => {
  const { replicas, one, two } = await three();
  const commits = beforeEntries(one, 'commit_ghost', (count) =>
    count <= 5 ? two.propose(publish([put('/free', `${count}`)])) : Promise.resolve(),
  );
  const mapper = new TestMapper();
  const settled = await done(replicas, one.forest.registerSchema(register('2', 'r'), mapper));
  expect(settled.outcome).toMatchObject({ kind: 'committed', schemaVersion: 2 });
  expect([mapper.asked, commits()]).toEqual([1, 6]);
  expect(await texts(replicas)).toBe('a=a2 b=b2');
});

test('two brokers that are asked for the same map once', async () => {
  const { replicas, one, two } = await three();
  const request = register('2', 'r');
  const both = Promise.all([one, two].map(({ forest }) => forest.registerSchema(request, new TestMapper())));
  const settled = await done(replicas, both);
  expect(settled.map(({ outcome }) => outcome.kind)).toEqual(['committed', 'committed']);
  expect(settled.filter(({ repeated }) => repeated)).toHaveLength(1);
  expect(await texts(replicas)).toBe('a=a2 b=b2');
});

test('one that ends half-way leaves nothing, and is repeated at another broker', async () => {
  const { replicas, one, two } = await three();
  const request = register('2', 'r');
  const cut = one.forest.registerSchema(
    request,
    new TestMapper(() => one.log.set({ in: false, out: false })),
  );
  const settled = await done(replicas, cut, (turn) => {
    if (turn > 3) one.clock.advance(1_000);
  });
  expect(settled.outcome).toMatchObject({ reason: 'JOURNAL_UNAVAILABLE' });
  const again = await done(replicas, two.forest.registerSchema(request, new TestMapper()));
  expect(again.outcome).toMatchObject({ kind: 'committed', schemaVersion: 2 });
  one.log.set({ in: true, out: true });
  for (let turn = 0; turn < 20; turn += 1) {
    await replicas.advance(100);
    await settle();
  }
  expect((await done(replicas, one.forest.registerSchema(request, new TestMapper()))).repeated).toBe(true);
  expect(await texts(replicas)).toBe('a=a2 b=b2');
});
