/**
 * Goal: the broker as a process: how it starts, says that it is ready, stops, and refuses to start; and what is left of it when
 * its journal fails. Method: real processes of `src/main.ts`; for the failing journal a broker in this process.
 */
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Health } from '../../src/gen/grpc/health/v1/health_pb.ts';
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../../src/gen/grpc/health/v1/health_pb.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockMode } from '../../src/gen/hyperloom/v1/lock_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { JournalFailure } from '../../src/journal/journal.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { MemoryJournal } from '../../src/journal/memory/journal.ts';
import { MemoryStore } from '../../src/memory-store.ts';
import { putText, refusalOf, startTestBroker } from '../support/broker.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

/** A process of the broker and what it says. */
class Process {
  readonly child: ChildProcess;
  readonly #exit: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, HYPERLOOM_LISTEN: '127.0.0.1:0', ...environment };
    this.child = spawn(process.execPath, [main, 'serve', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#exit = new Promise((resolve) => {
      this.child.on('close', (code) => resolve(code));
    });
    running.push(this);
  }

  get exit(): Promise<number | null> {
    return this.#exit;
  }

  /** The URL out of the line that says that it is ready. */
  async ready(): Promise<string> {
    await expect.poll(() => this.stdout, { timeout: 20_000 }).toMatch(/\n/);
    const address = /^hyperloom listening on (\S+) \((?:data in .*|journal in memory)\)\n$/.exec(
      this.stdout,
    )?.[1];
    expect(address, this.stderr).toBeDefined();
    return `http://${address}`;
  }

  stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.#exit;
  }
}

const running: Process[] = [];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hyperloom-process-'));
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

/** A client of a process. Its connection is let go with `close`. */
function connect(baseUrl: string) {
  const sessionManager = new Http2SessionManager(baseUrl);
  const transport = createGrpcTransport({ baseUrl, sessionManager });
  return {
    context: createClient(ContextService, transport),
    forests: createClient(ForestService, transport),
    health: createClient(Health, transport),
    locks: createClient(LockService, transport),
    close: () => sessionManager.abort(),
  };
}

describe('a broker process', () => {
  test('says in one line that it is ready, keeps everything over a restart, and exits with 0 at a signal', async () => {
    const data = join(folder, 'kept', 'data');
    const first = new Process(['--data', data]);
    const client = connect(await first.ready());
    const request = { operations: [putText('/kept', 'x')], requestId: 'kept-1' };
    const { revision } = await client.context.publish(request);
    expect(await first.stop('SIGTERM')).toBe(0);
    client.close();
    expect(first.stdout.split('\n')).toHaveLength(2);
    const second = new Process(['--data', data]);
    const again = connect(await second.ready());
    expect((await again.context.get({ path: '/kept' })).node).toMatchObject({ modifiedRevision: revision });
    expect(await again.context.publish(request)).toMatchObject({ revision, repeated: true });
    expect(await second.stop('SIGINT')).toBe(0);
    again.close();
    for (const line of second.stderr.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('message');
  });

  test('ends subscriptions and calls in good order when it is told to stop', async () => {
    const broker = new Process(['--journal', 'memory']);
    const client = connect(await broker.ready());
    const messages = client.context.subscribe({ patterns: ['/**'] })[Symbol.asyncIterator]();
    expect((await messages.next()).value?.message.case).toBe('bookmark');
    const exit = broker.stop();
    const rest = refusalOf(
      (async () => {
        for (let next = await messages.next(); next.done !== true; next = await messages.next());
      })(),
    );
    expect(await rest).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
    client.close();
    expect(await exit).toBe(0);
  });

  test('stops at once at a second signal', async () => {
    const broker = new Process(['--journal', 'memory', '--drain-notice-ms', '600000']);
    const client = connect(await broker.ready());
    const stream = client.context.publishStream(
      (async function* endless() {
        yield { publish: { operations: [putText('/a', 'x')] } };
        await new Promise(() => undefined);
      })(),
    );
    const reading = refusalOf(
      (async () => {
        for await (const _ of stream) broker.child.kill('SIGTERM');
      })(),
    );
    await expect.poll(() => broker.stderr).toContain('stopping');
    expect(await broker.stop('SIGTERM')).toBe(143);
    client.close();
    await reading;
  });

  test('ends with 0 when the time for running calls is over, whatever still runs', async () => {
    const broker = new Process(['--journal', 'memory', '--drain-notice-ms', '10', '--drain-ms-max', '100']);
    const client = connect(await broker.ready());
    const targets = [{ path: '/a', mode: LockMode.EXCLUSIVE }];
    await client.locks.acquireLock({ targets, author: 'holder' });
    const waiting = refusalOf(
      client.locks.acquireLock({ targets, author: 'waiter', wait: { seconds: 3_600n } }),
    );
    await expect.poll(async () => (await client.forests.getStatus({})).locksWaiting).toBe(1n);
    expect(await broker.stop('SIGTERM')).toBe(0);
    expect(await waiting).toMatchObject({ code: 'Unavailable', reason: 'NOT_SERVING' });
    client.close();
  });

  test('takes its settings from flags, environment and a file, in this order', async () => {
    const file = join(folder, 'hyperloom.conf');
    await writeFile(
      file,
      `# ours\ndata = ${join(folder, 'from-file')}\njournal = memory\nlog-level = error\n`,
    );
    const broker = new Process(['--config', file, '--journal', 'embedded'], { HYPERLOOM_LOG_LEVEL: 'debug' });
    await broker.ready();
    expect(broker.stdout).toContain(`(data in ${join(folder, 'from-file')})`);
    expect(broker.stderr).toContain('"ready"');
  });

  test.each([
    ['beyond loopback without the word for it', ['--listen', '0.0.0.0:0'], 78, /--insecure-behind-mesh/],
    ['on no address', ['--listen', 'here'], 78, /listen/],
    ['with a config file that is not there', ['--config', '/nowhere/at/all'], 78, /config/],
    ['with an unknown flag', ['--frobnicate'], 2, /unknown option/],
    [
      'with a certificate that is not there',
      ['--journal', 'memory', '--tls-cert', '/none', '--tls-key', '/none'],
      1,
      /ENOENT/,
    ],
  ])('does not start %s', async (_name, args, code, message) => {
    const broker = new Process(args);
    expect(await broker.exit).toBe(code);
    expect(broker.stderr).toMatch(message);
    expect(broker.stdout).toBe('');
  });

  test('does not start on a data folder that another one works on, nor on a foreign folder', async () => {
    const data = join(folder, 'taken');
    const first = new Process(['--data', data]);
    await first.ready();
    const second = new Process(['--data', data]);
    expect(await second.exit).toBe(1);
    expect(second.stderr).toMatch(/another broker works on/);
    const foreign = join(folder, 'foreign');
    await mkdir(foreign);
    await writeFile(join(foreign, 'thesis.txt'), 'mine');
    const third = new Process(['--data', foreign]);
    expect(await third.exit).toBe(1);
    expect(third.stderr).toMatch(/neither empty nor a data folder/);
  });

  test('does not start on a port that is taken', async () => {
    const first = new Process(['--journal', 'memory']);
    const url = await first.ready();
    const second = new Process(['--journal', 'memory', '--listen', url.replace('http://', '')]);
    expect(await second.exit).toBe(1);
    expect(second.stderr).toMatch(/EADDRINUSE/);
  });
});

/** A store whose journals can be made to fail. */
class FailingStore extends MemoryStore {
  readonly journals: MemoryJournal[] = [];

  override async openForest(name: string): Promise<Journal> {
    const journal = await super.openForest(name);
    if (journal instanceof MemoryJournal) this.journals.push(journal);
    return journal;
  }
}

describe('a journal that fails', () => {
  test('stops writes with a reason, while reads go on and readiness is withdrawn', async () => {
    const store = new FailingStore();
    const broker = await startTestBroker({ store });
    const client = connect(broker.url);
    await broker.context.publish({ operations: [putText('/a', 'durable')] });
    expect((await client.health.check({})).status).toBe(ServingStatus.SERVING);
    store.journals[0]?.fail(new JournalFailure('no space left on device'));
    const refused = await refusalOf(broker.context.publish({ operations: [putText('/a', 'lost')] }));
    expect(refused).toMatchObject({
      code: 'Unavailable',
      reason: 'JOURNAL_UNAVAILABLE',
      metadata: { cause: 'no space left on device' },
    });
    expect((await broker.context.get({ path: '/a' })).node?.value?.kind.value).toBe('durable');
    expect((await client.health.check({})).status).toBe(ServingStatus.NOT_SERVING);
    expect((await client.health.check({ service: 'hyperloom.v1.ContextService' })).status).toBe(
      ServingStatus.SERVING,
    );
    expect((await broker.forests.getStatus({})).writeStopReason).toBe('no space left on device');
    expect(broker.log.join('')).toContain('no space left on device');
    expect(broker.fatal).toEqual([]);
    client.close();
    await broker.close();
  });
});
