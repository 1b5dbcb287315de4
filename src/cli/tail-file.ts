/**
 * Backups that are gone on with: what came since is written behind them, whole entries at a time, each time down to the disk. What
 * a crash has cut off there is written over, so the same command goes on wherever another one has stopped.
 */
import { open, type FileHandle } from 'node:fs/promises';

import { UnavailableError, type Client } from '../../clients/typescript/src/index.ts';
import type { Context } from './context.ts';
import { byteSize, grouped, timeText } from './output/text.ts';
import type { EndOfBackup } from './surroundings.ts';

export interface TailOptions {
  readonly file: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** How far the file goes. */
export interface TailTold {
  readonly bytes: number;
  readonly position: number;
  readonly time: string;
}

/** How soon it tries again. */
const retryMs = 1_000;
/** How long a broker may be away where nobody follows it. */
const awayMsMax = 60_000;

export async function extendBackup(
  context: Context,
  client: Client,
  options: TailOptions,
): Promise<TailTold> {
  const { file, follow, signal } = options;
  const { surroundings, progress } = context;
  const end = await surroundings.backups.endOf(file);
  const handle = await open(file, 'r+');
  const tail = new TailFile(handle, end);
  try {
    await handle.truncate(end.bytes);
    const shown = progress({ label: 'backup', unit: 'bytes' });
    let heardMs = surroundings.clock.monotonicMs();
    for (;;) {
      try {
        for await (const piece of client.forests.backupTail(client.forest, { ...tail.end, follow, signal })) {
          heardMs = surroundings.clock.monotonicMs();
          if (piece.basePosition > tail.end.statePosition)
            await tail.writeState(stateAt(client, piece.basePosition, signal), piece.basePosition);
          if (piece.bytes.length > 0) await tail.write(piece.bytes, piece);
          shown.to(tail.end.bytes);
        }
        break;
      } catch (error) {
        signal.throwIfAborted();
        const isAway = surroundings.clock.monotonicMs() - heardMs > awayMsMax;
        if (!(error instanceof UnavailableError) || (isAway && !follow)) throw error;
        await whileAway(context, client);
      }
    }
  } finally {
    await handle.close();
  }
  const { bytes, position, timeMs } = tail.end;
  return { bytes, position, time: new Date(timeMs).toISOString() };
}

export function tailText({ bytes, position, time }: TailTold): string {
  return `${byteSize(bytes)}, up to position ${grouped(position)} of ${timeText(new Date(time))}`;
}

/** A backup of the state at a position, from its first byte. */
function stateAt(client: Client, position: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return client.forests.backup(client.forest, { resume: { position, bytes: 0, checksum: 0 }, signal });
}

/** The file. What is counted in {@link end} is whole and on the disk. */
class TailFile {
  readonly #handle: FileHandle;
  #end: EndOfBackup;

  constructor(handle: FileHandle, end: EndOfBackup) {
    this.#handle = handle;
    this.#end = end;
  }

  get end(): EndOfBackup {
    return this.#end;
  }

  async write(bytes: Uint8Array, to: Pick<EndOfBackup, 'position' | 'timeMs'>): Promise<void> {
    await this.#writeAt(bytes, this.#end.bytes);
    await this.#handle.datasync();
    const { position, timeMs } = to;
    this.#end = { ...this.#end, position, timeMs, bytes: this.#end.bytes + bytes.length };
  }

  /** A state of the entry that follows. */
  async writeState(pieces: AsyncIterable<Uint8Array>, statePosition: number): Promise<void> {
    let { bytes } = this.#end;
    for await (const piece of pieces) {
      await this.#writeAt(piece, bytes);
      bytes += piece.length;
    }
    await this.#handle.datasync();
    this.#end = { ...this.#end, statePosition, bytes };
  }

  async #writeAt(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;)
      done += (await this.#handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** Resolves when the broker is back, or may be; not too soon. */
async function whileAway({ surroundings }: Context, client: Client): Promise<void> {
  const pause = new Promise<void>((resolve) => surroundings.clock.setTimer(retryMs, resolve));
  const answer = client.status().catch((error: unknown) => {
    if (!(error instanceof UnavailableError)) throw error;
  });
  await Promise.all([answer, pause]);
}
