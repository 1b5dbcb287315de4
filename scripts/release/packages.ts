/** Everything that is published, and how each is built in a clean clone. The Go module is not among it: it is the tagged sources themselves. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { hasMaven, noJava } from '../checks/java-client.ts';
import { hasCargo, noRust } from '../checks/rust-client.ts';
import { run } from '../step.ts';
import type { Place } from './clone.ts';

/** One package, or some that are built alike. */
export interface Package {
  readonly name: string;
  /** Why it cannot be built on this machine, if so. */
  cannot(): Promise<string | undefined>;
  /** Builds it, and resolves with the paths of what is published. */
  build(place: Place): Promise<string[]>;
}

/** Clients on npm that need nothing but what the checkout has. */
const plain = ['typescript', 'protoc-gen-hyperloom'];
/** Clients on npm with the packages of a framework beside them. */
const adapters = ['langgraph', 'openai-agents', 'vercel-ai', 'ag-ui'];

/** The files of a folder of the clone that end so. */
function filesOf(place: Place, folder: string, ending: string): string[] {
  return readdirSync(join(place.folder, folder))
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => join(place.folder, folder, file));
}

async function always(): Promise<undefined> {}

const npm: Package = {
  name: 'npm',
  cannot: always,
  async build(place) {
    await place.run('mkdir', 'packed');
    const packTo = (folder: string): Promise<string> =>
      place.run(
        'sh',
        '-c',
        'cd "$0" && npm pack --silent --pack-destination "$1"',
        folder,
        join(place.folder, 'packed'),
      );
    await packTo('.');
    for (const client of plain) await packTo(join('clients', client));
    for (const adapter of adapters) {
      const folder = join('clients', adapter);
      await place.run('npm', '--prefix', folder, 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
      await packTo(folder);
    }
    return filesOf(place, 'packed', '.tgz');
  },
};

const mcpb: Package = {
  name: 'mcpb',
  cannot: always,
  async build(place) {
    await place.run('npm', 'run', 'build:mcpb');
    return [join(place.folder, 'dist', 'hyperloom.mcpb')];
  },
};

/** What builds wheels and source archives; setuptools is what `pyproject.toml` asks for. */
const pythonTools = ['build==1.6.1', 'setuptools==80.9.0'];

const python: Package = {
  name: 'python',
  async cannot() {
    const recent = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
    return (await run('python3', ['-c', recent], true)).ok ? undefined : 'no Python 3.11 or newer';
  },
  async build(place) {
    await place.run('python3', '-m', 'venv', 'tools');
    const python = join('tools', 'bin', 'python');
    const quiet = ['--quiet', '--disable-pip-version-check'];
    await place.run(python, '-m', 'pip', 'install', ...quiet, ...pythonTools);
    const project = join('clients', 'python');
    await place.run(python, '-m', 'build', '--no-isolation', '--outdir', 'wheels', project);
    // setuptools writes the time of the build into source archives.
    for (const archive of filesOf(place, 'wheels', '.tar.gz'))
      await place.run(python, join('scripts', 'release', 'settle_archive.py'), archive);
    return [...filesOf(place, 'wheels', '.tar.gz'), ...filesOf(place, 'wheels', '.whl')];
  },
};

const java: Package = {
  name: 'java',
  cannot: async () => ((await hasMaven()) ? undefined : noJava),
  async build(place) {
    const repository = `-Dmaven.repo.local=${join(place.folder, '..', 'maven')}`;
    const pom = join('clients', 'java', 'pom.xml');
    const stamp = `-Dproject.build.outputTimestamp=${place.time}`;
    await place.run('mvn', '--quiet', '--batch-mode', repository, stamp, '--file', pom, 'package');
    return filesOf(place, join('clients', 'java', 'target'), '.jar');
  },
};

const rust: Package = {
  name: 'rust',
  cannot: async () => ((await hasCargo()) ? undefined : noRust),
  async build(place) {
    const manifest = ['--manifest-path', join('clients', 'rust', 'Cargo.toml')];
    const target = ['--target-dir', join('clients', 'rust', 'target')];
    const what = ['--package', 'hyperloom-client', '--locked', '--no-verify'];
    await place.run('cargo', 'package', '--quiet', ...what, ...manifest, ...target);
    return filesOf(place, join('clients', 'rust', 'target', 'package'), '.crate');
  },
};

/** See above. */
export const packages: readonly Package[] = [npm, mcpb, python, java, rust];
