/**
 * Runs into files and out of them, in the format of `docs/run-files.md`: what is written equals what `hyperloom export` writes, byte for byte.
 * A file is handed to the browser in pieces as it is made, and read a line at a time, so that the page holds little of it.
 */
import type { Client } from '../../../typescript/src/browser.ts';
import { RunExport, type Exported } from '../../../typescript/src/run-file/export.ts';
import { splitLines } from '../../../typescript/src/run-file/lines.ts';
import { checkPlayed, playLines, type PlayedRun } from '../../../typescript/src/run-file/play-lines.ts';
import { RunProblem } from '../../../typescript/src/run-file/problem.ts';
import { Sha256 } from '../model/sha256.ts';

/** A file that a browser can be asked to save from a page; larger runs are for the command line. */
export const exportBytesMax = 1_000_000_000;
/** Characters that are handed on at once. */
const pieceCharacters = 1_000_000;
/** How often the reader is told how far it is, in lines. */
const progressLines = 200;

export interface ExportedFile {
  readonly blob: Blob;
  readonly result: Exported;
}

/** Told how many lines or events there are so far. */
export type OnProgress = (count: number) => void;

/** Writes the run of a tree; `/` is the whole forest. */
export async function exportRun(
  client: Client,
  tree: string,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<ExportedFile> {
  const exporting = new RunExport(client, { tree, from: 0, mistakes: new Map(), sha256: () => new Sha256() });
  const parts: Blob[] = [];
  let [piece, bytes, lines] = ['', 0, 0];
  const handOn = (): void => {
    const part = new Blob([piece]);
    parts.push(part);
    bytes += part.size;
    piece = '';
    if (bytes > exportBytesMax)
      throw new RunProblem('This run is too large for a browser to save: use `hyperloom export`.');
  };
  for await (const line of exporting.lines()) {
    signal.throwIfAborted();
    piece += line;
    lines += 1;
    if (lines % progressLines === 0) onProgress(lines);
    if (piece.length >= pieceCharacters) handOn();
  }
  handOn();
  return { blob: new Blob(parts, { type: 'application/jsonl' }), result: exporting.result };
}

/** The name of a file that an export of a tree is saved as. */
export function fileNameOf(forest: string, tree: string): string {
  const name = (tree === '/' ? forest : tree.slice(1)).replaceAll(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 100);
  return `${name}.jsonl`;
}

/** Puts a run of a file into a tree (empty: the one that was exported), and compares what is there then with what was exported. */
export async function importRun(
  client: Client,
  file: Blob,
  target: string,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<PlayedRun> {
  let events = 0;
  const played = await playLines(splitLines(chunksOf(await unpacked(file))), {
    client,
    target: target === '' ? undefined : target,
    signal,
    pace: () => Promise.resolve(),
    onEvent() {
      events += 1;
      if (events % progressLines === 0) onProgress(events);
    },
  });
  await checkPlayed(client, played, new Sha256());
  return played;
}

/** A file as it was before it was gzipped, if it was: told by its first bytes, since names are changed on the way. */
async function unpacked(file: Blob): Promise<ReadableStream<Uint8Array>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const stream = file.stream();
  return first === 0x1f && second === 0x8b ? stream.pipeThrough(new DecompressionStream('gzip')) : stream;
}

/** Not every browser's streams can be iterated over. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
