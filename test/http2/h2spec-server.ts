/**
 * The HTTP/2 engine with nothing on it but a fixed answer, for h2spec. Prints the port it listens on, and stops when its
 * standard input ends. With `--tls` it listens with the certificate of the tests.
 */
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../../src/base/clock.ts';
import { Http2Engine } from '../../src/transport/h2/engine.ts';
import type { Http2Stream } from '../../src/transport/h2/stream.ts';
import { testTls } from '../support/tls.ts';

const body = Buffer.from('It works.\n');

/** Answers once the request is complete, as h2spec expects of a server that reads bodies. */
function answer(stream: Http2Stream): void {
  stream.receive({
    onData: () => undefined,
    onEnd: () => {
      stream.respond([
        [':status', '200'],
        ['content-type', 'text/plain'],
        ['content-length', String(body.length)],
      ]);
      if (stream.head.method === 'HEAD') stream.end([], 0, undefined);
      else stream.end([body], body.length, undefined);
    },
  });
}

const engine = new Http2Engine(systemClock);
const listener = { onStream: answer, onClose: () => undefined };
const server = process.argv.includes('--tls')
  ? createTlsServer({ cert: testTls.certificate, key: testTls.key, ALPNProtocols: ['h2'] }, (socket) => {
      engine.accept(socket, listener);
    })
  : createServer({ noDelay: true }, (socket) => {
      engine.accept(socket, listener);
    });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' && address !== null ? address.port : 0);
});
process.stdin.on('end', () => process.exit(0)).resume();
