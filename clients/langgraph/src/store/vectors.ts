/** Vectors of items: made from their texts, kept beside them, compared with a query's. */
import type { IndexConfig } from '@langchain/langgraph-checkpoint';
import { HyperloomLangGraphError } from '../errors.ts';
import type { ItemValue } from './item.ts';
import { textsAt } from './texts.ts';

/** The content of a node with vectors. */
interface StoredVectors {
  readonly dims: number;
  /** Little-endian float32 in base64, by path. */
  readonly vectors: Readonly<Record<string, string>>;
}

/** An item whose texts are to be embedded, by the paths `fields`. */
export interface Embeddable {
  readonly value: ItemValue;
  readonly fields: readonly string[];
}

/** Embeds the texts of all items in one call. For each item the content of its node; `undefined` where it has no text. */
export async function embed(
  index: IndexConfig,
  items: readonly Embeddable[],
): Promise<(string | undefined)[]> {
  const places: { readonly item: number; readonly path: string }[] = [];
  const texts: string[] = [];
  for (const [item, { value, fields }] of items.entries())
    for (const field of fields) {
      const found = textsAt(value, field);
      for (const [part, text] of found.entries()) {
        places.push({ item, path: found.length === 1 ? field : `${field}.${part}` });
        texts.push(text);
      }
    }
  const embedded = texts.length === 0 ? [] : await index.embeddings.embedDocuments(texts);
  const vectors = items.map(() => new Map<string, string>());
  for (const [place, { item, path }] of places.entries())
    vectors[item]?.set(path, encodeVector(embedded[place] ?? [], index.dims));
  return vectors.map((each) =>
    each.size === 0 ? undefined : JSON.stringify({ dims: index.dims, vectors: Object.fromEntries(each) }),
  );
}

/** How alike the best of an item's vectors is to a query's: the cosine, from -1 to 1. `undefined` where it has none of that size. */
export function scoreOf(text: string | undefined, query: readonly number[]): number | undefined {
  if (text === undefined) return undefined;
  const { vectors } = JSON.parse(text) as StoredVectors;
  const scores = Object.values(vectors).flatMap((each) => {
    const vector = decodeVector(each);
    return vector.length === query.length ? [cosine(vector, query)] : [];
  });
  return scores.length === 0 ? undefined : Math.max(...scores);
}

function encodeVector(vector: readonly number[], dims: number): string {
  if (vector.length !== dims)
    throw new HyperloomLangGraphError(
      `the embedding has ${vector.length} dimensions, and the store's index says ${dims}; make index.dims what the model gives`,
    );
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [place, each] of vector.entries()) bytes.writeFloatLE(each, place * 4);
  return bytes.toString('base64');
}

function decodeVector(text: string): readonly number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readFloatLE(place * 4));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let [dot, left, right] = [0, 0, 0];
  for (const [place, x] of a.entries()) {
    const y = b[place] ?? 0;
    dot += x * y;
    left += x * x;
    right += y * y;
  }
  return left === 0 || right === 0 ? 0 : dot / Math.sqrt(left * right);
}
