/**
 * A generator of unary gRPC load on `node:http2`: ADDRESS METHOD MESSAGE-FILE IN-FLIGHT CONNECTIONS COUNT [TOKEN]. Keeps that many calls
 * in flight until all are answered, then prints its metrics as JSON. A call that is not answered with status 0 fails the run.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';

import { latencyMetrics } from '../harness/samples.ts';

const [address = '', method = '', file = '', ...amounts] = process.argv.slice(2);
const [inFlight = 0, connections = 0, count = 0] = amounts.slice(0, 3).map(Number);
const token = amounts[3];

const message = readFileSync(file);
const frame = Buffer.alloc(message.length + 5);
frame.writeUInt32BE(message.length, 1);
message.copy(frame, 5);
const headers = {
  ':method': 'POST',
  ':path': `/${method}`,
  'content-type': 'application/grpc',
  te: 'trailers',
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
};

function callOnce(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers);
    let status = 'none';
    const note = (received: Readonly<Record<string, unknown>>): void => {
      if (typeof received['grpc-status'] === 'string') status = received['grpc-status'];
    };
    const done = (): void => {
      if (status === '0') resolve();
      else reject(new Error(`${method} was answered with status ${status}`));
    };
    stream.on('response', note);
    stream.on('trailers', note);
    stream.on('error', reject);
    stream.on('end', done);
    stream.resume();
    stream.end(frame);
  });
}

const latenciesUs = new Float64Array(count);
let next = 0;

async function keepCalling(session: ClientHttp2Session): Promise<void> {
  while (next < count) {
    const index = next;
    next += 1;
    const start = performance.now();
    await callOnce(session);
    latenciesUs[index] = (performance.now() - start) * 1_000;
  }
}

const sessions = Array.from({ length: connections }, () => connect(`http://${address}`));
const start = performance.now();
await Promise.all(
  Array.from({ length: inFlight }, (_, index) => {
    const session = sessions[index % connections];
    return session === undefined ? Promise.resolve() : keepCalling(session);
  }),
);
const seconds = (performance.now() - start) / 1_000;
for (const session of sessions) session.close();
console.log(JSON.stringify({ perSecond: count / seconds, ...latencyMetrics(latenciesUs) }));
