/** The span of one diff: within that of its call, or, of one on a stream, within the trace context that it brings along. */
import type { Settled } from '../../sequencer/forest.ts';
import type { Publish } from '../../state/command.ts';
import type { Span } from '../../tracing/tracing.ts';
import { isSampled } from '../../tracing/tracing.ts';
import type { ServiceContext } from './service.ts';

const name = 'hyperloom.publish';

/** A diff with what is told of its outcome. */
export interface SpannedPublish {
  readonly command: Publish;
  readonly settle: (settled: Settled) => void;
}

/** Of a call of its own: whether it is traced is decided already. */
export function spannedCall(
  { tracing }: Pick<ServiceContext, 'tracing'>,
  forest: string,
  publish: SpannedPublish,
): SpannedPublish {
  const { traceParent } = publish.command;
  if (tracing === undefined || !isSampled(traceParent)) return publish;
  return within(tracing.begin(name, traceParent, { 'hyperloom.forest': forest }), publish);
}

/** Of a stream. */
export function spannedDiff(
  { tracing }: Pick<ServiceContext, 'tracing'>,
  forest: string,
  publish: SpannedPublish,
): SpannedPublish {
  if (tracing === undefined) return publish;
  const { traceParent } = publish.command;
  // Most are not traced, and need no attributes.
  if (traceParent !== undefined && !isSampled(traceParent)) return publish;
  return within(tracing.begin(name, traceParent, { 'hyperloom.forest': forest }), publish);
}

function within(span: Span | null, { command, settle }: SpannedPublish): SpannedPublish {
  if (span === null) return { command, settle };
  const asked = { 'hyperloom.operations': command.operations.length };
  return {
    command: { ...command, traceParent: span.traceParent },
    settle(settled) {
      const { outcome, repeated } = settled;
      if (outcome.kind === 'rejected') span.end({ ...asked, 'hyperloom.reason': outcome.reason });
      else if (outcome.kind !== 'published') span.end(asked);
      else {
        const { revision, sequence } = outcome;
        const told = { 'hyperloom.revision': revision, 'hyperloom.sequence': sequence };
        span.end({ ...asked, ...told, 'hyperloom.repeated': repeated });
      }
      settle(settled);
    },
  };
}
