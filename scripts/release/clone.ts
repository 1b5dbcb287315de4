/** A clean clone of a commit, and how commands are run in it. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { root } from '../step.ts';
import type { Source } from './provenance.ts';

/** One place to build in. */
export interface Place {
  readonly folder: string;
  /** The commit's, in ISO 8601: "now" for all that is built. */
  readonly time: string;
  /** Runs a command there to its end. Throws with the end of what it printed unless that is a good one. */
  run(command: string, ...args: readonly string[]): Promise<string>;
}

/** How much of a failed command's output is told. */
const charactersMax = 3_000;

/** Clones `source` into `folder`, with all that npm installs. `zone` is the time zone there. */
export async function clone(folder: string, source: Source, zone: string): Promise<Place> {
  mkdirSync(join(folder, '..'), { recursive: true });
  const env = {
    ...process.env,
    // The checkout's Node for all that is built, whichever began this.
    PATH: [join(folder, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter),
    TZ: zone,
    // What tools put for "now" into archives (https://reproducible-builds.org/specs/source-date-epoch/).
    SOURCE_DATE_EPOCH: String(source.seconds),
  };
  const place: Place = {
    folder,
    time: new Date(source.seconds * 1_000).toISOString().replace('.000', ''),
    run: (command, ...args) => runIn(folder, env, command, args),
  };
  await runIn(root, env, 'git', ['clone', '--quiet', '--no-hardlinks', '--no-checkout', root, folder]);
  await place.run('git', 'checkout', '--quiet', '--detach', source.commit);
  await place.run('npm', 'ci', '--no-audit', '--no-fund');
  return place;
}

function runIn(
  cwd: string,
  env: NodeJS.ProcessEnv,
  command: string,
  args: readonly string[],
): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else
        reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${output.slice(-charactersMax)}`));
    });
  });
}
