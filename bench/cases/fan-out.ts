/** One event to many subscribers: it is encoded once, whoever gets it. */
import { startBroker } from '../harness/broker.ts';
import type { Case, Subject } from '../harness/case.ts';
import { runLoad } from '../harness/script.ts';

const subscribers = 100;

function fanOutSubject(burst: number, http2: 'own' | 'node' = 'own'): Subject {
  return {
    name: `hyperloom${http2 === 'node' ? ' on node:http2' : ''}, bursts of ${burst}`,
    async start(context) {
      const child = await startBroker(context, undefined, ['--http2', http2]);
      const events = context.size(burst * 300, burst * 3);
      const measure = async (): Promise<Readonly<Record<string, number>>> => {
        const before = child.cpuUs();
        const { deliveries = Number.NaN, ...seen } = await runLoad(
          'fan-out',
          child.address,
          subscribers,
          events,
          burst,
        );
        return { cpuUs: (child.cpuUs() - before) / deliveries, ...seen };
      };
      return { measure, stop: () => child.end() };
    },
  };
}

/** See above. */
export const fanOutCases: readonly Case[] = [
  {
    name: 'subscribe/fan-out/100',
    about:
      'A put of 200 bytes, delivered to 100 subscribers on 4 connections. CPU is a delivery’s, the publish and its sync included.',
    subjects: [
      fanOutSubject(1),
      fanOutSubject(16),
      fanOutSubject(256),
      ...[1, 16, 256].map((burst) => fanOutSubject(burst, 'node')),
    ],
    figures: [
      {
        text: 'CPU µs a delivery in bursts',
        metric: 'cpuUs',
        of: 'hyperloom, bursts of 256',
        bound: { atMost: 1.5 },
      },
    ],
  },
];
