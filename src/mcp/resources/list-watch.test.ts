/**
 * Goal: whoever listens is told when trees or forests come or go, from the moment in which it begins, and of nothing else. Method: a stand-in for the
 * broker's forests, and a clock that a test moves.
 */
import { describe, expect, it } from 'vitest';

import { ManualClock } from '../../../test/support/manual-clock.ts';
import { mcpListCheckMs } from '../../base/limits.ts';
import { HyperloomError, type Client } from '../../../clients/typescript/src/index.ts';
import { ListWatch } from './list-watch.ts';

class StandIn {
  readonly clock = new ManualClock();
  readonly errors: unknown[] = [];
  readonly forests = new Map<string, { revision: number; trees: string[] }>();
  /** Forests whose trees were listed. */
  readonly listed: string[] = [];
  failure: Error | undefined;
  heard = 0;
  readonly watch: ListWatch;

  constructor() {
    this.watch = new ListWatch(
      () => this.#client,
      this.clock,
      (error) => void this.errors.push(error),
    );
  }

  write(forest: string, ...trees: string[]): void {
    const known = this.forests.get(forest) ?? { revision: 0, trees: [] };
    this.forests.set(forest, { revision: known.revision + 1, trees: [...known.trees, ...trees] });
  }

  listen(): () => void {
    return this.watch.watch(() => (this.heard += 1));
  }

  async look(): Promise<void> {
    this.clock.advance(mcpListCheckMs);
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** What the list is read with, and no more. */
  get #client(): Client {
    const client = {
      forests: {
        list: async () => {
          if (this.failure !== undefined) throw this.failure;
          return [...this.forests].map(([name, { revision }]) => ({ name, revision }));
        },
      },
      as: ({ forest }: { readonly forest: string }) => ({
        list: () => {
          this.listed.push(forest);
          return pages(this.forests.get(forest)?.trees ?? []);
        },
      }),
    };
    return client as unknown as Client;
  }
}

async function* pages(paths: readonly string[]): AsyncGenerator<{ readonly path: string }> {
  for (const path of paths) yield { path };
}

const away = new HyperloomError({
  code: 'UNAVAILABLE',
  message: 'the broker is away',
  reason: '',
  metadata: {},
  violations: [],
  conflicts: [],
  conflictsTotal: 0,
  circle: [],
});

describe('the list of resources', () => {
  it('is told to have changed from the moment in which somebody listens', async () => {
    const broker = new StandIn();
    broker.write('default', '/a');
    broker.listen();
    await new Promise((resolve) => setImmediate(resolve));
    broker.write('default', '/b');
    await broker.look();
    expect(broker.heard).toBe(1);
    broker.write('other');
    await broker.look();
    expect(broker.heard).toBe(2);
  });

  it('is not told to have changed by what is written into trees', async () => {
    const broker = new StandIn();
    broker.write('default', '/a');
    broker.listen();
    await broker.look();
    broker.write('default');
    await broker.look();
    expect(broker.heard).toBe(0);
  });

  it('is read only where something was written', async () => {
    const broker = new StandIn();
    broker.write('default', '/a');
    broker.write('other', '/b');
    broker.listen();
    await broker.look();
    broker.write('other', '/c');
    await broker.look();
    expect(broker.listed).toEqual(['default', 'other', 'other']);
  });

  it('is told to have changed when it can be read at last', async () => {
    const broker = new StandIn();
    broker.failure = away;
    broker.listen();
    await broker.look();
    expect(broker.heard).toBe(0);
    broker.failure = undefined;
    await broker.look();
    await broker.look();
    expect({ heard: broker.heard, errors: broker.errors }).toEqual({ heard: 1, errors: [] });
  });

  it('is looked at again for the next listener after a mistake, which is told', async () => {
    const broker = new StandIn();
    broker.failure = new TypeError('a mistake');
    broker.listen();
    await broker.look();
    expect(broker.errors).toEqual([broker.failure]);
    broker.failure = undefined;
    broker.listen();
    await broker.look();
    broker.write('default', '/a');
    await broker.look();
    expect(broker.heard).toBe(2);
  });

  it('is not looked at when nobody listens any more', async () => {
    const broker = new StandIn();
    broker.write('default', '/a');
    broker.listen()();
    await broker.look();
    await broker.look();
    broker.write('default', '/b');
    await broker.look();
    expect({ heard: broker.heard, listed: broker.listed }).toEqual({ heard: 0, listed: ['default'] });
  });
});
