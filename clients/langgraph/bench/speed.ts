/**
 * How fast checkpoints are put and read: `node --import ./test/support/resolve.ts bench/speed.ts hyperloom ADDRESS THREADS PUTS TURNS`, or
 * `sqlite FOLDER …`, or `memory - …`. A subject of the bench `langgraph/typescript`: for each line on its input it measures once, and prints what as
 * JSON. A turn adds a message of 1 KB to a conversation. LangGraph's saver in SQLite works on Node's own, and syncs with each put
 * (`synchronous=FULL`): all but the one in memory are durable.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from '@hyperloom/client';
import { HyperloomSaver } from '@hyperloom/langgraph';
import { HumanMessage, type BaseMessage } from '@langchain/core/messages';
import type { RunnableConfig } from '@langchain/core/runnables';
import {
  emptyCheckpoint,
  MemorySaver,
  uuid6,
  type BaseCheckpointSaver,
} from '@langchain/langgraph-checkpoint';
import { FileSaver } from '../test/support/node-sqlite.ts';

/** Messages of a conversation before its puts are counted. */
const messagesBefore = 50;
/** So many turns count as the first, and as the last. */
const endsMax = 20;

/** Grows by a message with each put. The messages are there before, so that making them is not measured. */
class Conversation {
  readonly #saver: BaseCheckpointSaver;
  readonly #threadId = randomUUID();
  readonly #coming: readonly BaseMessage[];
  #messages: BaseMessage[];
  #config: RunnableConfig;
  #turn = 0;

  constructor(saver: BaseCheckpointSaver, turns: number, before = 0) {
    this.#saver = saver;
    this.#messages = Array.from({ length: before }, message);
    this.#coming = Array.from({ length: turns + 1 }, message);
    this.#config = { configurable: { thread_id: this.#threadId, checkpoint_ns: '' } };
  }

  async put(): Promise<void> {
    const next = this.#coming[this.#turn];
    this.#turn += 1;
    if (next !== undefined) this.#messages = [...this.#messages, next];
    const versions = { messages: this.#turn };
    const checkpoint = {
      ...emptyCheckpoint(),
      id: uuid6(0),
      channel_values: { messages: this.#messages },
      channel_versions: versions,
    };
    const metadata = { source: 'loop', step: this.#turn, parents: {} } as const;
    this.#config = await this.#saver.put(this.#config, checkpoint, metadata, versions);
  }

  /** Reads the newest, and goes on with what was read, as a run does. */
  async get(): Promise<void> {
    const found = await this.#saver.getTuple({ configurable: { thread_id: this.#threadId } });
    const read = found?.checkpoint.channel_values['messages'] as BaseMessage[] | undefined;
    if (read?.length !== this.#messages.length) throw new Error('messages were lost');
    this.#messages = read;
  }
}

function message(): BaseMessage {
  const id = randomUUID();
  return new HumanMessage({ content: id.repeat(29).slice(0, 1_024), id });
}

/** Of so many threads at once, each with a conversation of its own. */
async function putsPerSecond(saver: BaseCheckpointSaver, threads: number, puts: number): Promise<number> {
  const conversations = Array.from({ length: threads }, () => new Conversation(saver, puts, messagesBefore));
  await Promise.all(conversations.map((conversation) => conversation.put()));
  const start = performance.now();
  await Promise.all(
    conversations.map(async (conversation) => {
      for (let turn = 0; turn < puts; turn += 1) await conversation.put();
    }),
  );
  return (1_000 * threads * puts) / (performance.now() - start);
}

/** Microseconds of a put and of a get in the first and the last turns of a conversation, one at a time. */
async function growth(saver: BaseCheckpointSaver, turns: number): Promise<Record<string, number>> {
  const conversation = new Conversation(saver, turns);
  const puts: number[] = [];
  const gets: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const start = performance.now();
    await conversation.put();
    const between = performance.now();
    await conversation.get();
    puts.push((between - start) * 1_000);
    gets.push((performance.now() - between) * 1_000);
  }
  const [putFirstUs, putLastUs] = ends(puts);
  const [getFirstUs, getLastUs] = ends(gets);
  const ratios = { putGrowth: putLastUs / putFirstUs, getGrowth: getLastUs / getFirstUs };
  return { putFirstUs, putLastUs, getFirstUs, getLastUs, ...ratios };
}

function ends(times: readonly number[]): readonly [first: number, last: number] {
  const count = Math.min(endsMax, Math.floor(times.length / 3));
  return [median(times.slice(1, 1 + count)), median(times.slice(-count))];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function saverOf(kind: string, where: string): Promise<BaseCheckpointSaver> {
  if (kind === 'memory') return new MemorySaver();
  if (kind === 'hyperloom') return new HyperloomSaver(connect(where), { root: `/bench_${randomUUID()}` });
  const saver = new FileSaver(join(where, 'checkpoints.sqlite'));
  saver.db.pragma('synchronous=FULL');
  return saver;
}

const [kind = '', where = '', threads = '', puts = '', turns = ''] = process.argv.slice(2);
const saver = await saverOf(kind, where);
console.log('ready');
for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const perSecond = await putsPerSecond(saver, Number(threads), Number(puts));
  const alonePerSecond = await putsPerSecond(saver, 1, Number(puts));
  const { user, system } = process.cpuUsage(before);
  const clientCpuUs = (user + system) / ((Number(threads) + 1) * Number(puts));
  console.log(
    JSON.stringify({ perSecond, alonePerSecond, clientCpuUs, ...(await growth(saver, Number(turns))) }),
  );
}
process.exit(0);
