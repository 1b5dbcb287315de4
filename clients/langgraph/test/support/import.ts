/** `hyperloom import`, as a process like that of its users. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const launcher = fileURLToPath(new URL('../../../../bin/hyperloom.js', import.meta.url));

/** Imports a database; its lines, one a thread. */
export async function importDatabase(
  address: string,
  source: string,
  ...more: readonly string[]
): Promise<readonly unknown[]> {
  const options = ['--address', address, '--json', 'import', source, ...more];
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, ...options]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
