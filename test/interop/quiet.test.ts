/**
 * Goal: a subscription lives through a proxy for as long as it likes, though nothing happens: bookmarks come before the proxy's patience
 * ends. Method: nginx and HAProxy by the files of docs/deploy with their hour shortened to seconds (Caddy has no such limit), and bookmarks
 * as much more often; ten minutes with the files as they are: `node test/interop/quiet.ts`.
 */
import { createClient } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { putText } from '../support/broker.ts';
import { startInteropBroker } from './broker.ts';
import { grpcWay } from './proxied.ts';
import { Proxy, proxyKinds } from './proxy.ts';
import { follow } from './quiet.ts';

const quietSeconds = 4;

test.concurrent.each(proxyKinds)('a quiet subscription outlives the patience of %s', async (kind) => {
  const broker = await startInteropBroker();
  const proxy = await Proxy.start({ kind, broker: broker.port, quietSeconds });
  try {
    const way = grpcWay(() => `http://127.0.0.1:${proxy.plainPort}`);
    const client = createClient(ContextService, way.transport());
    const seen = await follow(client, {
      path: '/quiet',
      bookmarkMs: 500,
      untilMs: quietSeconds * 2_500,
      wake: () => broker.context.publish({ operations: [putText('/quiet', 'at last')] }),
    });
    expect(seen).toMatchObject({ events: 1, streams: 1 });
  } finally {
    await proxy.stop();
    await broker.close();
  }
});
