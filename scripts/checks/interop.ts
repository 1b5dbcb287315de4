/** The interop tests of grpc-go's own client, against the transport on each of its HTTP/2 engines; and the tools in Go that users have. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, run, show, unavailable } from '../step.ts';
import { findGo, noGo } from './go.ts';
import { interopCases, interopDescriptors, withInteropServer } from './interop-server.ts';

/** Builds all tools of `test/interop/go` in one go, so that they share what is compiled. */
export async function goInteropTool(name: 'client' | 'grpcurl' | 'ghz'): Promise<string | undefined> {
  const folder = join(cacheFolder(), 'grpc-interop');
  const tool = join(folder, name);
  if (existsSync(tool)) return tool;
  const go = await findGo();
  if (go === undefined) return undefined;
  const built = await run(
    go,
    ['build', '-C', join('test', 'interop', 'go'), '-o', `${folder}/`, 'tool'],
    true,
  );
  if (!built.ok) show(built.output);
  return built.ok ? tool : undefined;
}

/** The cases that fail. */
function check(tool: string, descriptors: string, http2: 'node' | 'own'): Promise<string[]> {
  return withInteropServer(descriptors, http2, async (port) => {
    const failures: string[] = [];
    for (const name of interopCases) {
      const address = ['--server_host=127.0.0.1', `--server_port=${port}`];
      const { ok, output } = await run('timeout', ['60', tool, ...address, `--test_case=${name}`], true);
      if (ok) continue;
      failures.push(`${name} on ${http2}`);
      show(output);
    }
    return failures;
  });
}

/** All cases, once for each engine. */
export const interopStep: Step = {
  name: 'grpc interop',
  async run() {
    const tool = await goInteropTool('client');
    if (tool === undefined) return unavailable(noGo);
    const descriptors = await interopDescriptors();
    if (descriptors === undefined) return failed('the messages of the interop tests could not be built');
    const failures = [
      ...(await check(tool, descriptors, 'node')),
      ...(await check(tool, descriptors, 'own')),
    ];
    const passed = interopCases.length * 2 - failures.length;
    return { passed, failed: failures.length, skipped: 0, note: failures.join(', ') };
  },
};
