/** The drivers that there are, and how each is started. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder } from '../../../bench/harness/tools.ts';
import { findGo, noGo } from '../../../scripts/checks/go.ts';
import { hasMaven, mavenArguments, noJava } from '../../../scripts/checks/java-client.ts';
import { hasCargo, noRust, target } from '../../../scripts/checks/rust-client.ts';
import { run } from '../../../scripts/step.ts';

/** How a driver is started. */
export interface DriverKind {
  readonly language: string;
  readonly command: readonly [string, ...string[]];
  /** Where it is started. */
  readonly folder: string;
  /** The file of its exceptions: a YAML map of scenarios' names to reasons. */
  readonly exceptions: URL;
  /** It is there for a second SDK of its language: the generated code was tried with the first. */
  readonly sdkOnly?: boolean;
  /** Builds it where need be. Resolves with what is missing on this machine; `undefined` where nothing is. */
  prepare(): Promise<string | undefined>;
}

const listClasspath = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath';
const conformance = new URL('../', import.meta.url);
const python = fileURLToPath(new URL('../../.venv/bin/python', conformance));

/** Where drivers that are compiled lie. */
function built(language: string): string {
  return join(cacheFolder(), 'conformance', language);
}

async function buildGo(): Promise<string | undefined> {
  const go = await findGo();
  if (go === undefined) return noGo;
  const source = fileURLToPath(new URL('drivers/go/', conformance));
  const { ok, output } = await run(go, ['-C', source, 'build', '-o', built('go'), '.'], true);
  if (!ok) throw new Error(`the driver in Go does not build: ${output}`);
  return undefined;
}

/** The client goes into this checkout's own repository first, as the driver takes it from there like any project. */
async function buildJava(): Promise<string | undefined> {
  if (!(await hasMaven())) return noJava;
  const client = fileURLToPath(new URL('../java/pom.xml', conformance));
  const driver = fileURLToPath(new URL('drivers/java/', conformance));
  const classpath = built('java.classpath');
  const commands = [
    ['--file', client, 'install'],
    ['--file', join(driver, 'pom.xml'), 'package', listClasspath, `-Dmdep.outputFile=${classpath}`],
  ];
  for (const command of commands) {
    const { ok, output } = await run('mvn', [...mavenArguments(), ...command], true);
    if (!ok) throw new Error(`the driver in Java does not build: ${output}`);
  }
  const classes = [join(driver, 'target', 'classes'), readFileSync(classpath, 'utf8')].join(delimiter);
  writeFileSync(built('java.arguments'), `-cp ${classes}\nDriver\n`);
  return undefined;
}

async function buildRust(): Promise<string | undefined> {
  if (!(await hasCargo())) return noRust;
  const manifest = fileURLToPath(new URL('drivers/rust/Cargo.toml', conformance));
  const build = ['build', '--quiet', '--locked', '--manifest-path', manifest, ...target()];
  const { ok, output } = await run('cargo', build, true);
  if (!ok) throw new Error(`the driver in Rust does not build: ${output}`);
  return undefined;
}

async function findPython(): Promise<string | undefined> {
  return existsSync(python) ? undefined : 'no Python environment';
}

function kind(
  language: string,
  command: readonly [string, ...string[]],
  prepare: DriverKind['prepare'],
): DriverKind {
  const folder = new URL(`drivers/${language}/`, conformance);
  return {
    language,
    command,
    folder: fileURLToPath(folder),
    exceptions: new URL('exceptions.yaml', folder),
    prepare,
  };
}

/** Every driver. */
export const driverKinds: readonly DriverKind[] = [
  kind('typescript', [process.execPath, 'driver.ts'], async () => undefined),
  kind('go', [built('go')], buildGo),
  kind('java', ['java', `@${built('java.arguments')}`], buildJava),
  kind('rust', [join(cacheFolder(), 'cargo', 'debug', 'hyperloom-conformance-driver')], buildRust),
  kind('python', [python, 'driver.py'], findPython),
  {
    ...kind('python', [python, 'driver.py', '--asyncio'], findPython),
    language: 'python-asyncio',
    exceptions: new URL('drivers/python/exceptions-asyncio.yaml', conformance),
    sdkOnly: true,
  },
];
