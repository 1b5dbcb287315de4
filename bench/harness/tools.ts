/** Programs that benches use where they are there: in `.cache/bin` (built by `node bench/setup.ts`) or in PATH. */
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { root } from '../../scripts/step.ts';

/** The checkout's folder for what can be made again. */
export function cacheFolder(): string {
  const folder = join(root, '.cache');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Where a program lies, or `undefined`. */
export function findTool(name: string): string | undefined {
  const folders = [join(cacheFolder(), 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What `nats-server` is built from. */
export const natsServerModule = 'github.com/nats-io/nats-server/v2@v2.15.2';

/** The driver of the same work on all stores: `bench/driver`. */
export const driverName = 'hyperloom-bench-driver';
