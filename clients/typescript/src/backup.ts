/** Backups that outlive broken connections: the broker makes what has not come yet once more, as it was. */
import { create } from '@bufbuild/protobuf';
import type { Connection } from './connection.ts';
import { crc32 } from './crc32.ts';
import { makeError, UnavailableError } from './errors.ts';
import {
  BackupMarkSchema,
  BackupRequestSchema,
  ForestService,
  type BackupResponse,
} from './gen/hyperloom/v1/forest_service_pb.ts';
import { Backoff, delay } from './time.ts';
import type { CallLimits } from './transport.ts';

/** How much of a backup has come. */
export interface BackupMark {
  /** Position in the journal at which it was taken. */
  readonly position: number;
  readonly bytes: number;
  /** CRC-32 of those bytes, as zlib has it. */
  readonly checksum: number;
}

/** Options of `backup`. */
export interface BackupOptions extends CallLimits {
  /**
   * Goes on behind what a program has of a backup: the same moment, whatever was written since. Throws {@link RevisionError} where the
   * broker's journal does not lead there any more, and {@link InvalidRequestError} where the backup begins otherwise.
   */
  readonly resume?: BackupMark | undefined;
  /** Told the position before the first piece, for a {@link BackupMark}. */
  readonly onPosition?: ((position: number) => void) | undefined;
}

/** The pieces of a backup. One that breaks off is gone on with, unless nothing more comes for as long as a call may take. */
export async function* backupPieces(
  connection: Connection,
  forest: string,
  options: BackupOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { caller, clock, random, retry, diagnostics } = connection;
  const backoff = new Backoff(random);
  let heardMs = clock.monotonicMs();
  let mark = options.resume;
  for (;;) {
    try {
      for await (const { chunk, position } of open(connection, forest, options, mark)) {
        backoff.reset();
        heardMs = clock.monotonicMs();
        mark = behind(mark, chunk, Number(position), options);
        yield chunk;
      }
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      const isLost = retry && error instanceof UnavailableError && !connection.closing.aborted;
      // A broker of before 0.2 tells no position, and would begin anew.
      if (!isLost || (mark !== undefined && mark.position === 0)) throw error;
      const delayMs = backoff.nextMs();
      if (clock.monotonicMs() + delayMs >= heardMs + caller.timeoutMs) throw error;
      diagnostics({ kind: 'retry', method: ForestService.method.backup.name, error, delayMs });
      await delay(clock, delayMs, options.signal);
    }
  }
}

function open(
  { caller }: Connection,
  forest: string,
  limits: CallLimits,
  mark: BackupMark | undefined,
): AsyncIterable<BackupResponse> {
  const request = create(BackupRequestSchema, { forest });
  if (mark !== undefined) {
    const { position, bytes, checksum } = mark;
    request.resume = create(BackupMarkSchema, { position: BigInt(position), bytes: BigInt(bytes), checksum });
  }
  return caller.transport.serverStreaming(ForestService.method.backup, request, limits);
}

function behind(
  mark: BackupMark | undefined,
  chunk: Uint8Array,
  position: number,
  { onPosition }: BackupOptions,
): BackupMark {
  if (mark === undefined) onPosition?.(position);
  else if (mark.position !== position) {
    const message = 'the broker began another backup instead of going on with this one: begin anew';
    throw makeError({ code: 'OUT_OF_RANGE', message });
  }
  const { bytes = 0, checksum = 0 } = mark ?? {};
  return { position, bytes: bytes + chunk.length, checksum: crc32(chunk, checksum) };
}
