/** Traces in long histories, and what the index behind them costs: inside the broker, without the network. */
import { systemClock, type Clock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Feeder } from '../../src/provenance/feeder.ts';
import { MemorySideFiles } from '../../src/journal/memory/side-files.ts';
import { IndexRuns } from '../../src/provenance/index-runs.ts';
import type { LiveForest } from '../../src/sequencer/live-forest.ts';
import type { BasisEntry, Publish } from '../../src/state/command.ts';
import { noEffects } from '../../src/state/describe.ts';
import type { Case, Context, Figure, Metrics, Subject } from '../harness/case.ts';
import { openBenchForest, publishOf, putText } from '../harness/forest.ts';
import { latencyMetrics } from '../harness/samples.ts';

const random = seededRandom(3);

/** A path of one of 100 sessions, each with ten agents that have a hundred notes. */
function somePath(): string[] {
  const [session, agent, note] = [random.below(100), random.below(10), random.below(100)];
  return [`session_${session}`, `agent_${agent}`, 'memory', `note_${note}`];
}

/** A publish as an agent makes it: one note, made from three others. */
function agentPublish(revision: number): Publish {
  const basis = Array.from({ length: 3 }, (): BasisEntry => {
    return { path: somePath(), revision, extent: 'node' };
  });
  return { ...publishOf([putText(somePath(), 'what an agent found out')]), basis };
}

/** Publishes that are derived from one another, spread over the whole history, in a tree of their own. */
const chain = 6;

async function fill(forest: LiveForest, events: number): Promise<void> {
  let made = 0;
  const batch = Math.min(1_000, events / 10);
  for (let first = 0; first < events; first += batch) {
    const commands = Array.from({ length: Math.min(batch, events - first) }, () =>
      agentPublish(forest.view().revision),
    );
    if (first >= (made * events) / chain) {
      const basis: BasisEntry[] =
        made === 0
          ? []
          : [{ path: ['probe', `${made - 1}`], revision: forest.view().revision, extent: 'node' }];
      commands[0] = { ...publishOf([putText(['probe', `${made}`], 'x')]), basis };
      made += 1;
    }
    for (const { outcome } of await Promise.all(commands.map((command) => forest.propose(command))))
      if (outcome.kind !== 'published') throw new Error(outcome.kind);
  }
}

async function traceAll(forest: LiveForest): Promise<number> {
  let found = 0;
  for await (const { hops } of forest.provenance.derivedFrom({ kind: 'revision', revision: 1 }))
    if (hops > 0) found += 1;
  return found;
}

async function measure(forest: LiveForest, repetitions: number): Promise<Metrics> {
  const times = new Float64Array(repetitions);
  let found = 0;
  const before = process.cpuUsage();
  for (let index = 0; index < repetitions; index += 1) {
    const start = performance.now();
    found = await traceAll(forest);
    times[index] = (performance.now() - start) * 1_000;
  }
  const { user, system } = process.cpuUsage(before);
  const { p50Us, p99Us } = latencyMetrics(times);
  const { indexBytes } = forest.provenance;
  const cpuUsATrace = (user + system) / repetitions;
  return { cpuUsATrace, traceP50Us: p50Us, traceP99Us: p99Us, derived: found, indexBytes, repetitions };
}

const sizes = [1_000, 100_000, 1_000_000];

function sized(events: number): Subject {
  return {
    name: `${events.toLocaleString('en')} events`,
    async start(context: Context) {
      const forest = await openBenchForest(context);
      await fill(forest, context.size(events, Math.min(events, 1_000 + events / 500)));
      await measure(forest, 20);
      return {
        measure: () => measure(forest, context.size(200, 5)),
        stop: () => forest.close(),
      };
    },
  };
}

const million = '1,000,000 events';

const traceLong: Case = {
  name: 'trace/1m',
  about:
    'Downstream of the first write of a history, from which a handful of others are derived through several hops. Every publish has written one note of 100,000 and read three.',
  subjects: sizes.map(sized),
  figures: [
    {
      text: 'a trace among 1,000,000 events, as a multiple of that among 1,000',
      metric: 'traceP50Us',
      of: million,
      per: '1,000 events',
      bound: { atMost: 20 },
    } satisfies Figure,
  ],
  rounds: 1,
};

/** Timers that keep the process alive: nothing else does here. */
const clock: Clock = {
  ...systemClock,
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** CPU of indexing, all merges included. */
async function indexing(context: Context, reads: number): Promise<Metrics> {
  const index = new IndexRuns({ clock, beside: new MemorySideFiles(), name: 'index' });
  const feeder = new Feeder(index, () => undefined);
  const count = context.size(200_000, 2_000);
  const commands = Array.from({ length: 1_000 }, () => {
    const command = agentPublish(0);
    return { ...command, basis: command.basis.slice(0, reads) };
  });
  const before = process.cpuUsage();
  for (let position = 1; position <= count; position += 1) {
    const command = commands[position % commands.length] as Publish;
    const effects = { ...noEffects, revision: position };
    feeder.feed({ proposal: { position, timeMs: 0, command }, effects });
  }
  await index.settled();
  const { user, system } = process.cpuUsage(before);
  return { cpuUsAPublish: (user + system) / count, indexBytesAPublish: index.bytes / count };
}

const traceIndex: Case = {
  name: 'trace/index',
  about: 'What indexing a publish of one operation costs the broker, by how many nodes its author had read.',
  subjects: [0, 3].map((reads): Subject => ({
    name: `${reads} reads`,
    start: async (context) => {
      // A broker has indexed long before: the first of 200,000 publishes take a third more, until all of it is compiled.
      await indexing(context, reads);
      return { measure: () => indexing(context, reads), stop: () => Promise.resolve() };
    },
  })),
  figures: [
    {
      text: 'CPU µs a publish without a basis',
      metric: 'cpuUsAPublish',
      of: '0 reads',
      bound: { atMost: 1 },
    },
    {
      text: 'CPU µs a publish whose author had read three nodes',
      metric: 'cpuUsAPublish',
      of: '3 reads',
      bound: { atMost: 4 },
    },
  ],
  rounds: 3,
};

/** See above. */
export const traceCases: readonly Case[] = [traceLong, traceIndex];
