/** What came behind a backup: entries of the journal, whole ones at a time. */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Connection } from './connection.ts';
import {
  BackupRequestSchema,
  BackupTailSchema,
  ForestService,
} from './gen/hyperloom/v1/forest_service_pb.ts';
import type { CallLimits } from './transport.ts';

/** Which entries are asked for. */
export interface BackupTailOptions extends CallLimits {
  /** Of the last entry that is there; of a backup without a tail, its own. */
  readonly position: number;
  /** When that entry was made, in milliseconds since 1970; 0 for position 0. Another time is refused: it is another forest's. */
  readonly timeMs: number;
  /** Revision of the oldest backup that is there. */
  readonly baseRevision: number;
  /** Goes on with what becomes durable, until the loop is left. Default: ends with what is durable now. */
  readonly follow?: boolean | undefined;
}

export interface BackupTailPiece {
  /** Whole entries; none where it is a sign of life, or tells of a base. */
  readonly bytes: Uint8Array;
  /** Of the last entry up to here. */
  readonly position: number;
  readonly timeMs: number;
  /** The newest revision that its entries have made; 0 where they have made none. */
  readonly revision: number;
  /** A backup of this position, made with `resume` and no bytes yet, must be written before what follows. 0: none. */
  readonly basePosition: number;
}

export async function* tailPieces(
  { caller }: Connection,
  forest: string,
  { position, timeMs, baseRevision, follow = false, ...limits }: BackupTailOptions,
): AsyncGenerator<BackupTailPiece, void, void> {
  const tail = create(BackupTailSchema, {
    position: BigInt(position),
    baseRevision: BigInt(baseRevision),
    follow,
    ...(position === 0 ? {} : { time: timestampFromMs(timeMs) }),
  });
  const request = create(BackupRequestSchema, { forest, tail });
  let parts: Uint8Array[] = [];
  let at = position;
  for await (const piece of caller.transport.serverStreaming(ForestService.method.backup, request, limits)) {
    const reached = Number(piece.position);
    if (piece.chunk.length > 0) parts.push(piece.chunk);
    // A part of an entry: the rest of it comes.
    if (parts.length > 0 && reached === at) continue;
    yield {
      bytes: joined(parts),
      position: reached,
      timeMs: piece.time === undefined ? 0 : timestampMs(piece.time),
      revision: Number(piece.revision),
      basePosition: Number(piece.basePosition),
    };
    parts = [];
    at = reached;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
