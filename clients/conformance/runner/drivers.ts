/** The drivers that there are, and how each is started. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How a driver is started. */
export interface DriverKind {
  readonly language: string;
  readonly command: readonly [string, ...string[]];
  /** Where it is started. */
  readonly folder: string;
  /** The file of its exceptions: a YAML map of scenarios' names to reasons. */
  readonly exceptions: URL;
  /** Builds it where need be. Resolves with what is missing on this machine; `undefined` where nothing is. */
  prepare(): Promise<string | undefined>;
}

const conformance = new URL('../', import.meta.url);
const python = fileURLToPath(new URL('../../.venv/bin/python', conformance));

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
  kind('python', [python, 'driver.py'], async () =>
    existsSync(python) ? undefined : 'no Python environment',
  ),
];
