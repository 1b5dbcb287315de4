/**
 * How fast checkpoints are put and read. Run with `node --import ./test/support/resolve.ts bench/speed.ts [turns]`: a conversation of 1 KB
 * messages, one more with each put, and what a put and a get take at its beginning and at its end; beside it LangGraph's saver in memory and, where
 * `HYPERLOOM_BENCH_SQLITE` names a folder with `@langchain/langgraph-checkpoint-sqlite`, its saver in SQLite, which does not sync.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connect } from '@hyperloom/client';
import { HyperloomSaver } from '@hyperloom/langgraph';
import { AIMessage, HumanMessage, type BaseMessage } from '@langchain/core/messages';
import { emptyCheckpoint, MemorySaver, type BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { Broker } from '../../typescript/src/testing/broker.ts';
import { text } from '../test/support/texts.ts';

const turns = Number(process.argv[2] ?? 200);
const ends = 10;

interface Times {
  readonly put: number[];
  readonly get: number[];
}

/** A thread that grows by one message with each put; every put is followed by a get. */
async function grow(
  saver: BaseCheckpointSaver,
  thread_id: string,
  from: number,
  count: number,
): Promise<Times> {
  const times: Times = { put: [], get: [] };
  let config = { configurable: { thread_id, checkpoint_ns: '' } };
  let messages: BaseMessage[] = Array.from({ length: from }, (_, turn) => message(turn));
  for (let turn = from; turn < from + count; turn += 1) {
    messages = [...messages, message(turn)];
    const checkpoint = {
      ...emptyCheckpoint(),
      channel_values: { messages, turn },
      channel_versions: { messages: turn + 1, turn: turn + 1 },
    };
    const metadata = { source: 'loop', step: turn, parents: {} } as const;
    const before = performance.now();
    config = (await saver.put(config, checkpoint, metadata, checkpoint.channel_versions)) as typeof config;
    const between = performance.now();
    const told = await saver.getTuple({ configurable: { thread_id } });
    times.put.push(between - before);
    times.get.push(performance.now() - between);
    const read = told?.checkpoint.channel_values['messages'] as BaseMessage[] | undefined;
    if (read?.length !== messages.length) throw new Error('messages were lost');
    // As a run of LangGraph does, the next turn goes on with what was read.
    messages = read;
  }
  return times;
}

function message(turn: number): BaseMessage {
  const content = text(turn, 1_025);
  return turn % 2 === 0
    ? new HumanMessage({ content, id: `m${turn}` })
    : new AIMessage({ content, id: `m${turn}` });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Puts a second of so many threads that grow at the same time, each from `from` messages on. */
async function atOnce(
  saver: BaseCheckpointSaver,
  threads: number,
  from: number,
  count: number,
): Promise<number> {
  const started = performance.now();
  await Promise.all(
    Array.from({ length: threads }, async (_, thread) => {
      let config = { configurable: { thread_id: `at once ${thread}`, checkpoint_ns: '' } };
      const messages: BaseMessage[] = Array.from({ length: from }, (_, turn) => message(turn));
      for (let turn = from; turn < from + count; turn += 1) {
        messages.push(message(turn));
        const versions = { messages: turn + 1 };
        const checkpoint = { ...emptyCheckpoint(), channel_values: { messages }, channel_versions: versions };
        const metadata = { source: 'loop', step: turn, parents: {} } as const;
        config = (await saver.put(config, checkpoint, metadata, versions)) as typeof config;
      }
    }),
  );
  return (1_000 * threads * count) / (performance.now() - started);
}

async function measure(name: string, saver: BaseCheckpointSaver): Promise<void> {
  await grow(saver, 'warm', 0, Math.min(turns, 60));
  const started = performance.now();
  const { put, get } = await grow(saver, 'growing', 0, turns);
  const perSecond = (1_000 * turns) / (performance.now() - started);
  const puts = 1_000 / median((await grow(saver, 'fifty', 50, 60)).put);
  const concurrent = await atOnce(saver, 50, 50, 20);
  const ofEnds = (times: readonly number[]): string =>
    `${median(times.slice(2, 2 + ends)).toFixed(2)} → ${median(times.slice(-ends)).toFixed(2)} ms`;
  console.log(
    `${name.padEnd(10)} put ${ofEnds(put)}, get ${ofEnds(get)}; ${perSecond.toFixed(0)} turns/s; at 50 messages ${puts.toFixed(0)} puts/s, in 50 threads at once ${concurrent.toFixed(0)}`,
  );
}

await measure('memory', new MemorySaver());
const folder = mkdtempSync(join(tmpdir(), 'hyperloom-langgraph-'));
const sqlite = process.env['HYPERLOOM_BENCH_SQLITE'];
if (sqlite !== undefined) {
  const at = join(sqlite, 'node_modules/@langchain/langgraph-checkpoint-sqlite/dist/index.js');
  const { SqliteSaver } = (await import(pathToFileURL(at).href)) as {
    SqliteSaver: { fromConnString(path: string): BaseCheckpointSaver };
  };
  await measure('sqlite', SqliteSaver.fromConnString(join(folder, 'checkpoints.sqlite')));
}
const broker = await Broker.start();
const client = connect(broker.address);
await measure('hyperloom', new HyperloomSaver(client));
client.destroy();
await broker[Symbol.asyncDispose]();
rmSync(folder, { recursive: true });
