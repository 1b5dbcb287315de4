/** Goal: graphs in JavaScript and Python go on with one thread in turns. Method: real graphs of both, against one broker; Python's in its own process. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HumanMessage } from '@langchain/core/messages';
import { expect, test } from 'vitest';
import { HyperloomSaver } from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { all, chat, of } from './support/graphs.ts';

const python = join(import.meta.dirname, '../../../.venv/bin/python');

interface Told {
  readonly said: readonly (readonly [type: string, text: string])[];
  readonly checkpoints: number;
}

async function talkInPython(address: string, question: string, answer: string): Promise<Told> {
  const program = join(import.meta.dirname, 'support/talk.py');
  const { stdout } = await promisify(execFile)(python, [program, address, 'shared', question, answer]);
  return JSON.parse(stdout) as Told;
}

async function talkHere(bench: Bench, question: string, answer: string): Promise<Told> {
  const graph = chat(new HyperloomSaver(bench.client), [answer]);
  const { messages } = await graph.invoke({ messages: [new HumanMessage(question)] }, of('shared'));
  const history = await all(graph.getStateHistory(of('shared')));
  return { said: messages.map(({ type, text }) => [type, text] as const), checkpoints: history.length };
}

test('a conversation goes on in the other language, and back, with every message as it was', async () => {
  await using bench = await Bench.start();
  const { address } = bench.broker;
  const expected: [string, string][] = [];
  const long = (words: string): string => `${words} ${'and so on '.repeat(60)}`;
  for (let turn = 0; turn < 6; turn += 1) {
    const [question, answer] = [
      long(`question ${turn}`),
      turn % 3 === 0 ? long(`answer ${turn}`) : `answer ${turn}`,
    ];
    expected.push(['human', question], ['ai', answer]);
    const told =
      turn % 2 === 0
        ? await talkHere(bench, question, answer)
        : await talkInPython(address, question, answer);
    expect(told).toEqual({ said: expected, checkpoints: 3 * (turn + 1) });
  }
  const lists = await bench.client
    .list('/shared/langgraph/channels/messages', { depth: 2, keysOnly: true })
    .all();
  const bytes = lists.reduce((sum, { valueBytes }) => sum + valueBytes, 0);
  // Each message is written about once, whichever language comes by it.
  expect(bytes).toBeLessThan(2 * expected.length * 400);
});
