/** LangGraph's Python graphs over a real broker: LangGraph's own conformance suite, and tests of our own. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Step } from '../step.ts';
import { run, unavailable } from '../step.ts';
import { pytestCounts } from './counts.ts';
import { prepare } from './langgraph.ts';
import { pythonTool } from './python.ts';

/** The adapter's tests, apart from those of the client: who changes one need not wait for the other. */
export const langgraphPythonStep: Step = {
  name: 'langgraph (Python)',
  async run() {
    const pytest = pythonTool('pytest');
    if (!existsSync(pytest)) return unavailable('no Python environment');
    // Graphs in both languages share a thread.
    const problem = await prepare();
    if (problem !== null) return problem;
    const project = join('clients', 'python');
    const { ok, output } = await run('sh', [
      '-c',
      'cd "$0" && exec "$@"',
      project,
      pytest,
      'langgraph_tests',
    ]);
    const counts = pytestCounts(output);
    if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'pytest could not finish' };
    return { ...counts, note: '' };
  },
};
