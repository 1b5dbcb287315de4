/** The interop tests of grpc-go's own client, against the transport on each of its HTTP/2 engines. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, root, run, toolEnvironment, unavailable } from '../step.ts';
import { findGo, noGo } from './go.ts';

const client = 'google.golang.org/grpc/interop/client@v1.85.0';

/** Those that need neither credentials of a cloud nor compression that only the C core has. */
const cases = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
];

async function findClient(): Promise<string | undefined> {
  const folder = join(cacheFolder(), 'grpc-interop');
  const tool = join(folder, 'client');
  if (existsSync(tool)) return tool;
  const go = await findGo();
  if (go === undefined) return undefined;
  mkdirSync(folder, { recursive: true });
  return (await run('env', [`GOBIN=${folder}`, go, 'install', client], true)).ok ? tool : undefined;
}

/** The cases that fail. */
async function check(tool: string, descriptors: string, http2: 'node' | 'own'): Promise<string[]> {
  const server = spawn('node', [join('test', 'interop', 'server.ts'), descriptors, http2], {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    const failures: string[] = [];
    for (const name of cases) {
      const address = ['--server_host=127.0.0.1', `--server_port=${port}`];
      const { ok, output } = await run('timeout', ['60', tool, ...address, `--test_case=${name}`], true);
      if (ok) continue;
      failures.push(`${name} on ${http2}`);
      console.log(output);
    }
    return failures;
  } finally {
    server.stdin.end();
  }
}

/** All cases, once for each engine. */
export const interopStep: Step = {
  name: 'grpc interop',
  async run() {
    const tool = await findClient();
    if (tool === undefined) return unavailable(noGo);
    const descriptors = join(cacheFolder(), 'interop.binpb');
    const { ok } = await run('buf', ['build', join('test', 'interop'), '--output', descriptors]);
    if (!ok) return failed('the messages of the interop tests could not be built');
    const failures = [
      ...(await check(tool, descriptors, 'node')),
      ...(await check(tool, descriptors, 'own')),
    ];
    const passed = cases.length * 2 - failures.length;
    return { passed, failed: failures.length, skipped: 0, note: failures.join(', ') };
  },
};
