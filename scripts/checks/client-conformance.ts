/** Every scenario of the conformance suite, with every client whose language is on this machine. */
import type { Step } from '../step.ts';
import { run, unavailable } from '../step.ts';
import { clientConformanceCounts } from './counts.ts';

/** All scenarios with all clients. */
export const clientConformanceStep: Step = {
  name: 'client conformance',
  async run() {
    const { ok, output } = await run('node', ['clients/conformance/main.ts']);
    const counts = clientConformanceCounts(output);
    if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'the run could not finish' };
    const absent = /^ {2}\w+: not on this machine.*$/m.exec(output)?.[0].trim();
    if (absent === undefined) return { ...counts, note: '' };
    const { failed, skipped, note } = unavailable(absent);
    return { passed: counts.passed, failed: counts.failed + failed, skipped: counts.skipped + skipped, note };
  },
};
