/**
 * What the Connect conformance suite starts: `node test/conformance/server.ts DESCRIPTORS node|own`. Reads how to listen from
 * standard input, tells where it does on standard output, and serves until it is ended.
 */
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { Http2Transport } from '../../src/rpc/http2/http2-transport.ts';
import { ConformanceService } from './service.ts';

interface CompatRequest {
  readonly useTls: boolean;
  readonly clientTlsCert: Uint8Array;
  readonly messageReceiveLimit: number;
  readonly serverCreds?: { readonly cert: Uint8Array; readonly key: Uint8Array };
}

const [descriptors = '', http2 = 'node'] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const requestSchema = registry.getMessage('connectrpc.conformance.v1.ServerCompatRequest');
const responseSchema = registry.getMessage('connectrpc.conformance.v1.ServerCompatResponse');
if (requestSchema === undefined || responseSchema === undefined)
  throw new Error('not the suite’s descriptors');

async function readRequest(): Promise<CompatRequest> {
  let bytes: Buffer = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) break;
  }
  if (requestSchema === undefined) throw new Error('unreachable');
  return fromBinary(requestSchema, bytes.subarray(4)) as unknown as CompatRequest;
}

const request = await readRequest();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const { serverCreds: creds, clientTlsCert, messageReceiveLimit } = request;
const tls =
  request.useTls && creds !== undefined
    ? {
        certificate: text(creds.cert),
        key: text(creds.key),
        ...(clientTlsCert.length > 0 ? { clientAuthority: text(clientTlsCert) } : {}),
      }
    : undefined;
const transport = new Http2Transport({
  clock: systemClock,
  http2: http2 === 'own' ? 'own' : 'node',
  methods: new ConformanceService(registry).methods,
  registry,
  ...(messageReceiveLimit > 0 ? { limits: { messageBytesMax: messageReceiveLimit } } : {}),
});
const address = await transport.listen({ host: '127.0.0.1', port: 0, ...(tls === undefined ? {} : { tls }) });
const answer = create(responseSchema, {
  ...address,
  ...(tls === undefined ? {} : { pemCert: Buffer.from(tls.certificate) }),
});
const bytes = toBinary(responseSchema, answer);
const length = Buffer.alloc(4);
length.writeUInt32BE(bytes.length);
process.stdout.write(Buffer.concat([length, bytes]));
