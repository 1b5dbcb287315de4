/** h2spec against the HTTP/2 engine, over plain text and TLS. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Counts, Step } from '../step.ts';
import { failed, root, run, show, toolEnvironment, unavailable } from '../step.ts';
import { h2specCounts } from './counts.ts';
import { goTool, noGo } from './go.ts';

const h2spec = 'github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible';
/** Starts the engine with a fixed answer, and lets h2spec loose on it. */
async function check(tool: string, isTls: boolean): Promise<Counts> {
  const server = spawn('node', [join('test', 'http2', 'h2spec-server.ts'), ...(isTls ? ['--tls'] : [])], {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    const { output } = await run(tool, ['--strict', '-p', port, ...(isTls ? ['-t', '-k'] : [])], true);
    const counts = h2specCounts(output);
    if (counts.failed > 0) show(output);
    return counts;
  } finally {
    server.stdin.end();
  }
}

/** All cases: generic, HTTP/2 and HPACK. */
export const h2specStep: Step = {
  name: 'h2spec',
  async run() {
    const tool = await goTool('h2spec', h2spec);
    if (tool === undefined) return unavailable(noGo);
    const [plain, tls] = [await check(tool, false), await check(tool, true)];
    const passed = plain.passed + tls.passed;
    if (passed === 0) return failed('h2spec ended without a result');
    return { passed, failed: plain.failed + tls.failed, skipped: plain.skipped + tls.skipped, note: '' };
  },
};
