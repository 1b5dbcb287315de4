/** Rendered contexts: how much of one stays the same from step to step, and what one costs. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createClient } from '@connectrpc/connect';
import type { Client as ConnectClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';

import { connect, operation } from '../../clients/typescript/src/index.ts';
import type { Client } from '../../clients/typescript/src/index.ts';
import { seededRandom } from '../../src/base/random.ts';
import { playWhoAndWhen } from '../../src/cli/replay/who-and-when/play.ts';
import { readWhoAndWhen } from '../../src/cli/replay/who-and-when/recording.ts';
import type { WhoAndWhenRun } from '../../src/cli/replay/who-and-when/recording.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { RenderContextResponse } from '../../src/gen/hyperloom/v1/render_pb.ts';
import { startBroker } from '../harness/broker.ts';
import type { Broker } from '../harness/broker.ts';
import type { Case, Context, Metrics, Subject } from '../harness/case.ts';

const data =
  process.env['HYPERLOOM_SHARED_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
/** A layout is begun anew when it has grown to so many times what a new one would take. */
const grownTimes = 2;

type Contexts = ConnectClient<typeof ContextService>;

function contextsOf(address: string): { readonly contexts: Contexts; readonly close: () => void } {
  const baseUrl = `http://${address}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const contexts = createClient(ContextService, createGrpcTransport({ baseUrl, sessionManager }));
  return { contexts, close: () => sessionManager.abort() };
}

/** All recorded runs; invented ones of the same form where there are none, or for a smoke run. */
function runsFor({ isSmoke }: Context): WhoAndWhenRun[] {
  const folder = join(data, 'who-and-when');
  const isThere = !isSmoke && existsSync(folder);
  const texts: (readonly [string, string])[] = isThere
    ? globSync(join(folder, '*', '*.json'))
        .sort()
        .map((file) => [file, readFileSync(file, 'utf8')])
    : Array.from({ length: 3 }, (_, index) => [`invented/${index}.json`, inventedRun(index)]);
  return texts.flatMap(([file, text]) => readWhoAndWhen(file, text) ?? []);
}

function inventedRun(seed: number): string {
  const random = seededRandom(seed + 1);
  const words = ['the', 'source', 'agrees', 'with', 'table', '4', 'but', 'not', 'page', '17'];
  const history = Array.from({ length: 12 }, (_, step) => ({
    role: ['Orchestrator', 'Coder', 'Reader'][step % 3],
    content: Array.from({ length: 20 + random.below(60) }, () => words[random.below(words.length)]).join(' '),
  }));
  return JSON.stringify({ question: 'which of them is right?', history });
}

/** Sums over all renderings. */
interface Sums {
  renderings: number;
  layouts: number;
  /** Of the texts before, and of the texts themselves, as far as they begin alike. */
  previousBytes: number;
  keptBytes: number;
  bytes: number;
  tokens: number;
}

/** What an agent sees of a run before each step, rendered after each diff. */
class Onlooker {
  readonly #contexts: Contexts;
  readonly #pattern: string;
  readonly #tokenBudget: bigint;
  readonly #sums: Sums;
  #last: RenderContextResponse | undefined;

  constructor(contexts: Contexts, tree: string, tokenBudget: bigint, sums: Sums) {
    this.#contexts = contexts;
    this.#pattern = `${tree}/**`;
    this.#tokenBudget = tokenBudget;
    this.#sums = sums;
  }

  async look(): Promise<void> {
    const last = this.#last;
    const isWorn =
      last !== undefined &&
      (last.layoutTokens > last.rebasedTokens * BigInt(grownTimes) ||
        (last.leftOut > 0n && last.revision > last.baseRevision));
    const baseRevision = last === undefined || isWorn ? 0n : last.baseRevision;
    const parts = [{ pattern: this.#pattern }];
    const now = await this.#contexts.renderContext({ parts, tokenBudget: this.#tokenBudget, baseRevision });
    const sums = this.#sums;
    const text = Buffer.from(now.text);
    sums.renderings += 1;
    sums.bytes += text.length;
    sums.tokens += Number(now.tokens);
    if (baseRevision === 0n) sums.layouts += 1;
    if (last !== undefined) {
      const before = Buffer.from(last.text);
      sums.previousBytes += before.length;
      sums.keptBytes += sameBytes(before, text);
    }
    this.#last = now;
  }
}

function sameBytes(one: Buffer, other: Buffer): number {
  const most = Math.min(one.length, other.length);
  if (one.subarray(0, most).equals(other.subarray(0, most))) return most;
  let at = 0;
  while (one[at] === other[at]) at += 1;
  return at;
}

async function replayed(address: string, context: Context, tokenBudget: bigint): Promise<Metrics> {
  const { contexts, close } = contextsOf(address);
  await using client = connect(address, { trackBasis: false });
  const sums: Sums = { renderings: 0, layouts: 0, previousBytes: 0, keptBytes: 0, bytes: 0, tokens: 0 };
  const runs = runsFor(context);
  for (const run of runs) {
    const onlooker = new Onlooker(contexts, run.tree, tokenBudget, sums);
    const signal = new AbortController().signal;
    const watched = watchedClient(client, () => onlooker.look());
    await playWhoAndWhen(run, {
      client: watched,
      signal,
      revertMistakes: false,
      atOnce: 1,
      onRun: () => Promise.resolve(),
    });
  }
  close();
  return {
    runs: runs.length,
    renderings: sums.renderings,
    layouts: sums.layouts,
    keptShare: sums.keptBytes / sums.previousBytes,
    cachedShare: sums.keptBytes / sums.bytes,
    tokensEach: sums.tokens / sums.renderings,
  };
}

/** The client, with a look after each publish. */
function watchedClient(client: Client, look: () => Promise<void>): Client {
  return new Proxy(client, {
    get(target, name): unknown {
      if (name !== 'publish') {
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      }
      return async (...args: Parameters<Client['publish']>) => {
        const published = await target.publish(...args);
        await look();
        return published;
      };
    },
  });
}

function replaySubject(name: string, tokenBudget: bigint): Subject {
  return {
    name,
    async start(context) {
      const broker = await startBroker(context);
      return { measure: () => replayed(broker.address, context, tokenBudget), stop: () => broker.end() };
    },
  };
}

const nodes = 1_000;
const changes = 100;

/** A thousand nodes of ten tokens, and what a rendering of them takes. */
class Costs {
  readonly #broker: Broker;
  readonly #contexts: Contexts;
  readonly #client: Client;
  #trees = 0;

  constructor(broker: Broker, contexts: Contexts, client: Client) {
    this.#broker = broker;
    this.#contexts = contexts;
    this.#client = client;
  }

  /** Makes another tree, and returns its name. */
  async tree(): Promise<string> {
    this.#trees += 1;
    const tree = `/t${this.#trees}`;
    const puts = Array.from({ length: nodes }, (_, index) =>
      operation.put(`${tree}/${index}`, `fact ${this.#trees * nodes + index} holds`),
    );
    await this.#client.publish(puts);
    return tree;
  }

  async change(tree: string): Promise<void> {
    for (let at = 0; at < changes; at += 1)
      await this.#client.publish([operation.put(`${tree}/${at}`, `fact ${at} is wrong`)]);
  }

  /** CPU and time of renderings, each. */
  async cost(tree: string, times: number, baseRevision = 0n): Promise<Metrics> {
    const before = this.#broker.cpuUs();
    const start = performance.now();
    let tokens = 0;
    for (let time = 0; time < times; time += 1) {
      const parts = [{ pattern: `${tree}/**` }];
      const rendered = await this.#contexts.renderContext({ parts, tokenBudget: 100_000n, baseRevision });
      tokens = Number(rendered.tokens);
    }
    const elapsedMs = (performance.now() - start) / times;
    return { cpuUs: (this.#broker.cpuUs() - before) / times, elapsedMs, tokens };
  }

  async revisionOf(tree: string): Promise<bigint> {
    const { revision } = await this.#contexts.renderContext({
      parts: [{ pattern: tree }],
      tokenBudget: 1_000n,
    });
    return revision;
  }
}

function costSubject(name: string, measure: (costs: Costs, context: Context) => Promise<Metrics>): Subject {
  return {
    name,
    async start(context) {
      const broker = await startBroker(context);
      const { contexts, close } = contextsOf(broker.address);
      const client = connect(broker.address, { trackBasis: false });
      const costs = new Costs(broker, contexts, client);
      const stop = async (): Promise<void> => {
        await client.close();
        close();
        await broker.end();
      };
      return { measure: () => measure(costs, context), stop };
    },
  };
}

const repetitions = (context: Context): number => context.size(100, 2);

/** See above. */
export const renderCases: readonly Case[] = [
  {
    name: 'render/prefix',
    about:
      'All recorded Who&When runs, played as `hyperloom replay` does; after each diff the whole tree is rendered again in the layout that was begun for it, and in a new one when the old one has left something out or has grown to twice what a new one takes. Kept share: bytes of a text with which the next one begins; cached share: bytes of a text that the one before began with.',
    subjects: [
      replaySubject('budget of 100,000 tokens', 100_000n),
      replaySubject('budget of 8,000 tokens', 8_000n),
    ],
    figures: [
      {
        text: 'share of a context that stays as it is from step to step',
        metric: 'keptShare',
        of: 'budget of 100,000 tokens',
        bound: { atLeast: 0.95 },
      },
      {
        text: 'the same where the budget is smaller than the tree',
        metric: 'keptShare',
        of: 'budget of 8,000 tokens',
        bound: { atLeast: 0.95 },
      },
    ],
    rounds: 1,
  },
  {
    name: 'render/cost',
    about: `A call of RenderContext for a tree of ${nodes} nodes, some 10,000 tokens: CPU of the broker's process, and time of the call.`,
    subjects: [
      costSubject('first, tokenizer loaded before', async (costs) => {
        await costs.cost(await costs.tree(), 1);
        return costs.cost(await costs.tree(), 1);
      }),
      costSubject('again', async (costs, context) => {
        const tree = await costs.tree();
        await costs.cost(tree, repetitions(context));
        return costs.cost(tree, repetitions(context));
      }),
      costSubject(`again, ${changes} changes since the base`, async (costs, context) => {
        const tree = await costs.tree();
        const base = await costs.revisionOf(tree);
        await costs.change(tree);
        await costs.cost(tree, repetitions(context), base);
        return costs.cost(tree, repetitions(context), base);
      }),
    ],
    figures: [],
  },
];
