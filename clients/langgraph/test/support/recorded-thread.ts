/** The nodes of a thread as some version left them, in a file that stays as it is: `test/corpus`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { json, operation, type Client } from '@hyperloom/client';

/** Nodes by their paths below the thread's: a text, or the exact JSON. */
export type RecordedNodes = Readonly<Record<string, { readonly text: string } | { readonly json: string }>>;

/** A conversation, what was said in it, and how many checkpoints it has. */
export interface RecordedThread {
  readonly said: readonly (readonly [type: string, text: string])[];
  readonly checkpoints: number;
  readonly nodes: RecordedNodes;
}

/** All nodes below `path` that have a value. */
export async function nodesBelow(client: Client, path: string): Promise<RecordedNodes> {
  const nodes = await client.list(path, { depth: 64 }).all();
  const withValue = nodes.filter(({ kind }) => kind !== 'none');
  return Object.fromEntries(
    withValue.map(({ path: whole, value, json: text }) => {
      if (text !== undefined) return [whole.slice(path.length), { json: text }];
      if (typeof value !== 'string') throw new Error(`${whole} is neither JSON nor a text`);
      return [whole.slice(path.length), { text: value }];
    }),
  );
}

export async function recordedThread(name: string): Promise<RecordedThread> {
  const file = join(import.meta.dirname, '../corpus', `${name}.json`);
  return JSON.parse(await readFile(file, 'utf8')) as RecordedThread;
}

/** Puts recorded nodes to where `path` is, as one revision. */
export async function restore(client: Client, path: string, nodes: RecordedNodes): Promise<void> {
  const operations = Object.entries(nodes).map(([below, value]) =>
    operation.put(`${path}${below}`, 'text' in value ? value.text : json(value.json)),
  );
  await client.publish(operations);
}
