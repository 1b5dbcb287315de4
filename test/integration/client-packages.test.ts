/**
 * Goal: what users of the TypeScript client get from npm works in a project of their own: the client, and the plugin that types its paths. Method:
 * both are packed and installed into an empty folder; there `buf generate` runs with the installed plugin, `tsc` compiles a program against what
 * it wrote, with a line that must not compile, and the program talks to a broker.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { BrokerProcess } from '../support/broker-process.ts';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hyperloom-client-packages-'));
const broker = new BrokerProcess(join(folder, 'data'));

/** The folder's own programs first; buf and protoc-gen-es are those of the checkout, to save their installation. */
const path = [join(folder, 'node_modules/.bin'), join(root, 'node_modules/.bin'), process.env['PATH']].join(
  delimiter,
);
/** By its path: the plugin's framework brings an old one along. */
const tsc = join(root, 'node_modules/.bin/tsc');
const inFolder = { cwd: folder, env: { ...process.env, PATH: path } };

beforeAll(async () => {
  const tarballs: string[] = [];
  for (const name of ['typescript', 'protoc-gen-hyperloom']) {
    const { stdout } = await execute('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: join(root, 'clients', name),
    });
    tarballs.push(join(folder, stdout.trim().split('\n').at(-1) ?? ''));
  }
  write('package.json', '{ "private": true, "type": "module" }');
  await execute('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], {
    cwd: folder,
  });
  await broker.start();
}, 300_000);

afterAll(async () => {
  await broker.stop('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

test('a project of its own generates, compiles and runs typed state', async () => {
  copyProtos();
  const opt = ['target=ts', 'import_extension=js'];
  const plugins = [
    { local: 'protoc-gen-es', out: 'src/gen', opt, include_imports: true },
    { local: 'protoc-gen-hyperloom', out: 'src/gen', opt },
  ];
  write('buf.gen.yaml', JSON.stringify({ version: 'v2', inputs: [{ directory: 'proto' }], plugins }));
  await execute('buf', ['generate'], inFolder);
  write('src/main.ts', program.replace('HYPERLOOM_ADDRESS', broker.address));
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['src'] }));
  const compiled = await execute(tsc, ['-p', '.'], inFolder).catch((error: unknown) => error);
  expect(compiled).toMatchObject({ stdout: '' });
  const { stdout } = await execute(process.execPath, ['out/main.js'], inFolder);
  expect(stdout).toBe('works from a package\n');
});

function write(file: string, content: string): void {
  mkdirSync(join(folder, 'src'), { recursive: true });
  writeFileSync(join(folder, file), content);
}

/** What the user's own messages import, and these. */
function copyProtos(): void {
  for (const [from, to] of [
    ['clients/protoc-gen-hyperloom/testdata/acme', 'acme'],
    ['test/support/protos/buf', 'buf'],
    ['proto/hyperloom/v1/node_options.proto', 'hyperloom/v1/node_options.proto'],
  ] as const)
    cpSync(join(root, from), join(folder, 'proto', to), { recursive: true });
}

const compilerOptions = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable', 'dom'],
  module: 'nodenext',
  strict: true,
  // Node's types are not installed, and the client's name a few of them.
  types: [],
  skipLibCheck: true,
  rootDir: 'src',
  outDir: 'out',
};

const program = `
import { connect, schemaOf } from '@hyperloom/client';
import { ResearchNoteNode } from './gen/acme/v1/research_hyperloom.js';

await using client = connect('HYPERLOOM_ADDRESS');
await client.schemas.register('research', schemaOf(ResearchNoteNode.message));
const notes = client.typed(ResearchNoteNode);
await notes.put({ session: 's', note: 'n' }, { claim: 'works from a package' });
const { value } = await notes.get({ session: 's', note: 'n' });
console.log(value.claim);
// @ts-expect-error note is missing
export const wrong = (): unknown => notes.get({ session: 's' });
`;
