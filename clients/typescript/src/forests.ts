/** Operation of the broker and its forests. */
import { create } from '@bufbuild/protobuf';
import { backupPieces, type BackupOptions } from './backup.ts';
import { tailPieces, type BackupTailOptions, type BackupTailPiece } from './backup-tail.ts';
import type { Connection } from './connection.ts';
import { readForest, readStatus, type Forest, type Status } from './forest.ts';
import {
  CompactRequestSchema,
  CreateForestRequestSchema,
  DeleteForestRequestSchema,
  ForestService,
  GetStatusRequestSchema,
  ListForestsRequestSchema,
  RestoreRequestSchema,
  type RestoreRequest,
  type RestoreResponse,
} from './gen/hyperloom/v1/forest_service_pb.ts';
import type { CallLimits } from './transport.ts';

/** What a compaction did. */
export interface Compacted {
  /** The oldest revision that is readable now. */
  readonly compactedRevision: number;
  /** Bytes freed on disk. */
  readonly freedBytes: number;
}

/** Options of `status`. */
export interface StatusOptions extends CallLimits {
  /** Adds the state hash, which visits what has changed since it was last asked for. */
  readonly stateHash?: boolean | undefined;
  /** Adds what each agent has moved in each tree. */
  readonly meters?: boolean | undefined;
}

/** The forests of a broker: `client.forests`. */
export class Forests {
  readonly #connection: Connection;

  /** Not for programs: use `client.forests`. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Creates an empty forest: 1 to 63 of `a-z0-9_-`. Throws {@link AlreadyExistsError} where there is one. */
  async create(name: string, limits: CallLimits = {}): Promise<Forest> {
    const request = create(CreateForestRequestSchema, { name, requestId: this.#connection.nextRequestId() });
    return readForest(
      (await this.#connection.caller.unary(ForestService.method.createForest, request, limits)).forest,
    );
  }

  /** All forests, by name. */
  async list(limits: CallLimits = {}): Promise<readonly Forest[]> {
    const request = create(ListForestsRequestSchema);
    const response = await this.#connection.caller.unary(ForestService.method.listForests, request, limits);
    return response.forests.map(readForest);
  }

  /** Deletes a forest and all its history. Cannot be undone. */
  async delete(name: string, limits: CallLimits = {}): Promise<void> {
    const request = create(DeleteForestRequestSchema, { name, requestId: this.#connection.nextRequestId() });
    await this.#connection.caller.unary(ForestService.method.deleteForest, request, limits);
  }

  /** Drops history below a revision (0: the newest); state stays. */
  async compact(forest = '', revision = 0, limits: CallLimits = {}): Promise<Compacted> {
    const requestId = this.#connection.nextRequestId();
    const request = create(CompactRequestSchema, { forest, revision: BigInt(revision), requestId });
    const response = await this.#connection.caller.unary(ForestService.method.compact, request, limits);
    return { compactedRevision: Number(response.compactedRevision), freedBytes: Number(response.freedBytes) };
  }

  /** How the broker and a forest are. */
  async status(forest = '', options: StatusOptions = {}): Promise<Status> {
    const { stateHash = false, meters = false } = options;
    const request = create(GetStatusRequestSchema, {
      forest,
      includeStateHash: stateHash,
      includeMeters: meters,
    });
    return readStatus(await this.#connection.caller.unary(ForestService.method.getStatus, request, options));
  }

  /**
   * A backup in pieces, to be written one behind the other. A broken connection is no matter: it goes on where it was. What a program has of
   * one that ended otherwise can be gone on with by `resume`.
   */
  backup(forest = '', options: BackupOptions = {}): AsyncGenerator<Uint8Array, void, void> {
    return backupPieces(this.#connection, forest, options);
  }

  /**
   * What came behind a backup, and with `follow` what comes: entries of the journal, to be written behind it. "hyperloom restore" and
   * "hyperloom verify" read such a file. Ends with {@link UnavailableError} where the connection breaks; go on behind the last entry then.
   */
  backupTail(forest: string, options: BackupTailOptions): AsyncGenerator<BackupTailPiece, void, void> {
    return tailPieces(this.#connection, forest, options);
  }

  /**
   * Creates a forest from a backup's pieces, of any size. Not in browsers. Pieces that can be had again, such as those of an array, are
   * sent again when the broker cannot be reached; a stream's are gone.
   */
  async restore(
    forest: string,
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    limits: CallLimits = {},
  ): Promise<Forest> {
    const { caller } = this.#connection;
    const method = ForestService.method.restore;
    const requestId = this.#connection.nextRequestId();
    // An upload takes as long as it takes, unless its caller says otherwise: the default bounds only how long it is begun anew.
    const upload = (left: CallLimits): Promise<RestoreResponse> =>
      caller.transport.clientStreaming(
        method,
        restoreRequests(forest, requestId, chunks),
        limits.timeoutMs === undefined ? limits : left,
      );
    const answer = isRepeatable(chunks) ? caller.repeat(method.name, limits, upload) : upload(limits);
    return readForest((await answer).forest);
  }
}

/** Whether each loop begins anew. What is a loop itself, as a generator is, can be run once. */
function isRepeatable(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): boolean {
  return Symbol.iterator in chunks && (chunks[Symbol.iterator]() as unknown) !== chunks;
}

const chunkBytesMax = 64 * 1024;

async function* restoreRequests(
  forest: string,
  requestId: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<RestoreRequest, void, void> {
  yield create(RestoreRequestSchema, { forest, requestId });
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += chunkBytesMax) {
      yield create(RestoreRequestSchema, { chunk: chunk.subarray(at, at + chunkBytesMax) });
    }
  }
}
