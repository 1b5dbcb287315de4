/** Ghosts as an agent sees them: through the TypeScript client and gRPC. */
import { connect } from '../../clients/typescript/src/index.ts';
import { startBroker } from '../harness/broker.ts';
import type { Case } from '../harness/case.ts';
import { latencyMetrics } from '../harness/samples.ts';

/** See above. */
export const ghostRpcCases: readonly Case[] = [
  {
    name: 'ghost/rpc',
    about:
      'Begin a ghost, put a note into it, revert it: one at a time through the TypeScript client. Time of begin and revert, without the put.',
    subjects: [
      {
        name: 'hyperloom',
        async start(context) {
          const child = await startBroker(context);
          const client = connect(child.address, { author: 'bench' });
          const count = context.size(3_000, 30);
          const measure = async (): Promise<Readonly<Record<string, number>>> => {
            const times = new Float64Array(count);
            for (let index = 0; index < count; index += 1) {
              const start = performance.now();
              const ghost = await client.ghost();
              const begun = performance.now();
              await ghost.put('/session_1/plan', 'try the other order');
              const staged = performance.now();
              await ghost.revert('bench');
              times[index] = (performance.now() - staged + (begun - start)) * 1_000;
            }
            return latencyMetrics(times);
          };
          const stop = async (): Promise<void> => {
            await client.close();
            await child.end();
          };
          return { measure, stop };
        },
      },
    ],
    figures: [
      { text: 'begin and revert, median µs', metric: 'p50Us', of: 'hyperloom', bound: { atMost: 1_000 } },
    ],
  },
];
