/** What clients of others are let loose on: the service of gRPC's interop tests, and brokers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { cacheFolder } from '../../bench/harness/tools.ts';
import { BrokerProcess } from '../../test/support/broker-process.ts';
import { root, run, show, toolEnvironment } from '../step.ts';

/** Those of gRPC's interop cases that need neither credentials of a cloud nor compression that only the C core has. */
export const interopCases = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
];

/** Builds the messages of the interop tests. `undefined` where that fails. */
export async function interopDescriptors(): Promise<string | undefined> {
  const file = join(cacheFolder(), 'interop.binpb');
  return (await run('buf', ['build', join('test', 'interop'), '--output', file])).ok ? file : undefined;
}

/** Starts the interop service on one of the HTTP/2 engines and stops it when `use` is done with its port. */
export async function withInteropServer<T>(
  descriptors: string,
  http2: 'node' | 'own',
  use: (port: string) => Promise<T>,
): Promise<T> {
  const server = spawn('node', [join('test', 'interop', 'server.ts'), descriptors, http2], {
    cwd: root,
    env: toolEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(createInterface(server.stdout), 'line')) as [string];
    return await use(port);
  } finally {
    server.stdin.end();
  }
}

/** Starts two brokers, of which the second ends connections after a second, and stops them when `use` is done with their ports. */
export async function withBrokers<T>(use: (ports: readonly [string, string]) => Promise<T>): Promise<T> {
  const options = ['--journal', 'memory', '--log-level', 'warn'];
  const brokers = [
    new BrokerProcess('.', options),
    new BrokerProcess('.', [...options, '--connection-age-ms-max', '1000']),
  ] as const;
  try {
    await Promise.all(brokers.map((broker) => broker.start()));
    const [port, agedPort] = brokers.map(({ address }) => address.split(':')[1] ?? '');
    return await use([port ?? '', agedPort ?? '']);
  } finally {
    await Promise.all(brokers.map((broker) => broker.stop('SIGTERM')));
    for (const { errors } of brokers) if (errors !== '') show(errors);
  }
}
