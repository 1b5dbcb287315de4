/** Where calls are written down for whoever has to answer for the broker later. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Rejection } from '../../state/outcome.ts';
import type { Call } from '../transport.ts';
import type { Visitor } from './door.ts';
import type { Rule } from './rules.ts';

export type NotedKind = Rule<MessageShape<DescMessage>>['kind'];

export interface AuditSink {
  /** Whether calls of a kind that went well are written down. */
  isNoted(kind: NotedKind): boolean;
  done(kind: NotedKind, call: Call, request: MessageShape<DescMessage> | undefined): void;
  failed(kind: NotedKind, call: Call, request: MessageShape<DescMessage> | undefined, error: unknown): void;
  /** A diff of a stream, or a publish, that its author may not make. */
  refused(call: Call, forest: string, rejection: Rejection): void;
  /** Somebody was not let in. */
  notAdmitted(visitor: Visitor, rejection: Rejection): void;
}

/** Writes nothing down. */
export const noAudit: AuditSink = {
  isNoted: () => false,
  done: () => undefined,
  failed: () => undefined,
  refused: () => undefined,
  notAdmitted: () => undefined,
};
