/** The Java client: protoc and its plugin from Maven, the build, and the artefact in a project outside the checkout. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step, StepResult } from '../step.ts';
import { failed, root, run, unavailable } from '../step.ts';
import { all, holds, quickStart, readmeShows } from './quick-start.ts';

const client = join('clients', 'java');
/** Why a step that needs Java cannot run. */
export const noJava = 'no Maven, or no Java of version 17 or newer';
const copyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** Quiet, without questions, and with a repository of its own, so that nobody else's Maven sees what is installed here. */
export function mavenArguments(): string[] {
  return ['--quiet', '--batch-mode', `-Dmaven.repo.local=${join(cacheFolder(), 'maven')}`];
}

/** How Maven Central names a machine's programs. */
function platform(): string | undefined {
  const systems: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'osx', win32: 'windows' };
  const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch_64' };
  const [system, machine] = [systems[process.platform], machines[process.arch]];
  return system === undefined || machine === undefined ? undefined : `${system}-${machine}`;
}

/** Whether there are a JDK and a Maven that are new enough. */
export async function hasMaven(): Promise<boolean> {
  const [maven, java] = [await run('mvn', ['--version'], true), await run('javac', ['-version'], true)];
  return maven.ok && java.ok && Number(/javac (\d+)/.exec(java.output)?.[1] ?? 0) >= 17;
}

function pinned(pom: string, name: string): string {
  return new RegExp(`<${name}.version>([^<]+)<`).exec(pom)?.[1] ?? '';
}

/** Takes protoc and gRPC's plugin, at the versions that the client is built with, into `.cache/java-tools`. */
export async function prepareJavaTools(): Promise<StepResult | null> {
  const machine = platform();
  if (machine === undefined || !(await hasMaven())) return unavailable(noJava);
  const pom = readFileSync(join(root, client, 'pom.xml'), 'utf8');
  const tools = [
    { name: 'protoc', artifact: `com.google.protobuf:protoc:${pinned(pom, 'protobuf')}` },
    { name: 'protoc-gen-grpc-java', artifact: `io.grpc:protoc-gen-grpc-java:${pinned(pom, 'grpc.plugin')}` },
  ];
  const folder = join(cacheFolder(), 'java-tools');
  mkdirSync(folder, { recursive: true });
  for (const { name, artifact } of tools) {
    const [tool, stamp] = [join(folder, name), join(folder, `${name}.version`)];
    if (existsSync(tool) && existsSync(stamp) && readFileSync(stamp, 'utf8') === artifact) continue;
    const target = [`-DoutputDirectory=${folder}`, '-Dmdep.stripVersion=true'];
    const wanted = `-Dartifact=${artifact}:exe:${machine}`;
    const { ok } = await run('mvn', [...mavenArguments(), copyPlugin, wanted, ...target]);
    if (!ok) return failed(`Maven could not take ${artifact}`);
    copyFileSync(join(folder, `${name}-${machine}.exe`), tool);
    chmodSync(tool, 0o755);
    writeFileSync(stamp, artifact);
  }
  return null;
}

/** The artefact in a project that has nothing of the checkout. */
async function outside(): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-java-'));
  try {
    cpSync(join(root, client, 'examples', 'quickstart'), folder, {
      recursive: true,
      filter: (path) => !path.endsWith('target'),
    });
    const goals = ['compile', 'exec:java'];
    return await quickStart(folder, ['mvn', ...mavenArguments(), ...goals]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Builds, installs into a repository of this checkout, and runs the quick start with what was installed. */
export const javaClientStep: Step = {
  name: 'java client',
  async run() {
    if (!(await hasMaven())) return unavailable(noJava);
    const program = join('examples', 'quickstart', 'src', 'main', 'java', 'QuickStart.java');
    const install = [...mavenArguments(), '--file', join(client, 'pom.xml'), 'clean', 'install'];
    return all([
      () => readmeShows(client, program),
      () => holds('mvn', install, 'mvn package fails in clients/java'),
      outside,
    ]);
  },
};
