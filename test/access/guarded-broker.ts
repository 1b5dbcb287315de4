/** A broker that asks who calls: files of access and tokens in a folder of its own, and clients for principals. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type Interceptor } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { changeTokens } from '../../src/access/token-file.ts';
import { hashOf, newToken } from '../../src/access/token.ts';
import { systemRandom } from '../../src/base/random.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../../src/gen/hyperloom/v1/schema_service_pb.ts';
import { startTestBroker, type TestBroker } from '../support/broker.ts';

export interface Principal {
  readonly context: Client<typeof ContextService>;
  readonly forests: Client<typeof ForestService>;
  readonly locks: Client<typeof LockService>;
  readonly reviews: Client<typeof ReviewService>;
  readonly schemas: Client<typeof SchemaService>;
}

export interface GuardedBroker {
  readonly broker: TestBroker;
  readonly folder: string;
  /** Writes another file of access. */
  allow(policy: object): void;
  /** Makes a token for a principal. */
  token(principal: string, expiresMs?: number | null, groups?: readonly string[]): string;
  revoke(principal: string): void;
  /** Clients with an `authorization` header, or without one. */
  as(token: string | undefined): Principal;
  close(): Promise<void>;
}

export async function startGuardedBroker(
  policy: object,
  settings: Readonly<Record<string, string>> = {},
): Promise<GuardedBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-access-'));
  const file = join(folder, 'access.yaml');
  const tokens = join(folder, 'tokens.json');
  const allow = (given: object): void => writeFileSync(file, JSON.stringify({ version: 1, ...given }));
  allow(policy);
  const broker = await startTestBroker({ settings: { access: file, tokens, ...settings } });
  const sessions: Http2SessionManager[] = [];
  return {
    broker,
    folder,
    allow,
    token(principal, expiresMs = null, groups = []) {
      const { id, token } = newToken(systemRandom);
      const kept = { id, principal, groups, hash: hashOf(token), label: '', createdMs: 0, expiresMs };
      changeTokens(tokens, (before) => [...before, kept]);
      return token;
    },
    revoke: (principal) =>
      changeTokens(tokens, (before) => before.filter((token) => token.principal !== principal)),
    as(token) {
      const sessionManager = new Http2SessionManager(broker.url);
      sessions.push(sessionManager);
      const transport = createGrpcTransport({
        baseUrl: broker.url,
        sessionManager,
        interceptors: token === undefined ? [] : [bearer(token)],
      });
      return {
        context: createClient(ContextService, transport),
        forests: createClient(ForestService, transport),
        locks: createClient(LockService, transport),
        reviews: createClient(ReviewService, transport),
        schemas: createClient(SchemaService, transport),
      };
    },
    async close() {
      for (const session of sessions) session.abort();
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends a token with each call. */
export function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
}

/** Repeats until it holds; the test's own time is its limit. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
