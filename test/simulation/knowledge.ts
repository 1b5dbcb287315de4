/** What agents knew when they wrote, what they were told of it, and what was taken back: all that the checks of provenance know of a forest. */
import type { MessageInitShape } from '@bufbuild/protobuf';

import type { TraceDirection, TraceEntry } from '../../src/gen/hyperloom/v1/trace_pb.ts';
import type { BasisReverted } from '../../src/gen/hyperloom/v1/cascade_pb.ts';
import type { BasisEntrySchema } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import type { OperationInit } from './requests.ts';

/** Below this path everybody says what has been read for what is written. */
export const mindPrefix = '/k';

export type BasisInit = Exclude<MessageInitShape<typeof BasisEntrySchema>, { $typeName: string }> & {
  readonly path: string;
  readonly revision: bigint;
};

/** Something that was read, and the texts that it showed. */
export interface Look {
  readonly basis: BasisInit;
  readonly tokens: readonly string[];
}

/** A publish to the trunk, as its author asked for it. */
export interface Thought {
  readonly client: string;
  readonly requestId: string;
  readonly operations: readonly OperationInit[];
  readonly looks: readonly Look[];
}

/** A diff that was staged in a ghost. */
export interface DreamtThought extends Omit<Thought, 'client'> {
  readonly invokedMs: number;
  /** When it was answered; `Infinity` where it never was. */
  completedMs: number;
  /** When the broker that answered it had been started. */
  startedMs: number;
  sequence: number;
}

/** A ghost that was worked in with a basis, from its beginning on. */
export interface Dream {
  readonly client: string;
  readonly ghostId: string;
  readonly baseRevision: number;
  /** It is committed only where all that was read is as it was. */
  readonly isSerializable: boolean;
  readonly diffs: DreamtThought[];
  /** Attempts to commit it, oldest first. Each has a request id of its own. */
  readonly commits: DreamCommit[];
  /** When its owner asked for its end for the first time; `Infinity` where it vanished. */
  endInvokedMs: number;
}

export interface DreamCommit {
  readonly requestId: string;
  /** What its owner had looked at since. */
  readonly basis: readonly BasisInit[];
}

/** A cascade that was asked for under a request id; its outcome is with the writes. */
export interface CascadeRecord {
  readonly client: string;
  readonly requestId: string;
  readonly target: number;
  /** Revisions that the answer said are undone, with how far away they are; `null` where nobody was told. */
  undone: readonly string[] | null;
}

/** What a report said that would be undone. */
export interface ForecastRecord {
  readonly client: string;
  readonly target: number;
  readonly invokedMs: number;
  readonly completedMs: number;
  readonly undone: readonly string[];
}

/** An answer of `Trace`, all pages of it. */
export interface TraceRecord {
  readonly client: string;
  readonly direction: TraceDirection;
  readonly start: number;
  /** The revision as of which it is. */
  readonly revision: number;
  readonly entries: readonly TraceEntry[];
  readonly invokedMs: number;
  readonly completedMs: number;
  /** The newest revision that anybody had asked to compact to when it was answered. */
  readonly compactedMax: number;
  /** Refused, because that part of history was given up. */
  readonly isRefused: boolean;
}

/** What an agent's subscription told of reverts. */
export interface ToldRecord {
  readonly agent: string;
  /** It was told everything behind this revision … */
  fromRevision: number;
  /** … and up to this one. */
  untilRevision: number;
  /** By revision. */
  readonly told: (readonly [revision: number, BasisReverted])[];
}

export class Knowledge {
  readonly thoughts: Thought[] = [];
  readonly dreams: Dream[] = [];
  readonly cascades: CascadeRecord[] = [];
  readonly forecasts: ForecastRecord[] = [];
  readonly traces: TraceRecord[] = [];
  readonly told: ToldRecord[] = [];
}

/** The texts in what was read. Each was written once, in brackets. */
export function tokensIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/\[([^\]]+)\]/g), ([, token = '']) => token);
}
