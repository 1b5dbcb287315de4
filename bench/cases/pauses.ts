/** How long a broker holds its callers up while it writes snapshots and compacts: stops of its event loop, and what a publish feels. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { connect } from '../../clients/typescript/src/index.ts';
import { root } from '../../scripts/step.ts';
import { startBrokerWith } from '../harness/broker.ts';
import type { Broker } from '../harness/broker.ts';
import type { Case, Context, Metrics, Subject } from '../harness/case.ts';
import { runLoad } from '../harness/script.ts';
import { shared } from '../harness/shared.ts';

const operationsPerPublish = 100;
const nodes = (context: Context): number => context.size(1_000_000, 2_000);

/** Stops of the event loop so far, in milliseconds: the longest one of each fifth of a second. */
function stops(file: string): number[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
}

/** Compacts again and again until `isOver`; tells how often. Each compaction begins with a snapshot of the whole forest. */
async function keepCompacting(broker: Broker, isOver: () => boolean): Promise<number> {
  await using client = connect(broker.address);
  let compactions = 0;
  while (!isOver()) {
    await client.forests.compact('default', 0, { timeoutMs: 600_000 });
    compactions += 1;
  }
  return compactions;
}

async function publishThrough(
  context: Context,
  broker: Broker,
  probeFile: string,
  isCompacting: boolean,
): Promise<Metrics> {
  const before = stops(probeFile).length;
  const [rate, seconds] = [context.size(2_000, 200), context.size(30, 1)];
  let isOver = false;
  const load = runLoad('paced', broker.address, rate, seconds, nodes(context)).finally(() => {
    isOver = true;
  });
  const compactions = isCompacting ? await keepCompacting(broker, () => isOver) : 0;
  const seen = await load;
  const longestStopMs = Math.max(0, ...stops(probeFile).slice(before));
  return { ...seen, longestStopMs, compactions };
}

/** A broker with all nodes, and where its stops are noted. */
interface Loaded {
  readonly broker: Broker;
  readonly probeFile: string;
}

/**
 * Both subjects ask one broker, as one after the other would on a machine of its own. With a second one beside it, which gives its memory back
 * while it rests, a round of 30 s began with a second in which both cores were busy collecting somebody else's garbage.
 */
const loadedOf = shared(
  async (context: Context): Promise<Loaded> => {
    const probeFile = join(context.folder, 'stops');
    const probe = pathToFileURL(join(root, 'bench', 'load', 'stop-probe.ts')).href;
    const command = ['env', `STOP_PROBE_FILE=${probeFile}`, process.execPath, '--import', probe];
    const broker = await startBrokerWith(context, { command });
    const publishes = nodes(context) / operationsPerPublish;
    await runLoad('stream', broker.address, publishes, 20, nodes(context), operationsPerPublish);
    return { broker, probeFile };
  },
  ({ broker }) => broker.end(),
);

function subject(name: string, isCompacting: boolean): Subject {
  return {
    name,
    async start(context) {
      const loaded = loadedOf(context);
      const { broker, probeFile } = await loaded.take();
      return {
        measure: () => publishThrough(context, broker, probeFile, isCompacting),
        stop: () => loaded.giveBack(),
      };
    },
  };
}

const busy = 'snapshots and compactions';

/** See above. */
export const pauseCases: readonly Case[] = [
  {
    name: 'pauses',
    about:
      'Durable publishes of 200 bytes, 2,000 a second for 30 s, into 1,000,000 nodes, while one compaction, with its snapshot, follows the other, and without any: times of a publish from when it was due, and the longest stop of the broker’s event loop.',
    subjects: [subject('neither', false), subject(busy, true)],
    figures: [
      { text: '99.9th percentile of a publish, in ms', metric: 'p999Ms', of: busy, bound: { atMost: 50 } },
    ],
  },
];
