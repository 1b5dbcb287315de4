/** What the client of a call can do. A request of 2026-07-28 says so itself, one of 2025-11-25 belongs to a session that has said it. */
import { CLIENT_CAPABILITIES_META_KEY, type ClientCapabilities } from '@modelcontextprotocol/server';

import type { Call } from './call.ts';
import { appMimeType, appsExtension } from './tree-app.ts';

/** Whether it can show its user a form. */
export function canAsk(call: Call): boolean {
  const { elicitation } = capabilitiesOf(call);
  if (elicitation === undefined) return false;
  // Without a mode it is the form.
  return elicitation.form !== undefined || elicitation.url === undefined;
}

/** Whether it shows MCP Apps. */
export function canShowApps(call: Call): boolean {
  const { extensions } = capabilitiesOf(call);
  const told: unknown = extensions?.[appsExtension];
  if (typeof told !== 'object' || told === null) return false;
  // Without types it is the one that there is.
  const types: unknown = 'mimeTypes' in told ? told.mimeTypes : [appMimeType];
  return Array.isArray(types) && types.includes(appMimeType);
}

function capabilitiesOf({ context, session }: Call): ClientCapabilities {
  const envelope: Readonly<Record<string, unknown>> = context.mcpReq.envelope ?? {};
  const told = envelope[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
  return told ?? session.server.server.getClientCapabilities() ?? {};
}
