/** What a large forest takes: memory, and the time until it is served again. */
import { setTimeout as wait } from 'node:timers/promises';

import { connect } from '../../clients/typescript/src/index.ts';
import { startBroker } from '../harness/broker.ts';
import type { Broker } from '../harness/broker.ts';
import type { Case, Context, Metrics } from '../harness/case.ts';
import { runLoad } from '../harness/script.ts';

const operationsPerPublish = 100;

/** Starts a broker on existing data; resolves with the seconds until a read was answered. */
async function restart(
  context: Context,
  data: string,
): Promise<{ readonly broker: Broker; readonly seconds: number }> {
  const start = performance.now();
  const broker = await startBroker(context, data);
  await using client = connect(broker.address);
  await client.get('/session_0/agent_0/memory/note_0');
  return { broker, seconds: (performance.now() - start) / 1_000 };
}

/**
 * Resident megabytes of a broker that is left alone, once they have not fallen for 20 s, or after a minute at the latest:
 * the engine looks every 8 s whether it is at rest, and may collect twice.
 */
export async function settled(context: Context, broker: Broker): Promise<number> {
  const [quietSeconds, secondsMax] = [context.size(20, 0), context.size(60, 0)];
  let lowest = broker.residentBytes();
  let sinceSeconds = 0;
  for (let second = 0; second < secondsMax && sinceSeconds < quietSeconds; second += 1) {
    await wait(1_000);
    sinceSeconds += 1;
    const resident = broker.residentBytes();
    if (resident > 0.99 * lowest) continue;
    lowest = resident;
    sinceSeconds = 0;
  }
  return broker.residentBytes() / 1e6;
}

async function fillAndRestart(context: Context): Promise<Metrics> {
  const nodes = context.size(1_000_000, 2_000);
  // The first start of a changed checkout strips types, which takes 25 MB that nobody has who installed the package. The next finds that done.
  await (await startBroker(context)).end();
  const first = await startBroker(context);
  await runLoad('stream', first.address, nodes / operationsPerPublish, 20, nodes, operationsPerPublish);
  const filledMegabytes = first.residentBytes() / 1e6;
  const filledSettledMegabytes = await settled(context, first);
  await first.end('SIGKILL');
  const crashed = await restart(context, first.data);
  const restartedMegabytes = crashed.broker.residentBytes() / 1e6;
  const restartedSettledMegabytes = await settled(context, crashed.broker);
  await crashed.broker.end();
  const stopped = await restart(context, first.data);
  await stopped.broker.end();
  return {
    filledMegabytes,
    filledSettledMegabytes,
    restartedMegabytes,
    restartedSettledMegabytes,
    secondsAfterKill: crashed.seconds,
    secondsAfterStop: stopped.seconds,
  };
}

/** See above. */
export const memoryCases: readonly Case[] = [
  {
    name: 'memory/1m',
    about:
      '1,000,000 nodes of 200 bytes, put in diffs of 100: resident memory right after and at rest, and the time from start to the first answered read.',
    subjects: [
      {
        name: 'hyperloom',
        start: (context) =>
          Promise.resolve({ measure: () => fillAndRestart(context), stop: () => Promise.resolve() }),
      },
    ],
    figures: [
      {
        text: 'resident MB right after the last put',
        metric: 'filledMegabytes',
        of: 'hyperloom',
        bound: { atMost: 700 },
      },
      {
        text: 'resident MB when filled and at rest',
        metric: 'filledSettledMegabytes',
        of: 'hyperloom',
        bound: { atMost: 700 },
      },
      {
        text: 'resident MB after a restart',
        metric: 'restartedMegabytes',
        of: 'hyperloom',
        bound: { atMost: 700 },
      },
      {
        text: 'resident MB after a restart and at rest',
        metric: 'restartedSettledMegabytes',
        of: 'hyperloom',
        bound: { atMost: 700 },
      },
      {
        text: 'seconds to serve after kill -9',
        metric: 'secondsAfterKill',
        of: 'hyperloom',
        bound: { atMost: 8 },
      },
    ],
    rounds: 2,
  },
];
