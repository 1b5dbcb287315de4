/** `Backup` and `Restore`: a forest's state as a stream of pieces. */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { crc32 } from 'node:zlib';
import { restoreBytesWaitingMax } from '../../base/limits.ts';
import {
  type BackupMark,
  type BackupRequest,
  type BackupResponse,
  BackupResponseSchema,
  ForestService,
  type RestoreRequest,
  type RestoreResponse,
  RestoreResponseSchema,
} from '../../gen/hyperloom/v1/forest_service_pb.ts';
import { readBackup, writeBackup } from '../backup-format.ts';
import { checkForestName, checkRequestId } from '../checks.ts';
import { orRefuse, Refused, violation } from '../errors.ts';
import { type Call, defineMethod, type Method, RpcError, type Sink, type Source } from '../transport.ts';
import { sendTail } from './backup-tail.ts';
import { forestNamed } from './forests.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function backupMethods(context: ServiceContext): readonly Method[] {
  const { backup, restore } = ForestService.method;
  return [
    defineMethod({
      kind: 'server_streaming',
      descriptor: backup,
      handle: (request, sink, call) => sendBackup(context, request, sink, call),
    }),
    defineMethod({
      kind: 'client_streaming',
      descriptor: restore,
      handle: (source, call) => receiveBackup(context, source, call),
    }),
  ];
}

async function sendBackup(
  context: ServiceContext,
  { forest: name, resume, tail }: BackupRequest,
  sink: Sink<BackupResponse>,
  call: Call,
): Promise<void> {
  const forest = forestOf(context, name);
  if (tail !== undefined) {
    if (resume !== undefined)
      violation('tail', 'a tail is asked for behind a place, not gone on with by `resume`');
    return sendTail(forest, tail, sink, call, context.clock);
  }
  const source = orRefuse(await forest.backup(resume === undefined ? undefined : positionOf(resume)));
  const revision = BigInt(source.revision);
  const position = BigInt(source.position);
  const time = source.position === 0 ? {} : { time: timestampFromMs(source.timeMs) };
  const refused = await forest.durable(source.position);
  if (refused !== null) throw new Refused(refused);
  let wake: (() => void) | undefined;
  const goOn = (): void => wake?.();
  sink.onDrain(goOn);
  call.onCancel(goOn);
  const whole = writeBackup(source.chunks);
  for await (const chunk of resume === undefined ? whole : behind(resume, whole, call)) {
    if (call.cancelled) return;
    if (sink.write(create(BackupResponseSchema, { chunk, revision, position, ...time }))) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

function positionOf({ position, bytes, checksum }: BackupMark): number {
  if (bytes === 0n && checksum !== 0) violation('resume.bytes', 'of nothing there is no checksum');
  if (position > BigInt(Number.MAX_SAFE_INTEGER)) violation('resume.position', 'there is no such position');
  return Number(position);
}

/** What of a backup has not come yet. What has is made again, and must be the same. */
async function* behind(
  mark: BackupMark,
  chunks: AsyncIterable<Uint8Array>,
  call: Call,
): AsyncGenerator<Uint8Array> {
  let left = mark.bytes;
  let checksum = 0;
  for await (const chunk of chunks) {
    if (call.cancelled) return;
    const known = left < BigInt(chunk.length) ? Number(left) : chunk.length;
    checksum = crc32(chunk.subarray(0, known), checksum);
    left -= BigInt(known);
    if (left > 0n || known === chunk.length) continue;
    refuseOther(mark, checksum);
    yield chunk.subarray(known);
  }
  if (left > 0n) violation('resume.bytes', 'the backup of that position is shorter: begin a new one');
  refuseOther(mark, checksum);
}

function refuseOther(mark: BackupMark, checksum: number): void {
  if (mark.checksum !== checksum)
    violation('resume.checksum', 'the backup of that position begins otherwise: begin a new one');
}

async function receiveBackup(
  context: ServiceContext,
  source: Source<RestoreRequest>,
  call: Call,
): Promise<RestoreResponse> {
  const upload = new Upload(source, call);
  const first = await upload.first;
  const name = checkForestName(first.forest, 'forest');
  const id = checkRequestId(first.requestId);
  const request = id === '' ? null : { id, fingerprint: () => upload.checksum(name) };
  const settled = await context.forests.restore(name, readBackup(upload.chunks()), request);
  orRefuse(settled.outcome);
  const { repeated } = settled;
  return create(RestoreResponseSchema, { forest: forestNamed(context, name), repeated });
}

/** The pieces of a backup as they come, with the client held back while they wait. */
class Upload {
  /** The first message, which names the forest. */
  readonly first: Promise<Pick<RestoreRequest, 'forest' | 'requestId'>>;
  readonly #source: Source<RestoreRequest>;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #name: string | undefined;
  #isOver = false;
  #error: RpcError | undefined;
  #wake: (() => void) | undefined;
  #checksum = 0;

  constructor(source: Source<RestoreRequest>, call: Call) {
    const first = Promise.withResolvers<Pick<RestoreRequest, 'forest' | 'requestId'>>();
    this.first = first.promise;
    this.#source = source;
    call.onCancel(() => {
      this.#end(new RpcError('CANCELLED', 'the upload was given up'));
      first.reject(new RpcError('CANCELLED', 'the upload was given up'));
    });
    source.onEnd(() => {
      this.#end();
      first.resolve({ forest: '', requestId: '' });
    });
    source.onMessage((request) => {
      this.#receive(request);
      first.resolve(request);
    });
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length;
        yield chunk;
        continue;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return;
      this.#source.resume();
      await this.#more();
    }
  }

  /** Of the whole upload, in whatever pieces it came. What is left of it is read and dropped. */
  async checksum(forest: string): Promise<number> {
    while (!this.#isOver) {
      this.#waiting.length = 0;
      this.#waitingBytes = 0;
      this.#source.resume();
      await this.#more();
    }
    if (this.#error !== undefined) throw this.#error;
    return crc32(forest, this.#checksum);
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #receive({ forest, chunk }: RestoreRequest): void {
    this.#name ??= forest;
    if (forest !== '' && forest !== this.#name)
      violation('forest', `the upload is for ${this.#name} already`);
    if (chunk.length > 0) this.#waiting.push(chunk.slice());
    this.#checksum = crc32(chunk, this.#checksum);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > restoreBytesWaitingMax) this.#source.pause();
    this.#wake?.();
  }

  #end(error?: RpcError): void {
    this.#isOver = true;
    this.#error ??= error;
    this.#wake?.();
  }
}
