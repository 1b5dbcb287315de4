/** The standard health service (https://github.com/grpc/grpc/blob/master/doc/health-checking.md). */
import { create } from '@bufbuild/protobuf';
import {
  Health as HealthService,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
} from '../../gen/grpc/health/v1/health_pb.ts';
import { Refused } from '../errors.ts';
import { type Call, defineMethod, type Method, RpcError, type Sink } from '../transport.ts';

/** The name that stands for the whole broker: whether it is ready for calls. */
export const readiness = '';

/** Which services are being served. Set from outside, asked and watched by clients, load balancers and kubelets. */
export class Health {
  readonly #statuses = new Map<string, ServingStatus>();
  readonly #watchers = new Map<string, Set<Sink<HealthCheckResponse>>>();
  #shutDown = false;

  /** Knows `services` and {@link readiness}, none of them serving yet. */
  constructor(services: readonly string[]) {
    for (const service of [readiness, ...services]) this.#statuses.set(service, ServingStatus.NOT_SERVING);
  }

  /** Says whether `service` is served. Without effect once shut down. */
  set(service: string, serving: boolean): void {
    if (this.#shutDown) return;
    const status = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    if (this.#statuses.get(service) === status) return;
    this.#statuses.set(service, status);
    for (const watcher of this.#watchers.get(service) ?? []) watcher.write(reply(status));
  }

  /** The same for all services that are known, {@link readiness} included. */
  setAll(serving: boolean): void {
    for (const service of this.#statuses.keys()) this.set(service, serving);
  }

  /** Tells everyone, for good, that nothing is served any more. Watches go on until their connections end. */
  shutDown(): void {
    this.setAll(false);
    this.#shutDown = true;
  }

  get methods(): readonly Method[] {
    const check = defineMethod({
      kind: 'unary',
      descriptor: HealthService.method.check,
      handle: (request) => {
        const status = this.#statuses.get(request.service);
        if (status !== undefined) return reply(status);
        throw new RpcError('NOT_FOUND', `there is no service ${request.service}`);
      },
    });
    const list = defineMethod({
      kind: 'unary',
      descriptor: HealthService.method.list,
      handle: () => {
        const statuses = Object.fromEntries(
          [...this.#statuses].map(([name, status]) => [name, reply(status)]),
        );
        return create(HealthListResponseSchema, { statuses });
      },
    });
    const watch = defineMethod({
      kind: 'server_streaming',
      descriptor: HealthService.method.watch,
      handle: (request, sink, call) => this.#watch(request.service, sink, call),
    });
    return [check, list, watch];
  }

  #watch(service: string, sink: Sink<HealthCheckResponse>, call: Call): Promise<void> {
    return new Promise((resolve, reject) => {
      sink.write(reply(this.#statuses.get(service) ?? ServingStatus.SERVICE_UNKNOWN));
      const watchers = this.#watchers.get(service) ?? new Set();
      this.#watchers.set(service, watchers.add(sink));
      const forget = (): void => {
        watchers.delete(sink);
        if (watchers.size === 0) this.#watchers.delete(service);
      };
      call.onCancel(() => {
        forget();
        resolve();
      });
      call.onLeave((rejection) => {
        forget();
        reject(new Refused(rejection));
      });
    });
  }
}

function reply(status: ServingStatus): HealthCheckResponse {
  return create(HealthCheckResponseSchema, { status });
}
