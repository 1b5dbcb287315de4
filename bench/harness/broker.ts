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

/** What a broker is started with beside the defaults. */
export interface BrokerOptions {
  /** The folder of an earlier one. */
  readonly data?: string;
  readonly flags?: readonly string[];
  /** How long it may take until it listens. */
  readonly readyMs?: number;
  /** What runs it instead of Node alone: a command, the first of its arguments, and so on. */
  readonly command?: readonly string[];
}

/** Starts a broker; on the data of an earlier one where `data` is given, and with `more` flags. */
export function startBroker(context: Context, data?: string, more: readonly string[] = []): Promise<Broker> {
  return startBrokerWith(context, { ...(data === undefined ? {} : { data }), flags: more });
}

/** Starts a broker. */
export async function startBrokerWith(context: Context, options: BrokerOptions): Promise<Broker> {
  const folder = options.data ?? mkdtempSync(join(context.folder, 'data-'));
  const [command = process.execPath, ...before] = options.command ?? [];
  const serve = ['bin/hyperloom.js', 'serve', '--listen', '127.0.0.1:0', '--data', folder];
  const args = [...before, ...serve, ...(options.flags ?? [])];
  const child = await startChild(command, args, /(127\.0\.0\.1:\d+)/, options.readyMs);
  return { ...child, address: child.ready[1] ?? '', data: folder };
}
