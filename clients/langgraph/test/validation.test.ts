/** The suite of LangGraph's authors for checkpointers, all of it, against a real broker. */
import { deltaChannelHistoryTests, validate } from '@langchain/langgraph-checkpoint-validation';
import type { HyperloomSaver } from '../src/index.ts';
import { Bench } from './support/broker.ts';

let bench: Bench;

const initializer = {
  checkpointerName: '@hyperloom/langgraph',
  beforeAll: async (): Promise<void> => {
    bench = await Bench.start();
  },
  afterAll: (): Promise<void> => bench[Symbol.asyncDispose](),
  createCheckpointer: (): Promise<HyperloomSaver> => bench.saver(),
};

beforeAll(initializer.beforeAll);
afterAll(initializer.afterAll);
validate({
  checkpointerName: initializer.checkpointerName,
  createCheckpointer: initializer.createCheckpointer,
});
deltaChannelHistoryTests({
  checkpointerName: initializer.checkpointerName,
  createCheckpointer: initializer.createCheckpointer,
});
