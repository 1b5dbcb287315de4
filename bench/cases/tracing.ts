/**
 * What it costs a publish that somebody is asked who they are, and that its way is traced: whole brokers, as processes of their own, that take the same
 * calls in turn. A collector that takes spans and keeps none is a process of its own too; making and sending them counts as the broker's.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { create, toBinary } from '@bufbuild/protobuf';
import { hashOf, newToken } from '../../src/access/token.ts';
import { seededRandom } from '../../src/base/random.ts';
import { PublishRequestSchema } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { startBroker } from '../harness/broker.ts';
import type { Case, Context, Metrics, Subject } from '../harness/case.ts';
import { startChild } from '../harness/children.ts';
import { runLoad } from '../harness/script.ts';

const [inFlight, connections] = [50, 4];
const plain = 'neither';
const both = 'a token and ten grants, one publish in a hundred traced';
const method = 'hyperloom.v1.ContextService/Publish';

function messageFile(context: Context): string {
  const value = { kind: { case: 'text' as const, value: 'x'.repeat(200) } };
  const operations = [{ path: '/team_9/agent_1/memory/note', action: { case: 'put' as const, value } }];
  const file = join(context.folder, 'traced.message');
  writeFileSync(
    file,
    toBinary(PublishRequestSchema, create(PublishRequestSchema, { operations, author: 'planner' })),
  );
  return file;
}

/** Files that ask who calls: ten grants, of which the last one is the one that counts. */
function accessFlags(context: Context): { readonly flags: readonly string[]; readonly token: string } {
  const folder = mkdtempSync(join(context.folder, 'access-'));
  const [access, tokens] = [join(folder, 'access.yaml'), join(folder, 'tokens.json')];
  const grants = Array.from({ length: 10 }, (_, index) => ({
    principals: 'planner',
    paths: `/team_${index}/**`,
    may: ['read', 'write'],
  }));
  writeFileSync(access, JSON.stringify({ version: 1, grants }));
  const { id, token } = newToken(seededRandom(1));
  const created = new Date(0).toISOString();
  const stored = { id, principal: 'planner', hash: hashOf(token), created, expires: null };
  writeFileSync(tokens, JSON.stringify({ version: 1, tokens: [stored] }), { mode: 0o600 });
  return { flags: ['--access', access, '--tokens', tokens], token };
}

/** A broker that traces a share of publishes (`null`: none, and nothing is loaded), and may ask who calls. */
function subject(name: string, share: number | null, isGuarded = false): Subject {
  return {
    name,
    async start(context) {
      const sink = await startChild(process.execPath, ['bench/load/otlp-sink.ts'], /(127\.0\.0\.1:\d+)/);
      const endpoint = `http://${sink.ready[1] ?? ''}`;
      const traced = share === null ? [] : ['--otlp-endpoint', endpoint, '--trace-share', String(share)];
      const { flags, token } = isGuarded ? accessFlags(context) : { flags: [], token: undefined };
      const broker = await startBroker(context, undefined, [...traced, ...flags]);
      const file = messageFile(context);
      const count = context.size(60_000, 400);
      const load = (calls: number): Promise<Metrics> => {
        const amounts = [inFlight, connections, calls, ...(token === undefined ? [] : [token])];
        return runLoad('unary', broker.address, method, file, ...amounts);
      };
      // Code is compiled for what it sees, which takes over 100,000 calls here: until then a publish costs up to twice as much, in one arm more than in another.
      for (let round = 0; round < 3; round += 1) await load(count);
      return {
        async measure() {
          const before = broker.cpuUs();
          const seen = await load(count);
          return { cpuUs: (broker.cpuUs() - before) / count, ...seen };
        },
        async stop() {
          await broker.end();
          await sink.end();
        },
      };
    },
  };
}

/** See above. */
export const tracingCases: readonly Case[] = [
  {
    name: 'tracing/publish',
    about: `A durable put of 200 bytes a call, ${inFlight} in flight on ${connections} connections. Traced publishes make eight spans each.`,
    subjects: [
      subject(plain, null),
      subject('a collector, no publish traced', 0),
      subject('one publish in a hundred traced', 0.01),
      subject(both, 0.01, true),
      subject('every publish traced', 1),
    ],
    figures: [
      {
        text: 'CPU of a publish with authentication and tracing, as a multiple of without',
        metric: 'cpuUs',
        of: both,
        per: plain,
        bound: { atMost: 1.1 },
      },
    ],
    // Arms vary by a fifth.
    rounds: 9,
  },
];
