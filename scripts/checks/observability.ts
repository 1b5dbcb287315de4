/** Prometheus' own tool on what is for Prometheus: the alerts and their tests, and what a broker tells. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BrokerProcess } from '../../test/support/broker-process.ts';
import type { Step } from '../step.ts';
import { failed, passed, run, unavailable } from '../step.ts';

const folder = join('docs', 'deploy', 'observability');

/** What a broker tells after a write and a refusal. */
async function metricsOf(data: string): Promise<string> {
  const broker = new BrokerProcess(data, ['--journal', 'memory']);
  await broker.start();
  try {
    const put = ['bin/hyperloom.js', '--address', broker.address, 'put', '/a', 'x'];
    const gone = ['bin/hyperloom.js', '--address', broker.address, 'get', '/gone'];
    await run('node', put, true);
    await run('node', gone, true);
    return await (await fetch(`http://${broker.address}/metrics`)).text();
  } finally {
    await broker.stop('SIGTERM');
  }
}

/** See above. */
export const observabilityStep: Step = {
  name: 'promtool',
  async run() {
    const { ok: isThere } = await run('promtool', ['--version'], true);
    if (!isThere) return unavailable('no promtool (Debian’s package prometheus)');
    const rules = await run('promtool', ['check', 'rules', join(folder, 'alerts.yaml')]);
    if (!rules.ok) return failed('the alerts are no rules');
    const tests = await run('promtool', ['test', 'rules', join(folder, 'alerts.test.yaml')]);
    if (!tests.ok) return failed('an alert does not fire when it should, or does when it should not');
    const own = mkdtempSync(join(tmpdir(), 'hyperloom-promtool-'));
    try {
      const file = join(own, 'metrics');
      writeFileSync(file, await metricsOf(join(own, 'data')));
      const metrics = await run('sh', ['-c', `promtool check metrics < '${file}'`]);
      return metrics.ok ? { ...passed, passed: 3 } : failed('/metrics is not as Prometheus wants it');
    } finally {
      rmSync(own, { recursive: true });
    }
  },
};
