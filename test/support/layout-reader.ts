/**
 * Reads a layout in JSON lines back into the values that it stands for. Shares no code with its writer: what a reader of the text
 * must come to is said here once more.
 */

/** Values by path, as JSON text: of a text value, the text in quotes. */
export type ReadState = Map<string, string>;

interface Line {
  readonly state?: { readonly revision: number };
  readonly leftOut?: unknown;
  readonly path?: string;
  readonly change?: 'new' | 'changed' | 'added' | 'deleted';
  readonly below?: boolean;
  readonly text?: string;
  readonly json?: unknown;
  readonly bytes?: number;
  readonly message?: string;
}

/** The values that a text says; those that came before, where it goes on from another. */
export function readLayout(text: string, state: ReadState = new Map()): ReadState {
  const read = new Map(state);
  for (const line of text.split('\n').slice(0, -1)) takeIn(read, JSON.parse(line) as Line);
  return read;
}

function takeIn(read: ReadState, line: Line): void {
  const { path, change } = line;
  if (path === undefined) return;
  if (change === 'deleted') {
    for (const known of read.keys()) {
      if (known === path || (line.below === true && known.startsWith(path === '/' ? '/' : `${path}/`)))
        read.delete(known);
    }
    return;
  }
  const old = read.get(path);
  const isExpected = change === undefined || change === 'new' ? old === undefined : true;
  if (!isExpected) throw new Error(`${path} is told as ${change ?? 'a node'}, and was there`);
  if (change !== 'added') {
    read.set(path, valueOf(line));
    return;
  }
  if (old === undefined) throw new Error(`${path} was added to, and was not there`);
  const [before, more] = [JSON.parse(old) as unknown, line.text ?? line.json];
  if (typeof before === 'string' && typeof more === 'string') read.set(path, JSON.stringify(before + more));
  else if (Array.isArray(before) && Array.isArray(more))
    read.set(path, JSON.stringify([...(before as unknown[]), ...(more as unknown[])]));
  else throw new Error(`${path} cannot be added to`);
}

function valueOf({ text, json, bytes }: Line): string {
  return JSON.stringify(text ?? json ?? { bytes });
}
