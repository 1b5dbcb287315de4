/** Turns of a conversation on the thread `shared`, by graphs of both languages. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HumanMessage } from '@langchain/core/messages';
import type { BaseCheckpointSaver } from '@langchain/langgraph-checkpoint';
import { HyperloomSaver } from '../../src/index.ts';
import type { Bench } from './broker.ts';
import { all, chat, of } from './graphs.ts';

const python = join(import.meta.dirname, '../../../../.venv/bin/python');

/** What was said so far, and how many checkpoints there are. */
export interface Told {
  readonly said: readonly (readonly [type: string, text: string])[];
  readonly checkpoints: number;
}

export async function talkInPython(address: string, question: string, answer: string): Promise<Told> {
  const program = join(import.meta.dirname, 'talk.py');
  const { stdout } = await promisify(execFile)(python, [program, address, 'shared', question, answer]);
  return JSON.parse(stdout) as Told;
}

export function talkHere(bench: Bench, question: string, answer: string): Promise<Told> {
  return talkWith(new HyperloomSaver(bench.client), question, answer);
}

export async function talkWith(saver: BaseCheckpointSaver, question: string, answer: string): Promise<Told> {
  const graph = chat(saver, [answer]);
  const { messages } = await graph.invoke({ messages: [new HumanMessage(question)] }, of('shared'));
  const history = await all(graph.getStateHistory(of('shared')));
  return { said: messages.map(({ type, text }) => [type, text] as const), checkpoints: history.length };
}
