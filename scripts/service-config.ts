/**
 * Writes the service configs that gRPC's clients take (`npm run generate` runs it): docs/deploy/service-config.json, and
 * service-config-hedging.json for clients that can hedge. Which RPCs may be repeated is read out of the API itself.
 */
import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel as Idempotency } from '@bufbuild/protobuf/wkt';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Health } from '../src/gen/grpc/health/v1/health_pb.ts';
import { ContextService } from '../src/gen/hyperloom/v1/context_service_pb.ts';
import { ForestService } from '../src/gen/hyperloom/v1/forest_service_pb.ts';
import { LockService } from '../src/gen/hyperloom/v1/lock_service_pb.ts';
import { ReviewService } from '../src/gen/hyperloom/v1/review_service_pb.ts';
import { SchemaService } from '../src/gen/hyperloom/v1/schema_service_pb.ts';

export const services: readonly DescService[] = [
  ContextService,
  LockService,
  ReviewService,
  SchemaService,
  ForestService,
  Health,
];

/**
 * How an RPC may be repeated. A `read` changes nothing, so that two may be under way at once; a `mutation` has a request id, under which
 * the broker knows it again; of a `stream` of answers only the beginning is repeated, and those of requests are their client's.
 */
export type Repetition = 'read' | 'mutation' | 'stream' | 'never';

export function repetitionOf(method: DescMethod): Repetition {
  if (method.methodKind === 'server_streaming') return 'stream';
  if (method.methodKind !== 'unary') return 'never';
  if (method.parent === Health || method.idempotency === Idempotency.NO_SIDE_EFFECTS) return 'read';
  // Signs of life twice are signs of life.
  if (method === ContextService.method.keepAlive) return 'mutation';
  return method.input.fields.some(({ name }) => name === 'request_id') ? 'mutation' : 'never';
}

const retryPolicy = {
  maxAttempts: 5,
  initialBackoff: '0.1s',
  maxBackoff: '2s',
  backoffMultiplier: 2,
  retryableStatusCodes: ['UNAVAILABLE'],
};

const hedgingPolicy = { maxAttempts: 2, hedgingDelay: '0.1s', nonFatalStatusCodes: ['UNAVAILABLE'] };

function namesOf(...repetitions: readonly Repetition[]): readonly object[] {
  return services.flatMap(({ typeName, methods }) =>
    methods
      .filter((method) => repetitions.includes(repetitionOf(method)))
      .map(({ name }) => ({ service: typeName, method: name })),
  );
}

/** The files, by their names. */
export function serviceConfigs(): ReadonlyMap<string, object> {
  const common = {
    loadBalancingConfig: [{ round_robin: {} }],
    healthCheckConfig: { serviceName: '' },
    // A broker that is down for all must not be asked five times as often.
    retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
  };
  const retried = { ...common, methodConfig: [{ name: namesOf('read', 'mutation', 'stream'), retryPolicy }] };
  const hedged = {
    ...common,
    methodConfig: [
      { name: namesOf('read'), hedgingPolicy },
      { name: namesOf('mutation', 'stream'), retryPolicy },
    ],
  };
  return new Map<string, object>([
    ['service-config.json', retried],
    ['service-config-hedging.json', hedged],
  ]);
}

export const folder = join(import.meta.dirname, '..', 'docs', 'deploy');

export function textOf(config: object): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename)
  for (const [name, config] of serviceConfigs()) writeFileSync(join(folder, name), textOf(config));
