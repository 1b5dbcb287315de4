/**
 * Goal: ghz puts load on the broker as it stands, and finds every call answered: unary ones and streams, with messages of its own making.
 * Method: the real ghz against a broker in this process; it learns the API by reflection. `PROGRAM` says where it lies.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectClients } from '../support/broker.ts';
import { testTls } from '../support/tls.ts';
import { type InteropBroker, startInteropBroker, startTlsBroker } from './broker.ts';
import { runProgram } from './program.ts';

const program = process.env['PROGRAM'] ?? 'ghz';
const service = 'hyperloom.v1.ContextService';
const calls = 300;

/** What ghz tells of a run, as JSON. */
interface Report {
  readonly count: number;
  readonly statusCodeDistribution: Readonly<Record<string, number>>;
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
  ['plain text', 'http', () => plain, '--insecure'],
  ['TLS', 'https', () => secure, '--skipTLS'],
] as const)('over %s', (_name, scheme, brokerOf, security) => {
  const path = `/ghz/${scheme}`;
  const load = async (method: string, data: unknown): Promise<Report> => {
    const amounts = ['-n', calls, '-c', 20, '--connections', 4, '--timeout', '60s'].map(String);
    const what = ['--call', `${service}.${method}`, '-d', JSON.stringify(data), '-O', 'json'];
    const address = `127.0.0.1:${brokerOf().port}`;
    const { code, output, errors } = await runProgram(program, [security, ...what, ...amounts, address]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    return JSON.parse(output.toString()) as Report;
  };
  const counted = async (node: string): Promise<string> => {
    const clients = connectClients(`${scheme}://127.0.0.1:${brokerOf().port}`, testTls.certificate);
    const { node: found } = await clients.context.get({ path: `${path}/${node}` });
    clients.cut();
    return Buffer.from(found?.value?.kind.value as Uint8Array).toString();
  };

  test('each of many publishes on several connections is answered, and has taken effect once', async () => {
    const diff = { operations: [{ path: `${path}/unary`, increment: { integer: 1 } }] };
    const { count, statusCodeDistribution } = await load('Publish', diff);
    expect({ count, statusCodeDistribution }).toEqual({
      count: calls,
      statusCodeDistribution: { OK: calls },
    });
    expect(await counted('unary')).toBe(String(calls));
  });

  test('each publish on many streams is answered, and has taken effect once', async () => {
    const publish = { operations: [{ path: `${path}/streams`, increment: { integer: 1 } }] };
    const { count, statusCodeDistribution } = await load('PublishStream', [{ publish }, { publish }]);
    expect({ count, statusCodeDistribution }).toEqual({
      count: calls,
      statusCodeDistribution: { OK: calls },
    });
    expect(await counted('streams')).toBe(String(2 * calls));
  });

  test('refusals are told apart by their code', async () => {
    const { statusCodeDistribution } = await load('Get', { path: `${path}/absent` });
    expect(statusCodeDistribution).toEqual({ NotFound: calls });
  });
});
