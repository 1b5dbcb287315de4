/**
 * The least that a gRPC server on `node:http2` can do: send the request's frame back with status 0. What a broker costs
 * beyond it is the broker's own. Prints its address and runs until SIGTERM.
 */
import { createServer } from 'node:http2';

const server = createServer();
server.on('stream', (stream) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.end(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
  });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.on('error', () => undefined);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  console.log(`ready on 127.0.0.1:${address.port}`);
});
process.on('SIGTERM', () => process.exit(0));
