/** What the debugger's page is told of the broker's settings: `/settings.json`. */
import type { Route } from './web-options.ts';

export interface PageSettings {
  /** Where an event's trace is shown; empty: nowhere. */
  readonly traceUrl: string;
}

const path = '/settings.json';

export function settingsRoute(settings: PageSettings): Route {
  const body = JSON.stringify(settings);
  return (request, response) => {
    if ((request.url ?? '').split('?', 1)[0] !== path) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' });
      response.end();
      return true;
    }
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  };
}
