/**
 * Goal: a version comes into force together with all its values as they are then, or not at all, whoever writes meanwhile and wherever
 * the broker is cut off. Method: forests on a memory journal whose mapper and clock do, at chosen moments, what others would do.
 */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import { mappedValuesHeldMax, mappedValuesPerDiffMax, mappingAttemptsMax } from '../base/limits.ts';
import { seededRandom } from '../base/random.ts';
import { MemoryJournal } from '../journal/memory/journal.ts';
import type { Journal } from '../journal/journal.ts';
import type { Command } from '../state/command.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import { parseTemplate, templatePattern } from '../state/schemas/path-template.ts';
import type { RegisterSchema, SchemaVersion } from '../state/schemas/schema.ts';
import type { MappedValue, ValueMapper } from '../state/schemas/value-mapper.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import { publish, put, remove, value } from '../../test/support/forests.ts';
import { LiveForest } from './live-forest.ts';

const template = parseTemplate('/notes/{note}');
if ('problem' in template) throw new Error(template.problem);
const bindings = [{ template, messageType: '' }];
const pattern = templatePattern(template);

function open(journal: Journal = new MemoryJournal(), clock: Clock = systemClock): Promise<LiveForest> {
  const random = seededRandom(1);
  const onWriteStop = () => undefined;
  return LiveForest.open({
    name: 'test',
    journal,
    clock,
    random,
    snapshotJournalBytes: Infinity,
    onWriteStop,
  });
}

function register(definition: string, id = ''): RegisterSchema {
  const request = id === '' ? null : { id, fingerprint: 1 };
  const format = 'json_schema';
  return { kind: 'register_schema', name: 'notes', format, definition, bindings, author: 'owner', request };
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
    for (const { path, node } of walkMatching(root, [pattern])) {
      if (node.entry !== null) mapped.push({ path, value: value('text', `${node.entry.data}2`) });
    }
    this.#meanwhile(this.asked);
    yield;
    return mapped;
  }
}

/** A clock that does something at each turn of the event loop that is given away while a ghost lives; it can stop there for ever. */
function interrupted(
  forest: () => LiveForest | undefined,
  atTurn: (turns: number) => 'go on' | 'stop',
): Clock {
  let turns = 0;
  return {
    ...systemClock,
    setTimer(delayMs, callback) {
      const isLive =
        delayMs === 0 &&
        (forest()
          ?.ghosts()
          .some((ghost) => 'root' in ghost) ??
          false);
      if (isLive && atTurn((turns += 1)) === 'stop') return { cancel: () => undefined };
      return systemClock.setTimer(delayMs, callback);
    },
  };
}

async function furnish(forest: LiveForest, values = 2): Promise<void> {
  await forest.propose(register('1'));
  const puts = Array.from({ length: values }, (_, index) => put(`/notes/n${index}`, `v${index}-`));
  await forest.propose(publish([...puts, put('/free', 'x')]));
}

function texts(forest: LiveForest): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, node } of walkMatching(forest.view().root, [pattern]))
    if (node.entry !== null) found[path.join('/')] = node.entry.data;
  return found;
}

const liveGhosts = (forest: LiveForest) => forest.ghosts().filter((ghost) => 'root' in ghost).length;
const write = (forest: LiveForest, command: Command) => forest.submit(command, () => undefined);

describe('a mapping beside writers', () => {
  test('maps everything again when a value has changed, come or gone, and not for others', async () => {
    const forest = await open();
    await furnish(forest);
    const mapper = new TestMapper((asked) => {
      write(forest, publish([put('/free', `${asked}`)]));
      if (asked === 1) write(forest, publish([put('/notes/n0', 'w-')]));
      if (asked === 2) write(forest, publish([put('/notes/late', 'l-')]));
      if (asked === 3) write(forest, publish([remove('/notes/n1')]));
    });
    const { outcome } = await forest.registerSchema(register('2'), mapper);
    expect(outcome).toMatchObject({ kind: 'committed', operations: 2, schemaVersion: 2 });
    expect(mapper.asked).toBe(4);
    expect(texts(forest)).toEqual({ 'notes/n0': 'w-2', 'notes/late': 'l-2' });
    expect(liveGhosts(forest)).toBe(0);
  });

  test('gives up when values change in every attempt, and leaves nothing behind', async () => {
    const forest = await open();
    await furnish(forest);
    const mapper = new TestMapper((asked) => write(forest, publish([put('/notes/n0', `w${asked}`)])));
    const request = register('2', 'r');
    expect((await forest.registerSchema(request, mapper)).outcome).toMatchObject({ reason: 'CONFLICT' });
    expect(mapper.asked).toBe(mappingAttemptsMax);
    expect([forest.schemas.newest('notes')?.version, liveGhosts(forest)]).toEqual([1, 0]);
    // It is not remembered: who asks again may be luckier.
    const again = await forest.registerSchema(request, new TestMapper());
    expect(again).toMatchObject({ repeated: false, outcome: { kind: 'committed', schemaVersion: 2 } });
  });

  test('notices what changes between two turns of its staging; few values are then mapped without a turn', async () => {
    let forest: LiveForest | undefined = undefined as LiveForest | undefined;
    let writes = 0;
    const clock = interrupted(
      () => forest,
      (turns) => {
        if (forest !== undefined && turns === 2) {
          writes += 1;
          write(forest, publish([put('/notes/n0', `w${writes}-`)]));
        }
        return 'go on';
      },
    );
    forest = await open(new MemoryJournal(), clock);
    const count = mappedValuesPerDiffMax * 3;
    expect(count).toBeLessThan(mappedValuesHeldMax);
    await furnish(forest, count);
    const mapper = new TestMapper();
    const { outcome } = await forest.registerSchema(register('2'), mapper);
    expect(outcome).toMatchObject({ kind: 'committed', operations: count, schemaVersion: 2 });
    expect([mapper.asked, writes]).toEqual([2, 1]);
    expect(Object.values(texts(forest)).every((text) => text.endsWith('-2'))).toBe(true);
    expect(texts(forest)['notes/n0']).toBe('w1-2');
  });

  test('starts again from a version that comes meanwhile', async () => {
    const forest = await open();
    await furnish(forest);
    const seen: number[] = [];
    const mapper = new TestMapper((asked) => {
      seen.push(forest.schemas.newest('notes')?.version ?? 0);
      if (asked === 1) write(forest, register('between'));
    });
    const { outcome } = await forest.registerSchema(register('2'), mapper);
    expect(outcome).toMatchObject({ kind: 'committed', schemaVersion: 3 });
    expect(seen).toEqual([1, 2]);
    // Nothing is mapped twice where the version itself has come.
    const same = new TestMapper((asked) => {
      if (asked === 1) write(forest, register('4'));
    });
    const late = await forest.registerSchema(register('4'), same);
    expect(late.outcome).toMatchObject({ kind: 'schema_registered', version: 4, unchanged: true });
    expect(texts(forest)).toEqual({ 'notes/n0': 'v0-2', 'notes/n1': 'v1-2' });
  });
});

describe('a request', () => {
  test('that is repeated is answered as before, also while it is at work and after a restart', async () => {
    const journal = new MemoryJournal();
    const forest = await open(journal);
    await furnish(forest);
    const command = register('2', 'r');
    const both = await Promise.all([
      forest.registerSchema(command, new TestMapper()),
      forest.registerSchema(command, new TestMapper()),
    ]);
    expect(both.filter(({ repeated }) => repeated)).toHaveLength(1);
    expect(both[0].outcome).toEqual(both[1].outcome);
    expect(liveGhosts(forest)).toBe(0);
    const hash = await forest.stateHash();
    const reopened = await open(journal);
    expect(await reopened.stateHash()).toEqual(hash);
    const mapper = new TestMapper();
    expect(await reopened.registerSchema(command, mapper)).toEqual({
      outcome: both[0].outcome,
      repeated: true,
    });
    expect(mapper.asked).toBe(0);
    expect(texts(reopened)).toEqual({ 'notes/n0': 'v0-2', 'notes/n1': 'v1-2' });
  });

  test('that is refused by the mapper changes nothing', async () => {
    const forest = await open();
    await furnish(forest);
    const { position } = forest.status;
    const refusal = reject('SCHEMA_STORED', 'they cannot be mapped', {});
    const mapper: ValueMapper = {
      *map() {
        yield;
        return refusal;
      },
    };
    expect((await forest.registerSchema(register('2'), mapper)).outcome).toEqual(refusal);
    expect(await forest.trySchema(register('2'), mapper)).toEqual(refusal);
    expect(forest.status.position).toBe(position);
  });

  test('that is only tried writes nothing', async () => {
    const forest = await open();
    await furnish(forest);
    const { position } = forest.status;
    const tried = await forest.trySchema(register('2'), new TestMapper());
    expect(tried).toMatchObject({ mapped: 2, version: { version: 2 } });
    expect([forest.status.position, texts(forest)['notes/n0']]).toEqual([position, 'v0-']);
    const none = await forest.trySchema({ ...register('2'), name: 'other' }, new TestMapper());
    expect(none).toMatchObject({ reason: 'SCHEMA_NOT_FOUND' });
  });
});

test('a crash in the middle leaves the trunk as it was, and the mapping can be asked for again', async () => {
  const journal = new MemoryJournal();
  let forest: LiveForest | undefined = undefined as LiveForest | undefined;
  let crash = (): void => undefined;
  const crashed = new Promise<void>((resolve) => (crash = resolve));
  const clock = interrupted(
    () => forest,
    (turns) => {
      if (turns < 2) return 'go on';
      crash();
      return 'stop';
    },
  );
  forest = await open(journal, clock);
  const count = mappedValuesPerDiffMax * 3;
  await furnish(forest, count);
  void forest.registerSchema(register('2', 'r'), new TestMapper());
  await crashed;
  await journal.flush();
  const reopened = await open(journal);
  expect([reopened.schemas.newest('notes')?.version, liveGhosts(reopened)]).toEqual([1, 1]);
  expect(texts(reopened)['notes/n0']).toBe('v0-');
  const { outcome, repeated } = await reopened.registerSchema(register('2', 'r'), new TestMapper());
  expect(outcome).toMatchObject({ kind: 'committed', operations: count, schemaVersion: 2 });
  expect(repeated).toBe(false);
  expect(texts(reopened)['notes/n0']).toBe('v0-2');
});

test('all nodes of one lease are mapped, and stay bound to it', async () => {
  const forest = await open();
  await forest.registerSchema(register('1'));
  await forest.propose({
    kind: 'grant_lease',
    leaseId: 'l',
    ttlMs: 60_000,
    label: '',
    author: '',
    request: null,
  });
  const notes = Array.from({ length: 6_000 }, (_, index) => ({
    ...put(`/notes/${index}`, 'a'),
    leaseId: 'l',
  }));
  await forest.propose(publish(notes));
  const { outcome } = await forest.registerSchema(register('2'), new TestMapper());
  expect(outcome).toMatchObject({ kind: 'committed', operations: 6_000 });
  expect(forest.lockViews.lease('l')).toMatchObject({ nodes: { size: 6_000 } });
});
