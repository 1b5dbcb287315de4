/**
 * The trace that a call is a part of, by W3C Trace Context: `00-TRACE-SPAN-FLAGS` in hexadecimal digits. It is kept with what the call did,
 * so that the debugger can lead from an event to its trace; nothing depends on it, so what is malformed is passed over.
 */
import type { Call } from './transport.ts';

export const traceHeader = 'traceparent';
const traceParentCharacters = 55;
/** Ids of zeros alone mean that there is none. Later versions are longer, and say of themselves that they begin like this one. */
const traceParentForm = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** As commands carry it. */
export interface Traced {
  readonly traceParent?: string;
}

const untraced: Traced = {};

/** A trace context that somebody has sent. */
export function tracedAs(text: string | undefined): Traced {
  if (text === undefined || text.length !== traceParentCharacters || !traceParentForm.test(text))
    return untraced;
  return { traceParent: text };
}

/** That of a call's metadata. */
export function tracedBy({ metadata }: Pick<Call, 'metadata'>): Traced {
  return tracedAs(metadata.get(traceHeader));
}
