/** What each frame of the peer means (RFC 9113, section 6), and which rule it breaks where it means nothing. */
import type { Allowance } from './allowance.ts';
import { ConnectionError, errorCodes, StreamError } from './error-code.ts';
import { frameFlags, frameTypes } from './frame.ts';
import type { FrameReceiver } from './frame-reader.ts';
import { HeaderBlock } from './header-block.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import type { Http2Limits } from './limits.ts';
import { applySettings } from './peer-settings.ts';
import type { Sender } from './sender.ts';
import type { StreamTable } from './stream-table.ts';
import { protocolError, RequestOpener, type RequestHost } from './request-opener.ts';

/** What frames do to their connection, beyond its streams. */
export interface FrameHost extends RequestHost {
  readonly sender: Sender;
  readonly streams: StreamTable;
  readonly limits: Http2Limits;
  /** Allowances of the peer. */
  readonly idleFrames: Allowance;
  readonly resets: Allowance;
  readonly pings: Allowance;
  /** `bytes` of flow-controlled payload came. False when the connection's window does not allow them. */
  take(bytes: number): boolean;
  /** They are used up. */
  used(bytes: number): void;
  /** SETTINGS of the peer, or its acknowledgement of ours. */
  onSettings(isAnswer: boolean): void;
  onPong(payload: Buffer): void;
  onGoAway(): void;
  /** A header block begins or ends whose rest has yet to come. */
  onHeaderBlock(isOpen: boolean): void;
}

export class FrameHandler implements FrameReceiver {
  readonly #host: FrameHost;
  readonly #decoder: HpackDecoder;
  readonly #opener: RequestOpener;
  #block: HeaderBlock | undefined;
  #settingsSeen = false;

  constructor(host: FrameHost) {
    this.#host = host;
    const { headerTableBytes, headerListBytesMax, headerFieldsMax } = host.limits;
    this.#decoder = new HpackDecoder(headerTableBytes, {
      bytesMax: headerListBytesMax,
      fieldsMax: headerFieldsMax,
    });
    this.#opener = new RequestOpener(host);
  }

  /** Throws a {@link ConnectionError}; errors of streams are dealt with. */
  onFrame(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    this.#checkOrder(type, flags, streamId);
    try {
      this.#dispatch(type, flags, streamId, bytes, start, end);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#resetStream(streamId, error);
    }
  }

  /** SETTINGS come first, and nothing comes between the frames of a header block. */
  #checkOrder(type: number, flags: number, streamId: number): void {
    if (this.#block !== undefined) {
      if (type === frameTypes.CONTINUATION && streamId === this.#block.streamId) return;
      throw protocolError('a header block was not continued');
    }
    if (type === frameTypes.CONTINUATION) throw protocolError('CONTINUATION continues nothing');
    if (this.#settingsSeen) return;
    if (type !== frameTypes.SETTINGS || (flags & frameFlags.ACK) !== 0) {
      throw protocolError('the first frame is not SETTINGS');
    }
    this.#settingsSeen = true;
  }

  #dispatch(type: number, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case frameTypes.DATA:
        return this.#data(flags, streamId, bytes, start, end);
      case frameTypes.HEADERS:
        return this.#headers(flags, streamId, bytes, start, end);
      case frameTypes.CONTINUATION:
        return this.#continuation(flags, bytes, start, end);
      case frameTypes.PRIORITY:
        return this.#priority(streamId, bytes, start, end);
      case frameTypes.RST_STREAM:
        return this.#reset(streamId, bytes, start, end);
      case frameTypes.SETTINGS:
        return this.#settings(flags, streamId, bytes, start, end);
      case frameTypes.PUSH_PROMISE:
        throw protocolError('clients do not push');
      case frameTypes.PING:
        return this.#ping(flags, streamId, bytes, start, end);
      case frameTypes.GOAWAY:
        return this.#goAway(streamId, start, end);
      case frameTypes.WINDOW_UPDATE:
        return this.#windowUpdate(streamId, bytes, start, end);
      default:
        // Extensions that we do not know are ignored (section 5.5).
        return this.#countIdle();
    }
  }

  #data(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('DATA on stream 0');
    const flowBytes = end - start;
    if (!this.#host.take(flowBytes)) {
      throw new ConnectionError('FLOW_CONTROL_ERROR', 'more data than the window of the connection allows');
    }
    const isEnd = (flags & frameFlags.END_STREAM) !== 0;
    if (flowBytes === 0 && !isEnd) this.#countIdle();
    const dataEnd = end - paddingOf(flags, bytes, start, end);
    const dataStart = (flags & frameFlags.PADDED) === 0 ? start : start + 1;
    const stream = this.#host.streams.open.get(streamId);
    if (stream !== undefined) {
      stream.receiveData(bytes.subarray(dataStart, dataEnd), flowBytes, isEnd);
      return;
    }
    this.#host.used(flowBytes);
    const past = this.#host.streams.past(streamId);
    if (past === 'idle') throw protocolError('DATA on an idle stream');
    if (past !== 'reset') throw new ConnectionError('STREAM_CLOSED', 'DATA on a closed stream');
  }

  #headers(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('HEADERS on stream 0');
    const blockEnd = end - paddingOf(flags, bytes, start, end);
    let at = (flags & frameFlags.PADDED) === 0 ? start : start + 1;
    let flaw: string | undefined;
    if ((flags & frameFlags.PRIORITY) !== 0) {
      if (blockEnd - at < 5)
        throw new ConnectionError('FRAME_SIZE_ERROR', 'HEADERS have no room for a priority');
      if ((bytes.readUInt32BE(at) & 0x7fffffff) === streamId) flaw = 'a stream depends on itself';
      at += 5;
    }
    const isEnd = (flags & frameFlags.END_STREAM) !== 0;
    if ((flags & frameFlags.END_HEADERS) !== 0) {
      this.#section(streamId, isEnd, flaw, bytes, at, blockEnd);
      return;
    }
    this.#block = new HeaderBlock(streamId, isEnd, flaw, this.#host.limits);
    this.#block.push(bytes.subarray(at, blockEnd));
    this.#host.onHeaderBlock(true);
  }

  #continuation(flags: number, bytes: Buffer, start: number, end: number): void {
    const block = this.#block;
    if (block === undefined) return;
    block.push(bytes.subarray(start, end));
    if ((flags & frameFlags.END_HEADERS) === 0) return;
    this.#block = undefined;
    this.#host.onHeaderBlock(false);
    const whole = block.whole();
    this.#section(block.streamId, block.isEnd, block.flaw, whole, 0, whole.length);
  }

  /** Every block is decoded, whatever becomes of it: the next one may refer to what it put into the table. */
  #section(
    streamId: number,
    isEnd: boolean,
    flaw: string | undefined,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    const list = this.#decoder.decode(bytes, start, end);
    this.#opener.onSection(streamId, list, isEnd, flaw);
  }

  #priority(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('PRIORITY on stream 0');
    this.#countIdle();
    if (end - start !== 5) throw new StreamError('FRAME_SIZE_ERROR', `PRIORITY of ${end - start} bytes`);
    if ((bytes.readUInt32BE(start) & 0x7fffffff) === streamId) {
      throw new StreamError('PROTOCOL_ERROR', 'a stream depends on itself');
    }
  }

  #reset(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId === 0) throw protocolError('RST_STREAM on stream 0');
    if (end - start !== 4)
      throw new ConnectionError('FRAME_SIZE_ERROR', `RST_STREAM of ${end - start} bytes`);
    const stream = this.#host.streams.open.get(streamId);
    if (stream === undefined) {
      if (this.#host.streams.past(streamId) === 'idle') throw protocolError('RST_STREAM on an idle stream');
      this.#countIdle();
      return;
    }
    this.#countReset();
    stream.close(bytes.readUInt32BE(start), false);
  }

  #settings(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw protocolError('SETTINGS on a stream');
    if ((flags & frameFlags.ACK) !== 0) {
      if (end !== start) throw new ConnectionError('FRAME_SIZE_ERROR', 'an acknowledgement with settings');
      this.#host.onSettings(true);
      return;
    }
    this.#countIdle();
    const { sender, streams } = this.#host;
    sender.applySettings(applySettings(sender.settings, bytes, start, end), streams.open.values());
    this.#host.onSettings(false);
  }

  #ping(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw protocolError('PING on a stream');
    if (end - start !== 8) throw new ConnectionError('FRAME_SIZE_ERROR', `PING of ${end - start} bytes`);
    const payload = bytes.subarray(start, end);
    if ((flags & frameFlags.ACK) !== 0) this.#host.onPong(payload);
    else {
      this.#countIdle();
      this.#countPing();
      this.#host.sender.ping(payload, true);
    }
  }

  #goAway(streamId: number, start: number, end: number): void {
    if (streamId !== 0) throw protocolError('GOAWAY on a stream');
    if (end - start < 8) throw new ConnectionError('FRAME_SIZE_ERROR', `GOAWAY of ${end - start} bytes`);
    this.#host.onGoAway();
  }

  #windowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4)
      throw new ConnectionError('FRAME_SIZE_ERROR', `WINDOW_UPDATE of ${end - start} bytes`);
    this.#countIdle();
    const more = bytes.readUInt32BE(start) & 0x7fffffff;
    const { sender, streams } = this.#host;
    if (streamId === 0) {
      if (more === 0) throw protocolError('WINDOW_UPDATE by nothing');
      sender.widen(more);
      return;
    }
    const stream = streams.open.get(streamId);
    if (stream === undefined) {
      if (streams.past(streamId) === 'idle') throw protocolError('WINDOW_UPDATE on an idle stream');
      return;
    }
    if (more === 0) throw new StreamError('PROTOCOL_ERROR', 'WINDOW_UPDATE by nothing');
    sender.widenStream(stream, more);
  }

  #resetStream(streamId: number, { code }: StreamError): void {
    this.#countReset();
    const { sender, streams } = this.#host;
    const stream = streams.open.get(streamId);
    if (stream !== undefined) {
      stream.reset(code);
      return;
    }
    sender.reset(streamId, errorCodes[code]);
    if (streams.past(streamId) !== 'idle') streams.close(streamId, true);
  }

  #countIdle(): void {
    if (this.#host.idleFrames.take()) return;
    throw new ConnectionError('ENHANCE_YOUR_CALM', 'too many frames that bring nothing');
  }

  /** The words are those of gRPC's servers: its clients then ping half as often. */
  #countPing(): void {
    if (!this.#host.pings.take()) throw new ConnectionError('ENHANCE_YOUR_CALM', 'too_many_pings');
  }

  #countReset(): void {
    if (this.#host.resets.take()) return;
    throw new ConnectionError('ENHANCE_YOUR_CALM', 'too many streams were reset');
  }
}

/** How many bytes at the end of a payload are padding. */
function paddingOf(flags: number, bytes: Buffer, start: number, end: number): number {
  if ((flags & frameFlags.PADDED) === 0) return 0;
  if (start === end)
    throw new ConnectionError('FRAME_SIZE_ERROR', 'a padded frame without its padding length');
  const padding = bytes[start] ?? 0;
  if (padding >= end - start) throw protocolError('more padding than payload');
  return padding;
}
