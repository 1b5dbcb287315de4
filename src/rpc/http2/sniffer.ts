import type { Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { isHttp2Preface } from './preface.ts';

/** Takes over a socket whose protocol is known, with all its bytes unread. */
export type Accept = (socket: Socket, protocol: 'http1' | 'http2') => void;

/**
 * Finds out what a new connection speaks. One that says nothing, or stops within the preface, is closed after `msMax`.
 * The bytes are read by `readable` and put back: `node:http2` finds nothing after a hand-over in flowing mode.
 */
export function sniff(socket: Socket, clock: Clock, msMax: number, accept: Accept): void {
  const timer = clock.setTimer(msMax, () => socket.destroy());
  let first: Buffer = Buffer.alloc(0);
  const done = (): void => {
    timer.cancel();
    socket.off('readable', onReadable);
    socket.off('end', onEnd);
    socket.off('error', onEnd);
    socket.off('close', onEnd);
  };
  const onEnd = (): void => {
    done();
    socket.destroy();
  };
  const onReadable = (): void => {
    const chunk: unknown = socket.read();
    if (!(chunk instanceof Buffer)) return;
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    const http2 = isHttp2Preface(first);
    if (http2 === undefined) return;
    done();
    socket.unshift(first);
    accept(socket, http2 ? 'http2' : 'http1');
  };
  socket.on('readable', onReadable);
  socket.on('end', onEnd);
  socket.on('error', onEnd);
  socket.on('close', onEnd);
}
