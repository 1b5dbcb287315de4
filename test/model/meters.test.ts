/**
 * Goal: the meters tell what agents moved, exactly, whatever happens in a forest: in ghosts, races, commits and reverts, after a restart,
 * and after counting fell so far behind that the journal had to be read again. Method: random commands against a forest on a journal in
 * memory, beside a count that shares nothing with the meters; its tokenizer says that three characters are a token.
 */
import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/base/clock.ts';
import { tokensWaitingMax } from '../../src/base/limits.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import type { ForestMeters } from '../../src/meters/forest-meters.ts';
import { Meters } from '../../src/meters/meters.ts';
import type { CountTokens } from '../../src/meters/token-queue.ts';
import { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Operation } from '../../src/state/command.ts';
import { append, begin, commit, copy, path, publish, put, remove } from '../support/forests.ts';
import { hastyClock, holds } from '../support/hasty-clock.ts';

const price = 0.25;
const tokensOf = (text: string): number => Math.ceil(text.length / 3);

const counter: CountTokens = function* count(text) {
  yield;
  return tokensOf(text);
};

function newMeters(load: () => Promise<CountTokens> = () => Promise.resolve(counter)): Meters {
  return new Meters({
    clock: hastyClock,
    cachedTokenPrice: price,
    load,
    onFailure: (error) => {
      throw error;
    },
  });
}

function open(journal: MemoryJournal, meters: Meters): Promise<LiveForest> {
  return LiveForest.open({
    name: 'test',
    journal,
    clock: systemClock,
    random: seededRandom(1),
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
    meters,
  });
}

function metersOf({ meters }: LiveForest): ForestMeters {
  if (meters === null) throw new Error('the forest has no meters');
  return meters;
}

/** What one agent did in one tree, counted by hand. */
interface Count {
  publishes: number;
  bytes: number;
  tokens: number;
  historyBytes: number;
  historyTokens: number;
  historyPrice: number;
  lastHistory: number;
}

/** The independent count: texts in, by agent and tree. */
class HandCount {
  readonly counts = new Map<string, Count>();
  readonly #trees = new Map<string, { bytes: number; tokens: number }>();

  /** One publish: the texts that it brought to each tree. */
  published(agent: string, texts: readonly (readonly [tree: string, text: string])[]): void {
    for (const tree of new Set(texts.map(([name]) => name))) {
      const own = texts.filter(([name]) => name === tree).map(([, text]) => text);
      const total = this.#trees.get(tree) ?? { bytes: 0, tokens: 0 };
      this.#trees.set(tree, total);
      const key = `${agent} ${tree}`;
      const none = { publishes: 0, bytes: 0, tokens: 0, historyBytes: 0, historyTokens: 0 };
      const count = this.counts.get(key) ?? { ...none, historyPrice: 0, lastHistory: 0 };
      this.counts.set(key, count);
      count.publishes += 1;
      count.historyBytes += total.bytes;
      count.historyTokens += total.tokens;
      count.historyPrice += total.tokens - count.lastHistory + count.lastHistory * price;
      count.lastHistory = total.tokens;
      for (const text of own) {
        const [bytes, tokens] = [Buffer.byteLength(text), tokensOf(text)];
        count.bytes += bytes;
        count.tokens += tokens;
        total.bytes += bytes;
        total.tokens += tokens;
      }
    }
  }

  get table(): unknown[] {
    const rows = [...this.counts].map(([key, count]) => {
      const { publishes, bytes, tokens, historyBytes, historyTokens, historyPrice } = count;
      return { key, publishes, bytes, tokens, historyBytes, historyTokens, historyPrice };
    });
    return rows.sort((a, b) => (a.key < b.key ? -1 : 1)).map(rounded);
  }
}

function told(meters: ForestMeters): unknown[] {
  const rows = meters.reports().map(({ agent, tree, publishes, published, fullHistory, price: paid }) => ({
    key: `${agent} ${tree}`,
    publishes,
    bytes: published.bytes,
    tokens: published.tokens,
    historyBytes: fullHistory.bytes,
    historyTokens: fullHistory.tokens,
    historyPrice: paid.fullHistoryCached,
  }));
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1)).map(rounded);
}

function rounded<T extends { readonly historyPrice: number }>(row: T): T {
  return { ...row, historyPrice: Math.round(row.historyPrice * 1_000) / 1_000 };
}

const agents = ['ann', 'bob', 'cy', ''];
const trees = ['one', 'two', 'three'];
const words = ['etcd ', 'sorts ', 'its ', 'keys, ', 'schläft ', '眠る '];

/** An operation, with what it brings as text; `null` for what brings nothing. */
function randomOperation(random: Random): readonly [Operation, tree: string, text: string | null] {
  const tree = trees[random.below(trees.length)] ?? '';
  const at = `/${tree}/n${random.below(6)}`;
  const text = Array.from({ length: 1 + random.below(20) }, () => words[random.below(words.length)]).join('');
  switch (random.below(8)) {
    case 0:
      return [remove(at), tree, null];
    case 1:
      return [copy(`/${tree}`, `/${tree}_copy`), `${tree}_copy`, null];
    case 2: {
      const amount = BigInt(random.below(1_000));
      const increment: Operation = { kind: 'increment', path: path(`/${tree}/count`), amount };
      return [increment, tree, String(amount)];
    }
    case 3: {
      const patch = JSON.stringify({ [`k${random.below(4)}`]: text });
      const patchBytes = Buffer.byteLength(patch);
      return [{ kind: 'merge', path: path(`/${tree}/json`), patch, patchBytes }, tree, patch];
    }
    case 4:
    case 5:
      return [append(`/${tree}/log`, text), tree, text];
    default:
      return [put(at, text), tree, text];
  }
}

/** Publishes something random, on the trunk or in a ghost, and counts it where it took effect. */
async function publishRandom(
  forest: LiveForest,
  random: Random,
  hand: HandCount,
  ghostId = '',
): Promise<number> {
  const chosen = Array.from({ length: 1 + random.below(4) }, () => randomOperation(random));
  const author = agents[random.below(agents.length)] ?? '';
  const command = publish(
    chosen.map(([operation]) => operation),
    { author, ghostId },
  );
  const { outcome } = await forest.propose(command);
  if (outcome.kind !== 'published') return 0;
  hand.published(
    author,
    chosen.map(([, tree, text]) => [tree, text ?? '']),
  );
  return outcome.revision;
}

/** Ghosts with children, checkpoints, commits and reverts: only what agents published in them counts. */
async function workInGhosts(forest: LiveForest, random: Random, hand: HandCount): Promise<void> {
  const ghost = begin(forest);
  await forest.propose(ghost);
  for (let count = random.below(3); count >= 0; count -= 1)
    await publishRandom(forest, random, hand, ghost.ghostId);
  if (random.below(2) === 0) {
    const child = begin(forest, { parentId: ghost.ghostId, baseRevision: ghost.baseRevision });
    await forest.propose(child);
    await publishRandom(forest, random, hand, child.ghostId);
    await forest.propose(commit(child.ghostId));
  }
  const end = { ghostId: ghost.ghostId, reason: 'wrong', author: 'ann', request: null };
  if (random.below(3) === 0) await forest.propose({ kind: 'rewind_ghost', checkpoint: '', ...end });
  if (random.below(2) === 0) await forest.propose(commit(ghost.ghostId));
  else await forest.propose({ kind: 'revert_ghost', ...end });
}

describe('the meters of a forest', () => {
  it.each([1, 2, 3, 4])(
    'are those of an independent count, before and after a restart (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const journal = new MemoryJournal();
      const hand = new HandCount();
      const forest = await open(journal, newMeters());
      for (let round = 0; round < 400; round += 1) {
        const chance = random.below(10);
        if (chance === 0) await workInGhosts(forest, random, hand);
        const revision = await publishRandom(forest, random, hand);
        if (chance !== 1 || revision === 0) continue;
        await forest.reverts.revision({ revision, reason: 'no', author: 'bob', request: null }, null);
      }
      const meters = metersOf(forest);
      await holds(() => meters.isSettled);
      expect(hand.counts.size).toBeGreaterThan(10);
      expect(told(meters)).toEqual(hand.table);
      expect([meters.uncountedBytes, meters.afterPosition]).toEqual([0, 0]);
      expect(meters.position).toBe(forest.view().position);

      const again = await open(journal, newMeters());
      const reopened = metersOf(again);
      await holds(() => reopened.position === again.view().position && reopened.isSettled);
      expect(told(reopened)).toEqual(hand.table);
      for (let count = 0; count < 20; count += 1) await publishRandom(again, random, hand);
      await holds(() => reopened.isSettled);
      expect(told(reopened)).toEqual(hand.table);
      await again.close();
    },
  );

  it('tell bytes at once and estimate tokens while they are behind, and catch up exactly from the journal', async () => {
    const gate = Promise.withResolvers<CountTokens>();
    const random = seededRandom(7);
    const hand = new HandCount();
    const forest = await open(
      new MemoryJournal(),
      newMeters(() => gate.promise),
    );
    const meters = metersOf(forest);
    const publishes = tokensWaitingMax + 5_000;
    for (let count = 0; count < publishes; count += 1) {
      const [author = '', tree = ''] = [
        agents[random.below(agents.length)],
        trees[random.below(trees.length)],
      ];
      const text = `${words[random.below(words.length)]}${random.below(1_000)}`;
      void forest.propose(publish([put(`/${tree}/note`, text)], { author }));
      hand.published(author, [[tree, text]]);
    }
    await forest.durable(forest.appliedPosition);
    const behind = meters.reports();
    const sum = (part: (report: (typeof behind)[number]) => number): number =>
      behind.reduce((total, report) => total + part(report), 0);
    expect(sum((report) => report.publishes)).toBe(publishes);
    expect(sum(({ published }) => published.tokens)).toBe(sum(({ published }) => published.estimatedTokens));
    expect(sum(({ published }) => published.bytes)).toBe(meters.uncountedBytes);
    expect(meters.isSettled).toBe(false);
    gate.resolve(counter);
    await holds(() => meters.isSettled);
    expect(told(meters)).toEqual(hand.table);
    expect(meters.reports().every(({ published }) => published.estimatedTokens === 0)).toBe(true);
    await forest.close();
  });

  it('keep an estimate for what was compacted before it was counted', async () => {
    const gate = Promise.withResolvers<CountTokens>();
    const forest = await open(
      new MemoryJournal(),
      newMeters(() => gate.promise),
    );
    const meters = metersOf(forest);
    const text = 'abcabc';
    const count = tokensWaitingMax + 1_000;
    for (let index = 0; index < count; index += 1)
      void forest.propose(publish([put('/tree/note', text)], { author: 'ann' }));
    await forest.durable(forest.appliedPosition);
    await forest.compact(0, null);
    gate.resolve(counter);
    await holds(() => meters.isSettled);
    const [report] = meters.reports();
    expect(report?.published.bytes).toBe(count * text.length);
    // The ratio of what was counted holds for the rest.
    expect(report?.published.tokens).toBe(count * 2);
    expect(report?.published.estimatedTokens).toBeGreaterThan(0);
    expect(report?.fullHistory.bytes).toBe((text.length * count * (count - 1)) / 2);
    await forest.close();
  });
});
