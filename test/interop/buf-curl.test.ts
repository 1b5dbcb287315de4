/**
 * Goal: `buf curl` reaches the broker with each of the three protocols and needs no proto files: reflection tells all. Method: the real
 * buf, whose client is connect-go, against a broker in this process. `PROGRAM` says where it lies.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InteropBroker, startInteropBroker, startTlsBroker } from './broker.ts';
import { type Ended, runProgram } from './program.ts';

const program = process.env['PROGRAM'] ?? 'buf';
const service = 'hyperloom.v1.ContextService';

interface Refusal {
  readonly code: string;
  readonly details: readonly { readonly type: string; readonly value: string }[];
}

let plain: InteropBroker;
let secure: InteropBroker;
beforeAll(async () => {
  [plain, secure] = await Promise.all([startInteropBroker(), startTlsBroker()]);
});
afterAll(async () => {
  expect([...plain.fatal, ...secure.fatal, ...plain.log, ...secure.log]).toEqual([]);
  await Promise.all([plain.close(), secure.close()]);
});

describe.each([
  ['gRPC', 'plain text', () => plain, 'http', ['--protocol', 'grpc', '--http2-prior-knowledge']],
  ['gRPC', 'TLS', () => secure, 'https', ['--protocol', 'grpc', '--insecure']],
  ['gRPC-Web', 'plain text', () => plain, 'http', ['--protocol', 'grpcweb', '--http2-prior-knowledge']],
  ['gRPC-Web', 'TLS', () => secure, 'https', ['--protocol', 'grpcweb', '--insecure']],
  ['Connect', 'plain text', () => plain, 'http', ['--protocol', 'connect', '--http2-prior-knowledge']],
  ['Connect', 'TLS', () => secure, 'https', ['--protocol', 'connect', '--insecure']],
] as const)('%s over %s', (protocol, security, brokerOf, scheme, options) => {
  const call = (method: string, request: object): Promise<Ended> =>
    runProgram(program, [
      'curl',
      ...options,
      '--data',
      JSON.stringify(request),
      `${scheme}://127.0.0.1:${brokerOf().port}/${service}/${method}`,
    ]);
  const path = `/buf/${protocol}/${security.replaceAll(' ', '_')}`;

  test('it writes and reads', async () => {
    const published = await call('Publish', { operations: [{ path, put: { text: 'by buf ✓' } }] });
    expect(published).toMatchObject({ code: 0, errors: '' });
    const got = await call('Get', { path });
    expect(got).toMatchObject({ code: 0, errors: '' });
    expect(JSON.parse(got.output.toString())).toMatchObject({ node: { path, value: { text: 'by buf ✓' } } });
  });

  test('it is told what was wrong', async () => {
    const refused = await call('Get', { path: 'no path' });
    expect(refused.code).not.toBe(0);
    const told = JSON.parse(refused.errors) as Refusal;
    expect(told.code).toBe('invalid_argument');
    // Details that buf knows no schema of are told as their bytes.
    const info = told.details.find(({ type }) => type === 'google.rpc.ErrorInfo');
    expect(Buffer.from(info?.value ?? '', 'base64').toString()).toContain('INVALID_PATH');
  });
});
