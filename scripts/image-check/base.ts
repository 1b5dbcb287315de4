/** The base image, made by hand of the parts that the official one is made of. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../step.ts';
import { command, type Engine } from './engine.ts';

/** Of the line that comes with the Node of the base. */
const npm = 'npm@11';

/** Makes the image `name`, such as `node:24-bookworm-slim`, and gives it that name in the engine's storage. */
export async function makeBase(engine: Engine, name: string, folder: string): Promise<void> {
  const [, major, suite] = /^node:(\d+)-([a-z]+)-slim$/.exec(name) ?? [];
  if (major === undefined || suite === undefined) throw new Error(`${name} is no slim image of Node`);
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  const { output: version } = await command(node, ['--version']);
  if (!version.startsWith(`v${major}.`)) throw new Error(`${name}, but the checkout has Node ${version}`);
  const local = await makeLocal(node, folder);
  const archive = join(folder, 'base.tar');
  const links = ['npm', 'npx'].map(
    (tool) => `ln -s ../lib/node_modules/npm/bin/${tool}-cli.js "$1/usr/local/bin/${tool}"`,
  );
  const hooks = [`sync-in ${local} /usr/local`, ...links].map((hook) => `--customize-hook=${hook}`);
  const flags = ['--quiet', '--mode=root', '--variant=minbase', ...hooks];
  await must('mmdebstrap', [...flags, suite, archive]);
  const change = ['--change', 'CMD ["node"]'];
  await engine.must('import', '--quiet', ...change, archive, `docker.io/library/${name}`);
}

/** What the official image has below `/usr/local`: Node and npm. */
async function makeLocal(node: string, folder: string): Promise<string> {
  const local = join(folder, 'local');
  const modules = join(local, 'lib', 'node_modules');
  for (const path of [join(local, 'bin'), join(modules, 'npm'), join(local, 'etc')])
    mkdirSync(path, { recursive: true });
  copyFileSync(node, join(local, 'bin', 'node'));
  await must('npm', ['pack', '--silent', '--pack-destination', folder, npm], folder);
  const packed = readdirSync(folder).find((file) => /^npm-.*\.tgz$/.test(file)) ?? '';
  await must('tar', [
    ...['--extract', '--gzip', '--strip-components=1', '--file', join(folder, packed)],
    ...['--directory', join(modules, 'npm')],
  ]);
  // Where all that leaves the machine goes through somebody who signs it anew, npm must trust him in here too.
  const trusted = process.env['NODE_EXTRA_CA_CERTS'] ?? '';
  if (existsSync(trusted)) {
    copyFileSync(trusted, join(local, 'etc', 'trusted.pem'));
    writeFileSync(join(local, 'etc', 'npmrc'), 'cafile=/usr/local/etc/trusted.pem\n');
  }
  return local;
}

async function must(program: string, args: readonly string[], folder = root): Promise<void> {
  const { code, output } = await command(program, args, folder).catch((error: Error) => {
    throw new Error(`${program} could not be started (Debian's package?): ${error.message}`);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${output.slice(-2_000)}`);
}
