import type { CallHost } from '../http2/call-host.ts';
import { connectListener } from './connect-listener.ts';
import { judgeOrigin } from './cors.ts';
import type { Route, WebHandlerOptions, WebListener, WebRequest, WebResponse } from './web-options.ts';

/** Everything that is not binary gRPC: Connect, gRPC-Web and gRPC with JSON by path, then the plain routes, then 404. */
export function webHandler(options: WebHandlerOptions): WebListener {
  const { host, origins = 'local' } = options;
  const prefixes = new Set(options.methods.map((method) => `/${method.descriptor.parent.typeName}/`));
  const connect = connectListener(options, (_request, response) =>
    sendText(response, 404, 'There is no such method.\n'),
  );
  return (request, response) => {
    request.on('error', ignoreError);
    response.on('error', ignoreError);
    const path = request.url ?? '';
    if (!prefixes.has(path.slice(0, path.indexOf('/', 1) + 1))) {
      plain(request, response, options.routes, host);
      return;
    }
    const verdict = judgeOrigin(request, origins);
    if (verdict.kind === 'refused') {
      sendText(response, 403, `Pages of ${verdict.origin} may not call this broker.\n`);
      return;
    }
    if (verdict.kind !== 'same_origin') {
      for (const [name, value] of Object.entries(verdict.headers)) {
        if (value !== undefined) response.setHeader(name, value);
      }
    }
    if (verdict.kind === 'preflight') {
      response.writeHead(204);
      response.end();
    } else if (isBrokenTarget(request)) sendText(response, 400, 'The request has no usable address.\n');
    else connect(request, response);
  };
}

function plain(request: WebRequest, response: WebResponse, routes: Route | undefined, host: CallHost): void {
  try {
    if (routes?.(request, response) === true) return;
    sendText(response, 404, 'There is nothing here.\n');
  } catch (error) {
    host.rpcError(error, `${request.method ?? ''} ${request.url ?? ''}`);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, 'The broker failed to serve this; its log says why.\n');
  }
}

/** Connect's handlers cannot serve a request without authority, and for one that makes no URL. */
function isBrokenTarget(request: WebRequest): boolean {
  const authority = request.headers[':authority'] ?? request.headers.host;
  return typeof authority !== 'string' || !URL.canParse(`http://${authority}${request.url ?? ''}`);
}

function sendText(response: WebResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

/** A broken connection shows as `close`, which is acted on. */
function ignoreError(): void {}
