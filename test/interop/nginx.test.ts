/**
 * Goal: a broker behind nginx serves gRPC through plain-text HTTP/2, and Connect and gRPC-Web through HTTP/1.1. Method: the real
 * nginx in front of a broker in this process, with the settings that anyone would need.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type InteropBroker, startInteropBroker } from './broker.ts';
import { freePorts } from '../../bench/harness/ports.ts';
import { Daemon, isListening } from './program.ts';
import { grpcWay, testWay, webWays } from './proxied.ts';

let broker: InteropBroker;
let aging: InteropBroker;
let nginx: Daemon;
let folder: string;
const ports = { grpc: 0, web: 0, aging: 0 };
const url = (name: keyof typeof ports) => () => `http://127.0.0.1:${ports[name]}`;

beforeAll(async () => {
  [broker, aging, folder] = await Promise.all([
    startInteropBroker(),
    startInteropBroker({ 'connection-age-ms-max': '1000' }),
    mkdtemp(join(tmpdir(), 'hyperloom-nginx-')),
  ]);
  [ports.grpc = 0, ports.web = 0, ports.aging = 0] = await freePorts(3);
  await writeFile(join(folder, 'nginx.conf'), settings());
  nginx = new Daemon('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
  await nginx.ready(() => isListening(ports.grpc));
});
afterAll(async () => {
  await nginx.stop();
  expect([...broker.fatal, ...aging.fatal, ...broker.log, ...aging.log]).toEqual([]);
  await Promise.all([broker.close(), aging.close(), rm(folder, { recursive: true })]);
});

describe.each([grpcWay(url('grpc')), ...webWays(url('web'))])('$name', (way) => {
  testWay(way, () => broker);
});

describe('gRPC to a broker that ends its connections after a second', () => {
  testWay(grpcWay(url('aging')), () => aging);
});

function settings(): string {
  return `
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  # Streams may be quiet for long, and messages large.
  client_max_body_size 0;
  # One for each protocol: nginx keeps connections by upstream, whatever they speak.
  upstream broker { server 127.0.0.1:${broker.port}; keepalive 16; }
  upstream web { server 127.0.0.1:${broker.port}; keepalive 16; }
  upstream aging { server 127.0.0.1:${aging.port}; keepalive 16; }
  server {
    listen 127.0.0.1:${ports.grpc} http2;
    location / { grpc_pass grpc://broker; grpc_read_timeout 1h; grpc_send_timeout 1h; }
  }
  server {
    listen 127.0.0.1:${ports.aging} http2;
    location / { grpc_pass grpc://aging; grpc_read_timeout 1h; grpc_send_timeout 1h; }
  }
  server {
    listen 127.0.0.1:${ports.web};
    location / {
      proxy_pass http://web;
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 1h;
    }
  }
}
`;
}
