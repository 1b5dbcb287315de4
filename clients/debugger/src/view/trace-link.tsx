/** Leads to the OpenTelemetry trace of an event, where it has one and the broker says where traces are shown. */
import type { ReactElement } from 'react';
import type { Event } from '../../../typescript/src/browser.ts';
import { traceLink } from '../model/trace-link.ts';
import { useSurroundings } from './use.ts';

export function TraceLink({ event }: { readonly event: Event }): ReactElement | null {
  const { settings } = useSurroundings();
  const address = traceLink(settings.traceUrl, event.traceParent);
  if (address === undefined) return null;
  return (
    <a className="trace-link" href={address} target="_blank" rel="noopener noreferrer">
      Trace <span aria-hidden="true">↗</span>
    </a>
  );
}
