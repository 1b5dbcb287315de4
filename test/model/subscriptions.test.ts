/**
 * Goal: guarantee 7 of design.md. Subscriptions are ordered, unique, reliable, atomic, resumable and bookmarkable.
 * Method: a forest whose journal becomes durable in random batches gets thousands of random commands, while subscribers of
 * every kind come, fill up, drain at random moments (even inside one another's calls), and leave. Afterwards each one's
 * messages are held against a naive filter of the whole history, read back from the journal. The memory of recent events
 * is tiny in half of the runs, so that the journal is what they catch up from.
 */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { Command, Operation } from '../../src/state/command.ts';
import type { ForestEvent } from '../../src/state/event.ts';
import type { Delivery } from '../../src/subscriptions/delivery.ts';
import type { Scope, Start } from '../../src/subscriptions/subscription.ts';
import { formatPath } from '../../src/trie/path.ts';
import { append, begin, commit, copy, path, publish, put, remove } from '../support/forests.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { settle, Watcher } from '../support/watcher.ts';
import {
  changeText,
  inScope,
  isEnd,
  Mirror,
  patternMatches,
  toldOf,
  valuesOf,
  valueText,
  whatOf,
} from './naive-subscription.ts';
import type { Told } from './naive-subscription.ts';

const steps = Number(process.env['MODEL_COMMANDS'] ?? 2_000);
const patterns = [
  '/**',
  '/*',
  '/a',
  '/a/**',
  '/a/b/**',
  '/a/b',
  '/*/b',
  '/**/c',
  '/a/*/c',
  '/*/*',
  '/bc/**',
  '/b/**/c',
];

describe.each([
  { seed: 1, recentEventsMax: 8 },
  { seed: 2, recentEventsMax: 8_192 },
  { seed: 3, recentEventsMax: 0 },
  { seed: 4, recentEventsMax: 100 },
])('seed $seed, $recentEventsMax recent events', ({ seed, recentEventsMax }) => {
  test(`every subscriber of ${steps} commands is told exactly what concerns it`, async () => {
    const run = new Run(seededRandom(seed), recentEventsMax);
    await run.open();
    for (let index = 0; index < steps; index += 1) await run.step(index);
    await run.drain();
    const history = await run.history();
    for (const watched of run.watched) await run.check(watched, history);
    await run.checkResumed();
    console.log(JSON.stringify({ seed, ...run.counts(history), checked: run.checked }));
    expect(run.counts(history)).toMatchObject({ complaints: [] });
    expect(run.checked.events).toBeGreaterThan(steps * 3);
    expect(run.checked.mirrors).toBeGreaterThan(steps / 250);
    expect(run.checked.orderlyEnds).toBeGreaterThan(steps / 500);
    expect(run.checked.resumed).toBeGreaterThan(steps / 60);
  }, 120_000);
});

interface Watched {
  readonly watcher: Watcher;
  /** It is to be told of what comes after this position. */
  readonly after: number | { readonly revision: number };
}

class Run {
  readonly watched: Watched[] = [];
  readonly checked = { events: 0, mirrors: 0, orderlyEnds: 0, resumed: 0 };
  readonly #random: Random;
  readonly #recentEventsMax: number;
  readonly #journal = new MemoryJournal({ durability: 'held' });
  readonly #clock = new ManualClock();
  readonly #ghostIds: string[] = [];
  /** What was worked out before for the same patterns. */
  readonly #told = new Map<string, Told>();
  readonly #values = new Map<number, ReadonlyMap<string, string>>();
  #forest: LiveForest | null = null;

  constructor(random: Random, recentEventsMax: number) {
    this.#random = random;
    this.#recentEventsMax = recentEventsMax;
  }

  async open(): Promise<void> {
    this.#forest = await LiveForest.open({
      name: 'test',
      journal: this.#journal,
      clock: this.#clock,
      random: this.#random,
      snapshotJournalBytes: Infinity,
      onWriteStop: () => undefined,
      recentEventsMax: this.#recentEventsMax,
    });
  }

  get forest(): LiveForest {
    if (this.#forest === null) throw new Error('not open');
    return this.#forest;
  }

  async step(index: number): Promise<void> {
    this.forest.submit(this.#command(index), () => undefined);
    if (this.#chance(3)) this.#makeDurable();
    if (this.#chance(4)) await settle();
    if (this.#chance(40)) this.#clock.advance(this.#random.below(900));
    if (this.#chance(25)) this.#subscribe();
    for (const { watcher } of this.watched) if (this.#chance(8)) watcher.drained();
    if (this.#chance(300)) this.#any(this.watched)?.watcher.cancel();
  }

  /** Lets everybody read to the end. */
  async drain(): Promise<void> {
    // Twice, since a bookmark's timer may find a ghost over, and the time that passes may end more of them.
    for (const byMs of [1_000, 1_000]) {
      this.#clock.advance(byMs);
      this.#journal.makeDurable(this.#journal.lastPosition);
      await this.#untilAllHaveRead();
    }
  }

  async #untilAllHaveRead(): Promise<void> {
    for (let round = 0; round < 100_000; round += 1) {
      await settle();
      const full = this.watched.filter(
        ({ watcher }) => watcher.isFull && watcher.ended === undefined && !watcher.isCancelled,
      );
      if (full.length === 0 && this.forest.hub.catchingUp === 0) return;
      for (const { watcher } of full) watcher.drained();
    }
    throw new Error(`${this.forest.hub.catchingUp} subscribers never came to the end`);
  }

  async history(): Promise<readonly ForestEvent[]> {
    const events: ForestEvent[] = [];
    for await (const batch of this.forest.readEvents(0, Infinity)) events.push(...batch);
    for (const { revision } of events) {
      if (revision > 0) this.#values.set(revision, valuesOf(await this.forest.rootAt(revision)));
    }
    return events;
  }

  async check({ watcher, after }: Watched, history: readonly ForestEvent[]): Promise<void> {
    const { scope, start } = watcher.request;
    const name = JSON.stringify([watcher.patterns, scope, start, after]);
    const from =
      typeof after === 'number'
        ? after
        : (history.find(({ revision }) => revision > 0 && revision === after.revision)?.position ?? 0);
    const { expected, end } = this.#expected(watcher, history, from);
    const received = watcher.deliveries.map((delivery, index) => receivedOf(delivery, expected[index]));
    this.checked.events += received.length;
    const whole = watcher.isCancelled ? expected.slice(0, received.length) : expected;
    // The texts are compared first: the comparison of thousands of objects takes longer than all the rest.
    if (JSON.stringify(received) !== JSON.stringify(whole))
      expect({ name, received }).toEqual({ name, received: whole });
    for (const bookmark of watcher.bookmarks) {
      const next = expected.findIndex(({ position }) => position > bookmark.position);
      const claimed = next < 0 ? expected.length : next;
      expect({ name, bookmark, claimed }).toEqual({ name, bookmark, claimed: bookmark.received });
      if (scope.kind === 'ghost') continue;
      const newest = expected.slice(0, claimed).findLast(({ revision }) => revision > 0);
      expect(bookmark.revision).toBeGreaterThanOrEqual(newest?.revision ?? 0);
      const later = expected.slice(claimed).find(({ revision }) => revision > 0);
      expect(bookmark.revision).toBeLessThan(later?.revision ?? Infinity);
    }
    if (watcher.isCancelled) return;
    if (scope.kind === 'ghost') this.#checkGhostEnd(watcher, end);
    else expect({ name, ended: watcher.ended }).toEqual({ name, ended: undefined });
    if (start.kind === 'snapshot' && scope.kind !== 'ghost') this.#checkMirror(watcher, name);
  }

  /** Who goes on from a bookmark, in a new subscription, gets exactly what was left. */
  async checkResumed(): Promise<void> {
    const resumed: Watched[] = [];
    for (const { watcher } of this.watched) {
      const bookmark = this.#any(watcher.bookmarks);
      if (bookmark === undefined) continue;
      const { scope } = watcher.request;
      const byRevision = scope.kind === 'trunk' && this.#chance(2);
      const start: Start = byRevision
        ? { kind: 'after_revision', revision: bookmark.revision }
        : { kind: 'after_position', position: bookmark.position };
      const again = new Watcher({
        patterns: watcher.patterns,
        scope,
        start,
        takesMore: () => !this.#chance(6),
      });
      again.subscribe(this.forest.hub);
      resumed.push({ watcher: again, after: bookmark.position });
    }
    this.watched.push(...resumed);
    await this.drain();
    const history = await this.history();
    for (const one of resumed) await this.check(one, history);
    this.checked.resumed += resumed.length;
  }

  counts(history: readonly ForestEvent[]): Record<string, unknown> {
    const complaints = this.watched.flatMap(({ watcher }) => watcher.complaints);
    return { events: history.length, watchers: this.watched.length, complaints };
  }

  #expected(
    watcher: Watcher,
    history: readonly ForestEvent[],
    from: number,
  ): { expected: Told[]; end: ForestEvent | undefined } {
    const { scope } = watcher.request;
    const expected: Told[] = [];
    for (const event of history) {
      if (event.position <= from) continue;
      const nodes = (): ReadonlyMap<string, string> => this.#values.get(event.revision) ?? new Map();
      const key = `${event.position} ${event.ghostId} ${watcher.patterns.join()} ${scope.kind === 'trunk'}`;
      const told = inScope(scope, event)
        ? (this.#told.get(key) ?? toldOf(watcher.patterns, scope, event, nodes))
        : null;
      if (told !== null) this.#told.set(key, told);
      if (told !== null) expected.push(told);
      if (scope.kind === 'ghost' && event.ghostId === scope.ghostId && isEnd(event))
        return { expected, end: event };
    }
    return { expected, end: undefined };
  }

  #checkGhostEnd(watcher: Watcher, end: ForestEvent | undefined): void {
    const { scope } = watcher.request;
    if (scope.kind !== 'ghost') return;
    if (end !== undefined) {
      expect(watcher.ended).toBeNull();
      this.checked.orderlyEnds += 1;
    } else if ('root' in this.forest.ghost(scope.ghostId)) {
      expect(watcher.ended).toBeUndefined();
    } else {
      expect(watcher.ended).toMatchObject({ reason: expect.stringMatching(/^GHOST_(OVER|NOT_FOUND)$/) });
    }
  }

  #checkMirror(watcher: Watcher, name: string): void {
    const mirror = new Mirror();
    for (const { path: at, node } of watcher.nodes) {
      if (node.entry !== null) mirror.values.set(formatPath(at), valueText(node.entry));
    }
    for (const { event, changes } of watcher.deliveries) {
      if (event.revision > 0) mirror.apply(changes, watcher.patterns);
    }
    const trunk = [...valuesOf(this.forest.view().root)];
    const matching = trunk.filter(([at]) => watcher.patterns.some((pattern) => patternMatches(pattern, at)));
    expect({ name, values: Object.fromEntries(mirror.values) }).toEqual({
      name,
      values: Object.fromEntries(matching),
    });
    this.checked.mirrors += 1;
  }

  #subscribe(): void {
    const scope = this.#scope();
    const start = this.#start();
    const { position } = this.forest.view();
    const isFromNow = start.kind === 'snapshot' || start.kind === 'now';
    if (scope.kind === 'ghost' && isFromNow && !('root' in this.forest.ghost(scope.ghostId))) return;
    const slow = 2 + this.#random.below(30);
    const watcher = new Watcher({
      patterns: Array.from({ length: 1 + this.#random.below(2) }, () => this.#any(patterns) ?? '/'),
      scope,
      start,
      needsRoots: this.#chance(10),
      takesMore: () => this.#meddle(slow),
    });
    const now = scope.kind === 'ghost' ? this.forest.appliedPosition : position;
    const after =
      start.kind === 'after_position'
        ? start.position
        : start.kind === 'after_revision'
          ? { revision: start.revision }
          : now;
    this.watched.push({ watcher, after });
    watcher.subscribe(this.forest.hub);
  }

  /** Whether a receiver takes more; at times, somebody else has room again or leaves in that very moment. */
  #meddle(slow: number): boolean {
    if (this.#chance(20)) this.#any(this.watched)?.watcher.drained();
    if (this.#chance(2_000)) this.#any(this.watched)?.watcher.cancel();
    return !this.#chance(slow);
  }

  #scope(): Scope {
    const ghostId = this.#any(this.#chance(3) ? this.#ghostIds : this.#ghostIds.slice(-6));
    const dice = this.#random.below(5);
    if (dice < 2 && ghostId !== undefined) return { kind: 'ghost', ghostId };
    return { kind: dice === 2 ? 'everything' : 'trunk' };
  }

  #start(): Start {
    const { revision, position } = this.forest.view();
    switch (this.#random.below(5)) {
      case 0:
        return { kind: 'now' };
      case 1:
        return { kind: 'after_revision', revision: this.#random.below(revision + 1) };
      case 2:
        return { kind: 'after_position', position: this.#random.below(position + 1) };
      default:
        return { kind: 'snapshot' };
    }
  }

  #command(index: number): Command {
    const dice = this.#random.below(100);
    const ghostId = this.#any(this.#ghostIds.slice(-8)) ?? '';
    const common = { author: 'agent', request: null } as const;
    if (dice < 66) return this.#publish(dice < 45 ? '' : ghostId, index);
    if (dice < 78 || ghostId === '') {
      const parentId = this.#chance(4) ? ghostId : '';
      const scope = path(this.#chance(2) ? '/a' : '/');
      const command = begin(this.forest, { parentId, scope, ttlMs: 5_000 + this.#random.below(60_000) });
      this.#ghostIds.push(command.ghostId);
      return command;
    }
    if (dice < 84) return { kind: 'checkpoint_ghost', ghostId, name: `c${index}`, ...common };
    if (dice < 88) return { kind: 'rewind_ghost', ghostId, checkpoint: '', reason: 'r', ...common };
    if (dice < 92) return { kind: 'revert_ghost', ghostId, reason: 'r', ...common };
    return commit(ghostId);
  }

  #publish(ghostId: string, index: number): Command {
    const operations = Array.from({ length: 1 + this.#random.below(3) }, () => this.#operation());
    return {
      ...publish(operations, { ghostId, author: `agent_${this.#random.below(3)}` }),
      label: `${index}`,
    };
  }

  #operation(): Operation {
    const at = this.#path();
    switch (this.#random.below(12)) {
      case 0:
        return remove(at);
      case 1:
        return { kind: 'delete', path: path(at), scope: 'node' };
      case 2:
        return copy(this.#path(), at, this.#chance(3) ? Math.min(this.forest.view().revision, 5) : 0);
      case 3:
        return append(at, 'x');
      case 4:
        return append(at, '1', 'items');
      case 5:
        return { kind: 'increment', path: path(at), amount: 3n };
      case 6: {
        const patch = this.#chance(2) ? '{"k":1}' : '{"k":null,"l":{"m":2}}';
        return { kind: 'merge', path: path(at), patch, patchBytes: patch.length };
      }
      case 7:
        return put(at, '[1]', 'json');
      default:
        return put(at, `v${this.#random.below(1_000)}`);
    }
  }

  #path(): string {
    const segments = ['a', 'b', 'c', 'bc', 'd'];
    return Array.from({ length: 1 + this.#random.below(3) }, () => `/${this.#any(segments)}`).join('');
  }

  #makeDurable(): void {
    const { durablePosition, lastPosition } = this.#journal;
    this.#journal.makeDurable(durablePosition + this.#random.below(lastPosition - durablePosition + 1));
  }

  #chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  #any<T>(list: readonly T[]): T | undefined {
    return list[this.#random.below(Math.max(1, list.length))];
  }
}

/** Inside ghosts, the values behind a copy are told as long as what was staged stands, or is in memory, so they are left out of the comparison. */
function receivedOf({ event, changes }: Delivery, expected: Told | undefined): Told {
  const texts = changes.map(changeText);
  const isGhostCopy = event.revision === 0 && changes.some(({ operation }) => operation.kind === 'copy');
  const own = isGhostCopy ? texts.slice(0, expected?.changes.length) : texts;
  return { position: event.position, revision: event.revision, what: whatOf(event), changes: own };
}
