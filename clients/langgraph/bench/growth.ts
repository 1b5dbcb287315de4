/**
 * A growing conversation through the checkpointer: what 200 turns of 1 KB leave behind, once as a graph with a model puts them (half as many
 * invocations, each with three checkpoints and two pending writes), once as puts alone, one a turn. Run with
 * `node --import ./test/support/resolve.ts bench/growth.ts [turns]`.
 */
import { randomUUID } from 'node:crypto';
import { connect } from '@hyperloom/client';
import { HyperloomSaver } from '@hyperloom/langgraph';
import { HumanMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  emptyCheckpoint,
  MemorySaver,
  uuid6,
  type BaseCheckpointSaver,
} from '@langchain/langgraph-checkpoint';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { chat } from '../test/support/graphs.ts';
import { storedIn } from './stored.ts';
import { text } from '../test/support/texts.ts';

const turns = Number(process.argv[2] ?? 200);
const textBytes = 1_025;

async function converse(saver: BaseCheckpointSaver): Promise<number> {
  const answers = Array.from({ length: turns / 2 }, (_, turn) => text(2 * turn + 1, textBytes));
  const graph = chat(saver, answers);
  const started = performance.now();
  for (let turn = 0; turn < turns / 2; turn += 1) {
    const question = new HumanMessage(text(2 * turn, textBytes));
    await graph.invoke({ messages: [question] }, { configurable: { thread_id: 'growing' } });
  }
  return performance.now() - started;
}

/** A checkpoint with one more message for each turn. */
async function putTurns(saver: BaseCheckpointSaver): Promise<number> {
  const messages: HumanMessage[] = [];
  let config = { configurable: { thread_id: 'growing', checkpoint_ns: '' } } as RunnableConfig;
  const started = performance.now();
  for (let turn = 0; turn < turns; turn += 1) {
    messages.push(new HumanMessage({ content: text(turn, textBytes), id: randomUUID() }));
    const versions = { messages: turn + 1 };
    const checkpoint = {
      ...emptyCheckpoint(),
      id: uuid6(0),
      channel_values: { messages: [...messages] },
      channel_versions: versions,
    };
    config = await saver.put(config, checkpoint, { source: 'loop', step: turn, parents: {} }, versions);
  }
  return performance.now() - started;
}

function bytesOf(saver: MemorySaver): number {
  let sum = 0;
  for (const namespaces of Object.values(saver.storage))
    for (const checkpoints of Object.values(namespaces))
      for (const [checkpoint, metadata] of Object.values(checkpoints))
        sum += checkpoint.length + metadata.length;
  for (const writes of Object.values(saver.writes))
    for (const [, , value] of Object.values(writes)) sum += value.length;
  return sum;
}

for (const [by, work] of Object.entries({ graph: converse, puts: putTurns })) {
  const memory = new MemorySaver();
  const memoryMs = await work(memory);
  const broker = await Broker.start();
  const client = connect(broker.address);
  const ms = await work(new HyperloomSaver(client));
  const found = (await client.list('/', { depth: 0 }).all()).filter(({ kind }) => kind !== 'none');
  const nodes = found.reduce((sum, { path, valueBytes }) => sum + Buffer.byteLength(path) + valueBytes, 0);
  const journal = storedIn(broker.folder)['.segment'];
  await client.forests.compact('default', (await client.status()).forest.revision);
  const snapshot = storedIn(broker.folder)['.snapshot'];
  console.log({
    by,
    turns,
    text: turns * textBytes,
    inMemorySaver: bytesOf(memory),
    nodes,
    journal,
    snapshot,
  });
  console.log({ inMemorySaverMs: memoryMs, ms });
  client.destroy();
  await broker[Symbol.asyncDispose]();
}
