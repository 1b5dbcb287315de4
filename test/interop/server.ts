/** The transport with the service of gRPC's interop tests: `node test/interop/server.ts DESCRIPTORS node|own`. Prints its port. */
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/base/clock.ts';
import { Http2Transport } from '../../src/rpc/http2/http2-transport.ts';
import { interopMethods } from './service.ts';

const [descriptors = '', http2 = 'node'] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const transport = new Http2Transport({
  clock: systemClock,
  http2: http2 === 'own' ? 'own' : 'node',
  methods: interopMethods(registry),
});
const { port } = await transport.listen({ host: '127.0.0.1', port: 0 });
console.log(port);
process.stdin.on('end', () => process.exit(0)).resume();
