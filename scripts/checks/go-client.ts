/** The Go client: the plugins that write it, format, vet, staticcheck, its tests, and the module outside the checkout. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step, StepResult } from '../step.ts';
import { failed, passed, root, run, show, unavailable } from '../step.ts';
import { goCounts } from './counts.ts';
import { findGo, noGo } from './go.ts';
import { all, holds, quickStart, readmeShows } from './quick-start.ts';

const client = join('clients', 'go');
const program = join('examples', 'quickstart', 'main.go');

/** Builds a program of `clients/go/tools`, at the version that its go.mod names, into `.cache/go-tools`. */
async function buildTool(go: string, path: string): Promise<boolean> {
  const folder = join(cacheFolder(), 'go-tools');
  mkdirSync(folder, { recursive: true });
  return (await run('env', [`GOBIN=${folder}`, go, '-C', join(client, 'tools'), 'install', path])).ok;
}

/** Builds the plugins that write the client. */
export async function prepareGoTools(): Promise<StepResult | null> {
  const go = await findGo();
  if (go === undefined) return unavailable(noGo);
  const plugins = [
    'google.golang.org/protobuf/cmd/protoc-gen-go',
    'google.golang.org/grpc/cmd/protoc-gen-go-grpc',
  ];
  for (const plugin of plugins) if (!(await buildTool(go, plugin))) return failed(`${plugin} does not build`);
  return null;
}

async function formatted(go: string): Promise<StepResult> {
  const listing = await run(go, ['-C', client, 'list', '-f', '{{.Dir}}', './...'], true);
  const gofmt = go === 'go' ? 'gofmt' : join(go, '..', 'gofmt');
  const folders = listing.output.split('\n').filter((folder) => folder !== '' && !folder.includes('/gen/'));
  const { ok, output } = await run(gofmt, ['-l', ...folders], true);
  return ok && output === '' ? passed : failed(`gofmt -w: ${output.trim()}`);
}

/** The module in a project that has nothing of the checkout but what git would give. */
async function outside(go: string): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-go-'));
  try {
    const module = join(folder, 'module');
    cpSync(join(root, client), module, { recursive: true });
    const project = join(folder, 'project');
    mkdirSync(project);
    cpSync(join(module, program), join(project, 'main.go'));
    for (const sum of ['go.sum'])
      if (existsSync(join(module, sum))) cpSync(join(module, sum), join(project, sum));
    const edit = ['mod', 'edit', `-replace=hyperloom.dev/go=${module}`];
    const commands = [['mod', 'init', 'example.com/quickstart'], edit, ['mod', 'tidy']];
    for (const command of commands)
      if (!(await run(go, ['-C', project, ...command], true)).ok)
        return failed(`go ${command.join(' ')} fails outside the checkout`);
    return await quickStart(project, [go, 'run', '.']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function staticcheck(go: string): Promise<StepResult> {
  if (!(await buildTool(go, 'honnef.co/go/tools/cmd/staticcheck')))
    return failed('staticcheck does not build');
  const tool = join(cacheFolder(), 'go-tools', 'staticcheck');
  const packages = ['./hyperloom/...', './examples/...'];
  return holds('sh', ['-c', 'cd "$0" && exec "$@"', client, tool, ...packages], 'staticcheck');
}

/** Tests and examples against real brokers, with the detector of data races. */
export const goTestStep: Step = {
  name: 'go test',
  async run() {
    const go = await findGo();
    if (go === undefined) return unavailable(noGo);
    // Go ends tests that hang itself, before this step's own time is over, and says then where each of them stands.
    const args = ['-C', client, 'test', '-race', '-count=1', '-timeout=10m', '-v', './hyperloom/...'];
    const { ok, output } = await run(go, args, true);
    const counts = goCounts(output);
    if (!ok) show(output);
    if (!ok && counts.failed === 0) return { ...counts, failed: 1, note: 'go test could not finish' };
    return { ...counts, note: '' };
  },
};

/** Format, vet, build, and the quick start with the module as others get it. */
export const goClientStep: Step = {
  name: 'go client',
  async run() {
    const go = await findGo();
    if (go === undefined) return unavailable(noGo);
    return all([
      () => readmeShows(client, program),
      () => formatted(go),
      () => holds(go, ['-C', client, 'vet', './...'], 'go vet'),
      () => holds(go, ['-C', client, 'build', './...'], 'go build fails in clients/go'),
      () => staticcheck(go),
      () => outside(go),
    ]);
  },
};
