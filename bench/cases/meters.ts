/** What metering costs those who publish. */
import { startBroker } from '../harness/broker.ts';
import type { Case, Subject } from '../harness/case.ts';
import { runLoad } from '../harness/script.ts';

function broker(name: string, ...flags: readonly string[]): Subject {
  return {
    name,
    async start(context) {
      const child = await startBroker(context, undefined, flags);
      const count = context.size(200_000, 500);
      const measure = async (): Promise<Readonly<Record<string, number>>> => {
        await runLoad('stream', child.address, Math.ceil(count / 10), 5_000);
        const before = child.cpuUs();
        const seen = await runLoad('stream', child.address, count, 5_000);
        return { cpuUs: (child.cpuUs() - before) / count, ...seen };
      };
      return { measure, stop: () => child.end() };
    },
  };
}

/** See above. */
export const meterCases: readonly Case[] = [
  {
    name: 'meters/publish-stream',
    about:
      'Durable puts of 200 bytes by one agent over one stream, 5,000 in flight, with meters and without. CPU includes what tokens are counted meanwhile; the rest is counted afterwards.',
    subjects: [broker('with meters'), broker('without', '--meters', 'off')],
    figures: [
      {
        text: 'CPU of a publish with meters, as a multiple of without',
        metric: 'cpuUs',
        of: 'with meters',
        per: 'without',
        bound: { atMost: 1.1 },
      },
    ],
    // Arms vary by a third.
    rounds: 9,
  },
];
