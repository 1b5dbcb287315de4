/** What the services share. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { toBinary } from '@bufbuild/protobuf';
import { crc32 } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import type { SchemaCompiler } from '../../schema/compile.ts';
import type { ValueForms } from '../../schema/value-forms.ts';
import type { Forest, Forests, Settled } from '../../sequencer/forest.ts';
import type { RequestKey } from '../../state/command.ts';
import type { Rejection, Success } from '../../state/outcome.ts';
import type { Tracing } from '../../tracing/tracing.ts';
import type { AuditSink } from '../access/audit-sink.ts';
import { checkRequestId } from '../checks.ts';
import { orRefuse, Refused } from '../errors.ts';
import type { PinnedRoots } from '../pinned-roots.ts';

/** What a process is asked about itself. */
export interface ProcessUsage {
  readonly residentBytes: number;
  readonly cpuMs: number;
}

export interface ServiceContext {
  readonly forests: Forests;
  readonly clock: Clock;
  readonly pinnedRoots: PinnedRoots;
  readonly schemaCompiler: SchemaCompiler;
  readonly valueForms: ValueForms;
  readonly version: string;
  readonly journal: 'embedded' | 'memory' | 'jetstream';
  readonly startTimeMs: number;
  readonly usage: () => ProcessUsage;
  /** Is told of every diff of a stream that was refused. */
  readonly onDiffRefused: (rejection: Rejection) => void;
  /** Gets a span of each diff that somebody wants to see; absent where nothing is traced. */
  readonly tracing?: Tracing;
  /** Where refusals of rights are written down; absent where nobody is asked who they are. */
  readonly audit?: AuditSink;
}

/** The forest that a request names, `default` where it names none. */
export function forestOf(context: ServiceContext, name: string): Forest {
  return orRefuse(context.forests.get(name));
}

/** What makes a request safe to repeat. Its fingerprint is that of its whole canonical encoding. */
export function requestKey<D extends DescMessage>(
  id: string,
  descriptor: D,
  request: MessageShape<D>,
): RequestKey | null {
  if (checkRequestId(id) === '') return null;
  return { id, fingerprint: crc32(toBinary(descriptor, request)) };
}

/** The success of a command of a kind, or the refusal that it met. */
export function successOf<K extends Success['kind']>(
  { outcome }: Settled,
  kind: K,
): Extract<Success, { kind: K }> {
  if (outcome.kind === 'rejected') throw new Refused(outcome);
  if (outcome.kind !== kind) throw new TypeError(`a command for ${kind} came out as ${outcome.kind}`);
  return outcome as Extract<Success, { kind: K }>;
}
