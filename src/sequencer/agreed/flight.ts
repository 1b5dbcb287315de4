/** What a replica has put into a log, or is about to. */
import type { Timer } from '../../base/clock.ts';
import type { AgreedBounds } from '../../codec/agreed-entry.ts';
import type { Command } from '../../state/command.ts';
import type { Rejection } from '../../state/outcome.ts';
import type { Settled } from '../settled.ts';

/** A command on its way. */
export interface Item {
  readonly command: Command;
  readonly record: Uint8Array;
  readonly givesWay: boolean;
  readonly seenSequence: number;
  readonly bounds: AgreedBounds | null;
  readonly atRevision: number;
  readonly atPosition: number;
  readonly submittedMs: number;
  readonly settle: (settled: Settled) => void;
}

/** An entry: what it holds, and who waits for it. */
export interface Flight {
  readonly number: number;
  readonly items: readonly Item[];
  readonly barriers: readonly ((refused: Rejection | null) => void)[];
  readonly startMs: number;
  timer: Timer | null;
  /** Those who wait were told that the log is away. */
  isGivenUp: boolean;
}
