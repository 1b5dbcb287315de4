/** Calls by method: how many there are and were, how they ended, and how long those with one answer took. */
import type { CallWatch } from '../http2/call-host.ts';
import { methodPath } from '../http2/method-table.ts';
import type { Method, StatusName } from '../transport.ts';
import type { Family, Sample } from './exposition.ts';
import { Histogram } from './histogram.ts';

/** Seconds. */
const bounds = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** Stands for whatever method a client makes up, so that clients cannot make up series. */
const unknown = 'unknown';

export class CallCounters {
  readonly #watches = new Map<string, MethodCounter>();
  readonly #unknown = new MethodCounter(unknown, false);

  /** Counts calls of these methods under their own names from now on. */
  know(methods: readonly Method[]): void {
    for (const method of methods) {
      const path = methodPath(method);
      this.#watches.set(path, new MethodCounter(path.slice(1), method.kind === 'unary'));
    }
  }

  /** Who counts the calls of a method. */
  of(path: string): CallWatch {
    return this.#watches.get(path) ?? this.#unknown;
  }

  /** The name of a method for logs and series: nothing that a client has made up. */
  nameOf(path: string): string {
    return this.#watches.get(path)?.method ?? unknown;
  }

  families(): Family[] {
    const all = [...this.#watches.values(), this.#unknown].filter(({ calls }) => calls > 0);
    const open = all.map(({ method, open }): Sample => ({ labels: { method }, value: open }));
    const ended = all.flatMap(({ method, codes }) =>
      [...codes].map(([code, value]): Sample => ({ labels: { method, code }, value })),
    );
    const timed = all.flatMap(({ method, seconds }) => seconds?.samples({ method }) ?? []);
    return [
      {
        name: 'hyperloom_rpc_open_calls',
        help: 'Calls and streams that are being served.',
        kind: 'gauge',
        labels: ['method'],
        samples: open,
      },
      {
        name: 'hyperloom_rpc_calls_total',
        help: 'Calls and streams that ended, by gRPC code; OK where all went well.',
        kind: 'counter',
        labels: ['method', 'code'],
        samples: ended,
      },
      {
        name: 'hyperloom_rpc_seconds',
        help: 'How long calls with one request and one answer took, from their headers to the end of the answer.',
        kind: 'histogram',
        labels: ['method'],
        samples: timed,
      },
    ];
  }
}

class MethodCounter implements CallWatch {
  readonly method: string;
  readonly codes = new Map<StatusName, number>();
  /** `null` for streams: how long they last says nothing. */
  readonly seconds: Histogram | null;
  calls = 0;
  open = 0;

  constructor(method: string, isUnary: boolean) {
    this.method = method;
    this.seconds = isUnary ? new Histogram(bounds) : null;
  }

  began(): void {
    this.calls += 1;
    this.open += 1;
  }

  ended(code: StatusName, durationMs: number): void {
    this.open -= 1;
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    this.seconds?.observe(durationMs / 1_000);
  }
}
