/** Programs between the broker and its users, and those that users have already: curl, grpcurl, ghz, buf curl, nginx, HAProxy, Caddy, Chromium. */
import { join } from 'node:path';
import { findTool } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { root, unavailable } from '../step.ts';
import { noGo } from './go.ts';
import { goInteropTool } from './interop.ts';
import { runVitest } from './vitest.ts';

/** The tests of one program, if `find` finds it. */
function edge(name: string, find: () => string | undefined | Promise<string | undefined>, why: string): Step {
  return {
    name,
    async run() {
      const program = await find();
      if (program === undefined) return unavailable(why);
      const config = ['--config', 'test/interop/vitest-config.ts'];
      return runVitest([...config, `test/interop/${name}.test.ts`], [`PROGRAM=${program}`]);
    },
  };
}

/** The debugger in a browser, against real brokers. */
export const browserStep: Step = {
  name: 'browser',
  async run() {
    if (findTool('chromium') === undefined) return unavailable('no Chromium');
    return runVitest(['--config', 'test/browser/vitest-config.ts'], []);
  },
};

/** One step a program, so that a machine without one of them still tests the others. */
export const edgeSteps: readonly Step[] = [
  edge('curl', () => findTool('curl'), 'no curl'),
  edge('grpcurl', () => goInteropTool('grpcurl'), noGo),
  edge('ghz', () => goInteropTool('ghz'), noGo),
  edge('buf-curl', () => join(root, 'node_modules', '.bin', 'buf'), 'no buf'),
  edge('nginx', () => findTool('nginx'), 'no nginx'),
  edge('haproxy', () => findTool('haproxy'), 'no HAProxy'),
  edge('caddy', () => findTool('caddy'), 'no Caddy'),
  edge('chromium', () => findTool('chromium'), 'no Chromium'),
];
