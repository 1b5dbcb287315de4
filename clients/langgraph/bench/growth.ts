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
import { text } from './texts.ts';

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
const logical = await client.list('/', { depth: 0 }).all();
const nodes = logical.reduce((sum, { path, valueBytes }) => sum + path.length + valueBytes, 0);
const kinds = new Map<string, [number, number, number]>();
for (const { path, valueBytes } of logical) {
  const key = path
    .split('/')
    .slice(3)
    .map((part, index) =>
      index === 0 || (index === 2 && part === 'writes') ? part : index === 1 ? '…' : '*',
    )
    .join('/');
  const [count, paths, values] = kinds.get(key) ?? [0, 0, 0];
  kinds.set(key, [count + 1, paths + path.length, values + valueBytes]);
}
console.table(
  Object.fromEntries([...kinds].map(([key, [count, paths, values]]) => [key, { count, paths, values }])),
);
const journal = storedIn(broker.folder);
await client.forests.compact('default', (await client.status()).forest.revision);
console.log({
  turns,
  text: turns * textBytes,
  memoryBytes: bytesOf(memory),
  nodes,
  journal,
  after: storedIn(broker.folder),
});
console.log({ memoryMs, ours });
client.destroy();
await broker[Symbol.asyncDispose]();
