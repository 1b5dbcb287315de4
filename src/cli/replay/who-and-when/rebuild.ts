/** Puts a replayed run's file together again, byte for byte. */
import type { Client, ListOptions } from '../../../../clients/typescript/src/index.ts';
import { parts } from './recording.ts';

/** The text of the file that was replayed into `tree`. Throws where steps are missing, as after a reverted mistake. */
export async function rebuildWhoAndWhen(
  client: Client,
  tree: string,
  options: ListOptions = {},
): Promise<string> {
  const texts = new Map<string, string>();
  for await (const { path, json } of client.list(tree, { ...options, depth: 0 })) {
    if (json !== undefined) texts.set(path.slice(tree.length + 1), json);
  }
  const layout = JSON.parse(texts.get(parts.layout) ?? '[]') as readonly string[];
  if (layout.length === 0) throw new Error(`${tree} holds no replayed run`);
  return joinLayout(layout, texts);
}

/** The texts between and at the places that a layout names. */
export function joinLayout(layout: readonly string[], texts: ReadonlyMap<string, string>): string {
  return layout
    .map((piece, index) => {
      if (index % 2 === 0) return piece;
      const text = texts.get(piece);
      if (text === undefined) throw new Error(`${piece} is missing`);
      return text;
    })
    .join('');
}
