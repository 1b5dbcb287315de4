/** Peers, started with the settings that promise what the broker promises: what was acknowledged is on the disk. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Absent, Context, Running } from '../harness/case.ts';
import { startChild } from '../harness/children.ts';
import type { Child } from '../harness/children.ts';
import { unaryLoad } from '../harness/load.ts';
import type { Load } from '../harness/load.ts';
import { freePort } from '../harness/ports.ts';
import { findTool } from '../harness/tools.ts';
import { redisLoad } from '../load/redis.ts';

/** A server that is up, and where. */
export interface Server {
  readonly child: Child;
  readonly address: string;
}

/** The protocol of the echo and of etcd's put. */
export const peersSchema = ['--proto', join('bench', 'peers', 'peers.proto')] as const;

/** A put of `value`, as `PutRequest` bytes: key and value are fields 1 and 2, shorter than 16 KiB. */
export function encodePut(key: string, value: Uint8Array): Uint8Array {
  const keyBytes = Buffer.from(key);
  const field = (tag: number, bytes: Uint8Array): Uint8Array =>
    Buffer.concat([Uint8Array.of(tag, (bytes.length & 0x7f) | 0x80, bytes.length >> 7), bytes]);
  return Buffer.concat([field(0x0a, keyBytes), field(0x12, value)]);
}

/** The bare `node:http2` echo under `load`. */
export async function startEcho(context: Context, message: Uint8Array, load: Load): Promise<Running> {
  const child = await startChild(process.execPath, ['bench/peers/http2-echo.ts'], /(127\.0\.0\.1:\d+)/);
  const address = child.ready[1] ?? '';
  const call = { address, method: 'etcdserverpb.Echo/Echo', schema: peersSchema, message };
  return { measure: () => unaryLoad(child, call, load, context.folder), stop: () => child.end() };
}

/** Single-node etcd under puts of `value`. It syncs each of its write batches, as it does by default. */
export async function startEtcd(context: Context, value: Uint8Array, load: Load): Promise<Running | Absent> {
  const etcd = await upEtcd(context);
  if ('absent' in etcd) return etcd;
  const message = encodePut('/session_1/agent_7/memory/note', value);
  const call = { address: etcd.address, method: 'etcdserverpb.KV/Put', schema: peersSchema, message };
  return { measure: () => unaryLoad(etcd.child, call, load, context.folder), stop: () => etcd.child.end() };
}

/** Single-node etcd, as it comes. */
export async function upEtcd(context: Context): Promise<Server | Absent> {
  const tool = findTool('etcd');
  if (tool === undefined) return { absent: 'etcd is not installed (node bench/setup.ts)' };
  const [client, peer] = [await freePort(), await freePort()];
  const urls = [
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
  ];
  const peers = [
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
  ];
  const data = [`--data-dir=${mkdtempSync(join(context.folder, 'etcd-'))}`, '--log-level=info'];
  const child = await startChild(tool, [...urls, ...peers, ...data], /ready to serve client requests/);
  return { child, address: `127.0.0.1:${client}` };
}

/** Redis with `appendfsync always` under SETs of `value`. */
export async function startRedis(context: Context, value: Uint8Array, load: Load): Promise<Running | Absent> {
  const redis = await upRedis(context);
  if ('absent' in redis) return redis;
  const { child, port } = redis;
  const measure = async (): Promise<Readonly<Record<string, number>>> => {
    await redisLoad(port, value, load.inFlight, Math.ceil(load.count / 10));
    const before = child.cpuUs();
    const seen = await redisLoad(port, value, load.inFlight, load.count);
    return { cpuUs: (child.cpuUs() - before) / load.count, ...seen };
  };
  return { measure, stop: () => child.end() };
}

/** Redis that syncs each of its batches of writes. */
export async function upRedis(context: Context): Promise<(Server & { readonly port: number }) | Absent> {
  const tool = findTool('redis-server');
  if (tool === undefined) return { absent: 'redis-server is not installed (Debian: redis-server)' };
  const port = await freePort();
  const folder = mkdtempSync(join(context.folder, 'redis-'));
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...durable];
  const child = await startChild(tool, args, /Ready to accept connections/);
  return { child, port, address: `127.0.0.1:${port}` };
}

/** A NATS server with JetStream that syncs every write: by default it does so every two minutes, and loses what came since. */
export async function upNats(context: Context): Promise<Server | Absent> {
  const tool = findTool('nats-server');
  if (tool === undefined) return { absent: 'nats-server is not installed (node bench/setup.ts)' };
  const port = await freePort();
  const folder = mkdtempSync(join(context.folder, 'nats-'));
  const file = join(folder, 'nats.conf');
  const jetstream = `jetstream { store_dir: ${JSON.stringify(folder)}, sync_interval: always }`;
  writeFileSync(file, `listen: "127.0.0.1:${port}"\n${jetstream}\n`);
  const child = await startChild(tool, ['-c', file], /Server is ready/);
  return { child, address: `127.0.0.1:${port}` };
}
