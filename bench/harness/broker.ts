/** A broker as a process of its own, on a free port, with its data in the run's folder. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

import { startChild } from './children.ts';
import type { Child } from './children.ts';
import type { Context } from './case.ts';

/** A broker that is up. */
export interface Broker extends Child {
  readonly address: string;
  readonly data: string;
}

/** Starts a broker; on the data of an earlier one where `data` is given, and with `more` flags. */
export async function startBroker(
  context: Context,
  data?: string,
  more: readonly string[] = [],
): Promise<Broker> {
  const folder = data ?? mkdtempSync(join(context.folder, 'data-'));
  const args = ['bin/hyperloom.js', 'serve', '--listen', '127.0.0.1:0', '--data', folder, ...more];
  const child = await startChild(process.execPath, args, /(127\.0\.0\.1:\d+)/);
  return { ...child, address: child.ready[1] ?? '', data: folder };
}
