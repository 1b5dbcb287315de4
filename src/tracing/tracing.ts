/**
 * Spans of what the broker does, for whoever wants to see them. Other rooms know this interface only; `otlp.ts`, which sends spans to a
 * collector, is loaded where a setting names one. Names of spans and attributes are in docs/tracing.md, and stay as they are.
 */

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that is being done. */
export interface Span {
  /** The trace context of what is done within, as the header `traceparent` has it. */
  readonly traceParent: string;
  /** It is over. `failure` where that was the broker's fault. */
  end(attributes?: Attributes, failure?: string): void;
}

/** What was a part of something, when it is over: between two moments in the clock's monotonic milliseconds. */
export interface Part {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
}

export interface Tracing {
  /**
   * Begins what a caller asks for, within the trace context that came along. `null` where nobody wants to see it: the caller says so, or
   * sent none and is not of the share that is traced all the same. `traceParent` is well formed.
   */
  begin(name: string, traceParent: string | undefined, attributes: Attributes): Span | null;
  /** Tells of parts of what has `traceParent`. */
  record(traceParent: string, parts: readonly Part[]): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

const flagsAt = 54;
const digitsEnd = '9'.charCodeAt(0);

/** Whether whoever sent a well-formed trace context wants to see what is done in it: the lowest bit of its last hexadecimal digit. */
export function isSampled(traceParent: string | undefined): traceParent is string {
  if (traceParent === undefined) return false;
  const code = traceParent.charCodeAt(flagsAt);
  // Codes of digits are as even as the digits are, those of letters are not.
  return (code & 1) === (code > digitsEnd ? 0 : 1);
}

const traceIdAt = 3;
const traceIdEnd = 35;
const spanIdAt = 36;
const spanIdEnd = 52;

/** Of a well-formed trace context: the trace, in hexadecimal digits. */
export function traceIdOf(traceParent: string): string {
  return traceParent.slice(traceIdAt, traceIdEnd);
}

/** Of a well-formed trace context: the span that what has it is within, in hexadecimal digits. */
export function spanIdOf(traceParent: string): string {
  return traceParent.slice(spanIdAt, spanIdEnd);
}

/** Whether two well-formed trace contexts are of one trace. */
export function isSameTrace(one: string, other: string): boolean {
  return traceIdOf(one) === traceIdOf(other);
}
