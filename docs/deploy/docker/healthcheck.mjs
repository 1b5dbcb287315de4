/**
 * Asks the broker in this container whether it is ready, over the standard gRPC health service, and exits with 0 or 1. The certificate is
 * not looked at: the question goes to the same machine.
 */
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

const port = Number((process.env.HYPERLOOM_LISTEN ?? '127.0.0.1:7400').split(':').at(-1));
const isSecret = (process.env.HYPERLOOM_TLS_CERT ?? '') !== '';
const options = {
  host: '127.0.0.1',
  port,
  path: '/grpc.health.v1.Health/Check',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  timeout: 4_000,
  rejectUnauthorized: false,
};

const asked = (isSecret ? tlsRequest : plainRequest)(options, async (response) => {
  let text = '';
  for await (const chunk of response) text += chunk;
  const isReady = response.statusCode === 200 && JSON.parse(text).status === 'SERVING';
  if (!isReady) console.error(text);
  process.exit(isReady ? 0 : 1);
});
asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
asked.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
asked.end('{}');
