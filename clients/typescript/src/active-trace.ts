/**
 * The trace context of the active OpenTelemetry span, in programs that use OpenTelemetry. Its API keeps what a program has registered
 * under a symbol of the whole process, so that every copy of the API finds it (`registerGlobal` in `@opentelemetry/api` 1.x); looking
 * there costs nothing where nothing is, and nobody needs the package who does not use it. The worst that can happen where a later API keeps it
 * elsewhere is that no context goes along; `connect(address, { traceParent })` tells it then.
 */

const registered = Symbol.for('opentelemetry.js.api.1');
const header = 'traceparent';

/** What is asked of a program's own context manager and propagator. */
interface Api {
  readonly context?: { active(): unknown };
  readonly propagation?: {
    inject(
      context: unknown,
      carrier: Record<string, string>,
      setter: { set(carrier: Record<string, string>, key: string, value: string): void },
    ): void;
  };
}

const setter = {
  set(carrier: Record<string, string>, key: string, value: string): void {
    carrier[key] = value;
  },
};

/** As the program's own propagator tells it: that of W3C, or several with that one among them. `undefined` outside of spans. */
export function activeTraceParent(): string | undefined {
  const { context, propagation } = (globalThis as { readonly [registered]?: Api })[registered] ?? {};
  if (context === undefined || propagation === undefined) return undefined;
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier, setter);
  return carrier[header];
}
