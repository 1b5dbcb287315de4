/** A client that sends any frames it likes, and shows all that it gets. */
import { connect, type Socket } from 'node:net';
import { clientPreface, frameTypes } from '../../src/transport/h2/frame.ts';
import { FrameReader } from '../../src/transport/h2/frame-reader.ts';
import { HpackDecoder } from '../../src/transport/h2/hpack-decoder.ts';
import type { HeaderPair } from '../../src/transport/h2/header-template.ts';
import { literalBlock, rawFrame, requestPairs, uint32 } from './raw-frames.ts';

export interface PeerFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
  /** Of HEADERS. */
  readonly headers: Readonly<Record<string, string>>;
}

const endHeaders = 4;
const endStream = 1;

export class Peer {
  readonly socket: Socket;
  readonly frames: PeerFrame[] = [];
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #decoder = new HpackDecoder(4_096, { bytesMax: 1_000_000, fieldsMax: 10_000 });
  #waiting: (() => void)[] = [];
  #isOver = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new FrameReader(16_777_215, {
      onFrame: (type, flags, streamId, bytes, start, end) => {
        const payload = Buffer.from(bytes.subarray(start, end));
        this.frames.push({ type, flags, streamId, payload, headers: this.#headers(type, payload) });
      },
    });
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isOver = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects; `settings` is the payload of its SETTINGS, sent behind the preface. */
  static async connect(port: number, settings: Uint8Array = Buffer.alloc(0)): Promise<Peer> {
    const peer = await Peer.silent(port);
    peer.send(
      clientPreface,
      rawFrame(frameTypes.SETTINGS, 0, 0, settings),
      rawFrame(frameTypes.SETTINGS, 1, 0),
    );
    return peer;
  }

  /** Connects, and says nothing. */
  static async silent(port: number): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    await new Promise((resolve) => socket.once('connect', resolve));
    return new Peer(socket);
  }

  send(...frames: readonly Uint8Array[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(frames));
  }

  /** Sends the headers of a request. */
  request(streamId: number, more: readonly HeaderPair[] = [], isEnd = true): void {
    const block = literalBlock(requestPairs(more));
    this.send(rawFrame(frameTypes.HEADERS, endHeaders | (isEnd ? endStream : 0), streamId, block));
  }

  data(streamId: number, payload: Uint8Array, isEnd = false): void {
    this.send(rawFrame(frameTypes.DATA, isEnd ? endStream : 0, streamId, payload));
  }

  widen(streamId: number, bytes: number): void {
    this.send(rawFrame(frameTypes.WINDOW_UPDATE, 0, streamId, uint32(bytes)));
  }

  /** The first frame that `matches`, as soon as it has come. */
  async frame(matches: (frame: PeerFrame) => boolean): Promise<PeerFrame> {
    for (;;) {
      const found = this.frames.find(matches);
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error('the connection was closed without such a frame');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The code of the GOAWAY that ends the connection. */
  async goAwayCode(): Promise<number> {
    const frame = await this.frame(
      ({ type, payload }) => type === frameTypes.GOAWAY && payload.readUInt32BE(0) < 2 ** 31 - 1,
    );
    return frame.payload.readUInt32BE(4);
  }

  /** The code of a stream's RST_STREAM. */
  async resetCode(streamId: number): Promise<number> {
    const frame = await this.frame(
      (each) => each.type === frameTypes.RST_STREAM && each.streamId === streamId,
    );
    return frame.payload.readUInt32BE(0);
  }

  /** Resolves when the other side has dealt with everything sent so far. */
  async settled(): Promise<void> {
    const payload = Buffer.from(`ping${String(this.frames.length).padStart(4, '0')}`).subarray(0, 8);
    this.send(rawFrame(frameTypes.PING, 0, 0, payload));
    await this.frame(
      (each) => each.type === frameTypes.PING && each.flags === 1 && each.payload.equals(payload),
    );
  }

  /** Bytes of DATA on a stream so far. */
  dataBytes(streamId: number): number {
    const data = this.frames.filter((each) => each.type === frameTypes.DATA && each.streamId === streamId);
    return data.reduce((sum, { payload }) => sum + payload.length, 0);
  }

  /** Whether a stream's response has ended. */
  hasEnded(streamId: number): boolean {
    return this.frames.some(
      ({ type, flags, streamId: id }) =>
        id === streamId &&
        (type === frameTypes.DATA || type === frameTypes.HEADERS) &&
        (flags & endStream) !== 0,
    );
  }

  close(): void {
    this.socket.destroy();
  }

  #headers(type: number, payload: Buffer): Readonly<Record<string, string>> {
    if (type !== frameTypes.HEADERS) return {};
    const { fields } = this.#decoder.decode(payload, 0, payload.length);
    return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
