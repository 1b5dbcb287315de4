/** What pages need that call from another port of this machine. Only origins that were let through get here. */

const exposed = 'Mcp-Session-Id, Mcp-Protocol-Version, WWW-Authenticate';
const accepted =
  'Content-Type, Accept, Authorization, Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name';
/** How long a browser may remember that; Chromium takes no more than two hours. */
const seconds = '7200';

export function corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'POST, GET, DELETE, OPTIONS',
    'access-control-allow-headers': accepted,
    'access-control-expose-headers': exposed,
    'access-control-max-age': seconds,
    vary: 'Origin',
  };
}
