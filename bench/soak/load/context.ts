/** What every actor of the load gets. */
import type { Random } from '../../../src/base/random.ts';
import type { Client } from '../../../clients/typescript/src/index.ts';
import type { Meter } from './meter.ts';
import type { Pacer } from './pacer.ts';

/** Long, because a machine that is busy with other things must not pass for a broker that fails. */
export const timeoutMs = 120_000;
export const ttlMs = 120_000;

export interface LoadContext {
  readonly address: string;
  readonly client: Client;
  readonly meter: Meter;
  readonly pacer: Pacer;
  readonly random: Random;
  /** Of the rates that the actors name, which add up to 600 calls a second. */
  readonly factor: number;
  /** Aborts when the load ends: visitors leave. */
  readonly stop: AbortSignal;
  /** Aborts when all others are done: the reviewer and the watcher leave. */
  readonly close: AbortSignal;
  /** Acknowledged increments by path. */
  readonly totals: Map<string, number>;
}
