/** Where the trace of an event is shown. */

/**
 * The address, made of the broker's template and the event's trace context (`00-TRACE-SPAN-FLAGS`). `undefined` where there is none of either:
 * an event that nobody has traced leads nowhere.
 */
export function traceLink(template: string, traceParent: string | undefined): string | undefined {
  const [, traceId, spanId] = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-/.exec(traceParent ?? '') ?? [];
  if (template === '' || traceId === undefined || spanId === undefined) return undefined;
  const address = template.replaceAll('{traceId}', traceId).replaceAll('{spanId}', spanId);
  // It becomes a link: of what a page could be told to follow, only pages are.
  return /^https?:\/\//i.test(address) ? address : undefined;
}
