/** tonic against the broker: scenarios through the generated Rust client. */
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import type { Step } from '../step.ts';
import { failed, run, unavailable } from '../step.ts';
import { withBrokers } from './interop-server.ts';
import { hasCargo, noRust, target } from './rust-client.ts';
import { scenarioResult } from './scenarios.ts';

const manifest = join('test', 'interop', 'rust', 'Cargo.toml');

/** All scenarios; the program prints a line for each. */
export const tonicStep: Step = {
  name: 'tonic',
  async run() {
    if (!(await hasCargo())) return unavailable(noRust);
    const { ok } = await run('cargo', [
      'build',
      '--quiet',
      '--locked',
      '--manifest-path',
      manifest,
      ...target(),
    ]);
    if (!ok) return failed('the client could not be built');
    const client = join(cacheFolder(), 'cargo', 'debug', 'hyperloom-interop');
    const ran = await withBrokers((ports) => run('timeout', ['400', client, ...ports], true));
    return scenarioResult([ran], 12);
  },
};
