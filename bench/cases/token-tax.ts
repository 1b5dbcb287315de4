/**
 * The token tax: what it costs to give agents their context in different ways, each through the real broker. For each turn of each
 * agent: tokens handed over by the broker; the price of its prompt, where a token costs 1, and where what the prompt's beginning has in common
 * with the agent's prompt before costs 0.1; and how much of what there was the agent did not have before it.
 *
 * - Full history: for each turn all that was ever published in the tree, in order.
 * - Full state: for each turn all values as they are; the baseline of arXiv 2603.15183.
 * - Subtree reads: for each turn just what it works on. A prompt is what was read for it.
 * - Subscriptions: what the agent follows, once, as it comes. A prompt is all that has come.
 * - Rendered context: `RenderContext` of what the agent follows; then only what has changed since, behind it. A prompt is all of the layout;
 *   a new one is begun when it takes twice what it would anew, or the budget cuts it.
 * - Rendered everything: the same of the whole tree.
 *
 * The workloads are described in `bench/token-tax/seeded.ts` and `recorded.ts`. Nothing here depends on how fast the machine is.
 */
import { loadTokenizer } from '../../src/render/encodings.ts';
import { startBroker } from '../harness/broker.ts';
import type { Broker } from '../harness/broker.ts';
import type { Case, Context, Figure, Subject } from '../harness/case.ts';
import {
  fullHistory,
  fullState,
  renderedContext,
  renderedEverything,
  subscriptions,
  subtreeReads,
} from '../token-tax/arms.ts';
import type { ArmKind } from '../token-tax/arms.ts';
import type { Play } from '../token-tax/play.ts';
import { inventedPlays, recordedPlays } from '../token-tax/recorded.ts';
import { runArm } from '../token-tax/run-arm.ts';
import { seededPlay } from '../token-tax/seeded.ts';

type PlaysFor = (context: Context) => Promise<readonly Play[]>;

const stepsInSmoke = 2;

async function turn(): Promise<void> {}

/** All arms of a case: on one broker, each in trees of its own. */
function subjects(chosen: typeof arms, playsFor: PlaysFor): Subject[] {
  let broker: Promise<Broker> | null = null;
  let users = 0;
  return chosen.map(([name, kind]) => ({
    name,
    async start(context) {
      const plays = await playsFor(context);
      if (plays.length === 0) return { absent: 'no recorded runs (HYPERLOOM_SHARED_DATA)' };
      const tokenizer = await loadTokenizer('o200k', turn);
      const own = plays.map((play) => ({ ...play, tree: `${name} ${play.tree}` }));
      users += 1;
      broker ??= startBroker(context);
      const child = await broker;
      return {
        async measure() {
          const bill = await runArm(kind, own, child.address, tokenizer);
          const { bytes, tokens, price, cachedPrice, state, unseen } = bill;
          return { bytes, tokens, price, cachedPrice, notSeenPercent: (100 * unseen) / state };
        },
        async stop() {
          users -= 1;
          if (users > 0) return;
          broker = null;
          await child.end();
        },
      };
    },
  }));
}

const history = 'full history';
const arms: readonly (readonly [string, ArmKind])[] = [
  [history, fullHistory],
  ['full state', fullState],
  ['subtree reads', subtreeReads],
  ['subscriptions', subscriptions],
  ['rendered context', renderedContext],
  ['rendered everything', renderedEverything],
];

/** Savings of the paper, by volatility in percent. */
const saved = { 5: 0.95, 10: 0.92, 25: 0.88, 50: 0.84, 90: 0.81 } as const;

function cheaperThanCachedHistory(names: readonly string[]): Figure[] {
  return names.map((of) => ({
    text: `${of}: price with a cache, as a multiple of the full history with a cache`,
    metric: 'cachedPrice',
    of,
    per: history,
    bound: { atMost: 1 },
  }));
}

function seededCase(percent: keyof typeof saved): Case {
  const playsFor: PlaysFor = async (context) => {
    const tokenizer = await loadTokenizer('o200k', turn);
    return [seededPlay(tokenizer, percent / 100, context.size(50, stepsInSmoke))];
  };
  const bound = { atMost: Number((1 - saved[percent]).toFixed(2)) };
  const fewerTokens = (per: string): Figure[] =>
    ['subtree reads', 'subscriptions', 'rendered context'].map((of) => ({
      text: `${of}: tokens, as a share of the ${per}`,
      metric: 'tokens',
      of,
      per,
      bound,
    }));
  return {
    name: `token-tax/volatility-${String(percent).padStart(2, '0')}`,
    about: `Ten agents, fifty steps, a context of 10,000 tokens; ${percent} % of the turns write a twentieth of it anew. Prices in uncached tokens; cached ones cost 0.1.`,
    subjects: subjects(arms, playsFor),
    figures: [
      ...fewerTokens(history),
      ...fewerTokens('full state'),
      ...cheaperThanCachedHistory([
        'subtree reads',
        'subscriptions',
        'rendered context',
        'rendered everything',
      ]),
    ],
    rounds: 1,
  };
}

const recordedCase: Case = {
  name: 'token-tax/recorded',
  about:
    'The 123 recorded runs of Who&When, a turn for each of their 2,795 steps. Prices in uncached tokens; cached ones cost 0.1.',
  subjects: subjects(
    arms.filter(([name]) => name !== 'full state' && name !== 'rendered everything'),
    async ({ isSmoke }) => (isSmoke ? inventedPlays() : recordedPlays()),
  ),
  figures: cheaperThanCachedHistory(['subtree reads', 'subscriptions', 'rendered context']),
  rounds: 1,
};

/** See above. */
export const tokenTaxCases: readonly Case[] = [
  ...([5, 10, 25, 50, 90] as const).map(seededCase),
  recordedCase,
];
