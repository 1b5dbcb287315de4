/** Forests for tests of renderings, on one broker in memory. */
import type { MessageInitShape } from '@bufbuild/protobuf';

import type { Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import type {
  RenderContextRequest,
  RenderContextRequestSchema,
  RenderContextResponse,
} from '../../src/gen/hyperloom/v1/render_pb.ts';
import type { TestBroker } from './broker.ts';

export type RenderRequest = Exclude<
  MessageInitShape<typeof RenderContextRequestSchema>,
  RenderContextRequest
>;

/** A forest, and what is done in it. */
export interface RenderForest {
  readonly name: string;
  readonly publish: (...operations: readonly Operation[]) => Promise<bigint>;
  /** Everything, with 10,000 tokens, unless the request says otherwise. */
  readonly render: (request?: RenderRequest) => Promise<RenderContextResponse>;
}

let forests = 0;

/** A new forest. */
export async function newRenderForest({ forests: service, context }: TestBroker): Promise<RenderForest> {
  forests += 1;
  const name = `render-${forests}`;
  await service.createForest({ name });
  return {
    name,
    async publish(...operations) {
      const { revision } = await context.publish({ forest: name, operations: [...operations] });
      return revision;
    },
    render: (request = {}) =>
      context.renderContext({ forest: name, parts: [{ pattern: '/**' }], tokenBudget: 10_000n, ...request }),
  };
}

/** For gpt-tokenizer: what stands for the end of a text in a model's vocabulary is text like any other. */
export const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };
