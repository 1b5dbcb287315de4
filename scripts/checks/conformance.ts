/** The Connect project's conformance suite (gRPC, gRPC-Web, Connect), against the transport on each of its HTTP/2 engines. */
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Counts, Step } from '../step.ts';
import { failed, run, show, unavailable } from '../step.ts';
import { conformanceCounts } from './counts.ts';
import { findGo, goTool, noGo } from './go.ts';

const version = 'v1.0.6';
const suite = 'connectrpc.com/conformance';
const folder = join('test', 'conformance');

/** The suite's messages, from its module. */
async function buildDescriptors(go: string): Promise<string | undefined> {
  const { ok, output } = await run(go, ['mod', 'download', '-json', `${suite}@${version}`], true);
  if (!ok) return undefined;
  const { Dir } = JSON.parse(output) as { readonly Dir: string };
  const file = join(cacheFolder(), 'conformance.binpb');
  return (await run('buf', ['build', join(Dir, 'proto'), '--output', file])).ok ? file : undefined;
}

async function check(tool: string, descriptors: string, http2: 'node' | 'own'): Promise<Counts> {
  const server = ['node', join(folder, 'server.ts'), descriptors, http2];
  // Its deadlines are those of the wall clock: a machine that does everything at once would miss them.
  const args = [
    '--mode',
    'server',
    '--parallel',
    '2',
    '--conf',
    join(folder, 'config.yaml'),
    '--',
    ...server,
  ];
  const { output } = await run(tool, args, true);
  const counts = conformanceCounts(output);
  if (counts.failed > 0) show(output);
  return counts;
}

/** All cases of the suite, once for each engine. */
export const conformanceStep: Step = {
  name: 'conformance',
  async run() {
    const [go, tool] = [
      await findGo(),
      await goTool('connectconformance', `${suite}/cmd/connectconformance@${version}`),
    ];
    if (go === undefined || tool === undefined) return unavailable(noGo);
    const descriptors = await buildDescriptors(go);
    if (descriptors === undefined) return failed('the messages of the suite could not be built');
    const [node, own] = [await check(tool, descriptors, 'node'), await check(tool, descriptors, 'own')];
    return { passed: node.passed + own.passed, failed: node.failed + own.failed, skipped: 0, note: '' };
  },
};
