/** Durable publishes through the TypeScript client, which pipelines them over `PublishStream`. */
import { startBroker } from '../harness/broker.ts';
import type { Case, Subject } from '../harness/case.ts';
import { runLoad } from '../harness/script.ts';
import { startEtcd } from '../peers/peers.ts';

const value = Buffer.alloc(200, 'x');

function streamSubject(inFlight: number): Subject {
  return {
    name: `hyperloom, ${inFlight.toLocaleString('en-US')} in flight`,
    async start(context) {
      const child = await startBroker(context);
      const count = context.size(300_000, 500);
      const measure = async (): Promise<Readonly<Record<string, number>>> => {
        await runLoad('stream', child.address, Math.ceil(count / 10), inFlight);
        const before = child.cpuUs();
        const seen = await runLoad('stream', child.address, count, inFlight);
        return { cpuUs: (child.cpuUs() - before) / count, ...seen };
      };
      return { measure, stop: () => child.end() };
    },
  };
}

/** See above. */
export const publishStreamCases: readonly Case[] = [
  {
    name: 'publish/stream',
    about:
      'Durable puts of 200 bytes by one agent through the TypeScript client, over one stream; etcd under ghz with 500 in flight.',
    subjects: [
      streamSubject(500),
      streamSubject(5_000),
      {
        name: 'etcd, 500 in flight',
        start: (context) => {
          const { isSmoke } = context;
          return startEtcd(context, value, {
            inFlight: 500,
            connections: 4,
            count: context.size(60_000, 600),
            isSmoke,
          });
        },
      },
    ],
    figures: [
      {
        text: 'publishes a second',
        metric: 'perSecond',
        of: 'hyperloom, 5,000 in flight',
        bound: { atLeast: 60_000 },
      },
      {
        text: 'publishes a second, as a multiple of etcd’s puts',
        metric: 'perSecond',
        of: 'hyperloom, 5,000 in flight',
        per: 'etcd, 500 in flight',
        bound: { atLeast: 6 },
      },
    ],
  },
];
