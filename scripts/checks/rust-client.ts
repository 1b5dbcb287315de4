/** The Rust client: its generator, the build, and the packed crate in a project outside the checkout. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step, StepResult } from '../step.ts';
import { failed, root, run, unavailable } from '../step.ts';
import { all, holds, quickStart, readmeShows } from './quick-start.ts';

const client = join('clients', 'rust');
/** Why a step that needs Rust cannot run. */
export const noRust = 'no cargo of version 1.88 or newer';

/** One folder for all that is compiled here: the client, its generator and the project outside share what they need. */
export function target(): string[] {
  return ['--target-dir', join(cacheFolder(), 'cargo')];
}

function cargo(...args: string[]): string[] {
  const manifest = ['--manifest-path', join(client, 'Cargo.toml')];
  const [command = '', ...rest] = args;
  return [command, '--quiet', '--locked', ...manifest, ...target(), ...rest];
}

/** Whether there is a cargo that tonic can be built with. */
export async function hasCargo(): Promise<boolean> {
  const { ok, output } = await run('cargo', ['--version'], true);
  return ok && Number(/cargo 1\.(\d+)/.exec(output)?.[1] ?? 0) >= 88;
}

/** Builds the plugin that writes the client. */
export async function prepareRustTools(): Promise<StepResult | null> {
  if (!(await hasCargo())) return unavailable(noRust);
  const { ok } = await run('cargo', cargo('build', '--package', 'protoc-gen-hyperloom-rust'));
  return ok ? null : failed('the generator of clients/rust does not build');
}

const outsideManifest = `[package]
name = "quickstart"
version = "0.1.0"
edition = "2024"

[dependencies]
hyperloom-client = { path = "hyperloom-client" }
tokio = { version = "1", features = ["macros", "rt"] }

[profile.dev]
debug = false
incremental = false
`;

/** The packed crate in a project that has nothing of the checkout but the versions that it was tested with. */
async function outside(): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-rust-'));
  try {
    const version =
      /^version = "(.+)"$/m.exec(readFileSync(join(root, client, 'Cargo.toml'), 'utf8'))?.[1] ?? '';
    const name = `hyperloom-client-${version}`;
    const crate = join(cacheFolder(), 'cargo', 'package', `${name}.crate`);
    if (!(await run('tar', ['-xzf', crate, '-C', folder])).ok) return failed('cargo package left no crate');
    renameSync(join(folder, name), join(folder, 'hyperloom-client'));
    mkdirSync(join(folder, 'src'));
    copyFileSync(join(root, client, 'examples', 'quickstart.rs'), join(folder, 'src', 'main.rs'));
    copyFileSync(join(root, client, 'Cargo.lock'), join(folder, 'Cargo.lock'));
    writeFileSync(join(folder, 'Cargo.toml'), outsideManifest);
    return await quickStart(folder, ['cargo', 'run', '--quiet', ...target()]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Builds, packs, and runs the quick start with what was packed. */
export const rustClientStep: Step = {
  name: 'rust client',
  async run() {
    if (!(await hasCargo())) return unavailable(noRust);
    const pack = cargo('package', '--package', 'hyperloom-client', '--no-verify', '--allow-dirty');
    return all([
      () => readmeShows(client, join('examples', 'quickstart.rs')),
      () =>
        holds(
          'cargo',
          ['fmt', '--all', '--check', '--manifest-path', join(client, 'Cargo.toml')],
          'cargo fmt',
        ),
      () => holds('cargo', cargo('build'), 'cargo build fails in clients/rust'),
      () => holds('cargo', pack, 'cargo package fails in clients/rust'),
      outside,
    ]);
  },
};
