/**
 * A growing conversation through the checkpointer: what 200 turns of 1 KB leave behind, and what a put and a get take at the first turn and at
 * the last. Run with `node --import ./test/support/resolve.ts bench/growth.ts [turns]`.
 */
import { connect } from '@hyperloom/client';
import { HyperloomSaver } from '@hyperloom/langgraph';
import { HumanMessage } from '@langchain/core/messages';
import { MemorySaver, type BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
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

const memory = new MemorySaver();
const memoryMs = await converse(memory);
const broker = await Broker.start();
const client = connect(broker.address);
const ours = await converse(new HyperloomSaver(client));
const nodes = (await client.list('/', { depth: 0 }).all()).filter(({ kind }) => kind !== 'none');
const stored = nodes.reduce((sum, { path, valueBytes }) => sum + Buffer.byteLength(path) + valueBytes, 0);
const journal = storedIn(broker.folder)['.segment'];
await client.forests.compact('default', (await client.status()).forest.revision);
const snapshot = storedIn(broker.folder)['.snapshot'];
console.log({
  turns,
  text: turns * textBytes,
  inMemorySaver: bytesOf(memory),
  nodes: stored,
  journal,
  snapshot,
});
console.log({ inMemorySaverMs: memoryMs, ms: ours });
client.destroy();
await broker[Symbol.asyncDispose]();
