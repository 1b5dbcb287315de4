/** Writes what a subscription asks for. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import {
  ChangeDetail,
  SubscribeRequestSchema,
  type SubscribeRequest,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { unreachable } from './errors.ts';
import type { SubscribeOptions } from './options.ts';
import { valueView } from './value-view.ts';

/** Where a stream of a subscription starts. */
export type ResumePoint =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'now' }
  | { readonly kind: 'revision'; readonly revision: number }
  | { readonly kind: 'position'; readonly position: number };

type Init = MessageInitShape<typeof SubscribeRequestSchema>;

/** The request for a stream that starts at `resume`. */
export function subscribeRequest(
  forest: string,
  author: string,
  ghostId: string,
  patterns: readonly string[],
  options: SubscribeOptions,
  resume: ResumePoint,
): SubscribeRequest {
  const interval = options.bookmarkIntervalMs;
  return create(SubscribeRequestSchema, {
    forest,
    author,
    patterns: [...patterns],
    start: startOf(resume),
    scope: scopeOf(ghostId, options),
    detail: options.detail === 'result' ? ChangeDetail.RESULT : ChangeDetail.OPERATION,
    includePrevious: options.includePrevious ?? false,
    includeBasis: options.includeBasis ?? false,
    agent: options.agent ?? '',
    batchEvents: true,
    ...valueView(options),
    ...(interval === undefined ? {} : { bookmarkInterval: durationFromMs(interval) }),
  });
}

function startOf(resume: ResumePoint): NonNullable<Init['start']> {
  switch (resume.kind) {
    case 'snapshot':
      return { case: 'snapshot', value: {} };
    case 'now':
      return { case: 'now', value: {} };
    case 'revision':
      return { case: 'afterRevision', value: BigInt(resume.revision) };
    case 'position':
      return { case: 'afterPosition', value: BigInt(resume.position) };
    default:
      return unreachable(resume);
  }
}

function scopeOf(ghostId: string, options: SubscribeOptions): NonNullable<Init['scope']> {
  if (ghostId !== '') return { case: 'ghostId', value: ghostId };
  return options.everything === true ? { case: 'everything', value: {} } : { case: 'trunk', value: {} };
}
