/**
 * Goal: whoever has grpcurl needs no proto files: reflection tells all. Method: the real grpcurl against a broker in this process.
 * `PROGRAM` says where it lies.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InteropBroker, startInteropBroker, startTlsBroker } from './broker.ts';
import { type Ended, runProgram } from './program.ts';

const program = process.env['PROGRAM'] ?? 'grpcurl';
const service = 'hyperloom.v1.ContextService';

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
  ['plain text', () => plain, '-plaintext'],
  ['TLS', () => secure, '-insecure'],
] as const)('over %s', (_name, brokerOf, security) => {
  const grpcurl = async (args: readonly string[], rest: readonly string[], input = ''): Promise<Ended> => {
    const address = `127.0.0.1:${brokerOf().port}`;
    return runProgram(program, [security, ...args, address, ...rest], input);
  };
  const path = `/grpcurl/${security}`;

  test('it lists and describes what the broker offers', async () => {
    const { code, output } = await grpcurl([], ['list']);
    expect(code).toBe(0);
    const services = output.toString().trim().split('\n');
    expect(services).toContain(service);
    expect(services).toContain('grpc.health.v1.Health');
    const described = await grpcurl([], ['describe', `${service}.PublishStream`]);
    expect(described.output.toString()).toContain(
      'rpc PublishStream ( stream .hyperloom.v1.PublishStreamRequest )',
    );
  });

  test('it writes and reads', async () => {
    const diff = JSON.stringify({ operations: [{ path, put: { text: 'by grpcurl ✓' } }] });
    const published = await grpcurl(['-d', diff], [`${service}/Publish`]);
    expect(published).toMatchObject({ code: 0, errors: '' });
    const got = await grpcurl(['-d', JSON.stringify({ path })], [`${service}/Get`]);
    expect(JSON.parse(got.output.toString())).toMatchObject({ node: { value: { text: 'by grpcurl ✓' } } });
  });

  test('it shows a refusal with its details', async () => {
    const { code, errors } = await grpcurl(['-d', '{"path": "no path"}'], [`${service}/Get`]);
    // 64 and the code of gRPC: INVALID_ARGUMENT.
    expect(code).toBe(67);
    expect(errors).toContain('InvalidArgument');
    expect(errors).toContain('google.rpc.BadRequest');
  });

  test('it sends many messages on a stream and gets an outcome for each', async () => {
    const one = JSON.stringify({
      publish: { operations: [{ path: `${path}/many`, append: { text: '.' } }] },
    });
    const sent = Array.from({ length: 200 }, () => one).join('\n');
    const { code, output } = await grpcurl(['-d', '@'], [`${service}/PublishStream`], sent);
    expect(code).toBe(0);
    expect(output.toString().match(/"published"/g)).toHaveLength(200);
  });

  test('it follows a subscription until its deadline', async () => {
    const pattern = JSON.stringify({ patterns: [path] });
    const { code, output, errors } = await grpcurl(
      ['-max-time', '1', '-d', pattern],
      [`${service}/Subscribe`],
    );
    expect(output.toString()).toContain('by grpcurl ✓');
    expect(errors).toContain('DeadlineExceeded');
    expect(code).toBe(68);
  });
});
