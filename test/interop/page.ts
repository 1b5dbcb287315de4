/** What a page in a browser does with a broker. Tests call it by name and get plain data back. */
import { type Client, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import { ErrorInfoSchema } from '../../src/gen/google/rpc/error_details_pb.ts';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { textOf, textOfMessage } from './texts.ts';

/** How a page speaks to a broker. */
export interface PageTarget {
  readonly protocol: 'connect' | 'connect-json' | 'grpc-web';
  readonly url: string;
}

/** What the page offers to tests. */
export interface PageApi {
  writeAndRead(target: PageTarget, path: string, text: string): Promise<string>;
  /** The length of what came back of a text of `characters`. */
  big(target: PageTarget, path: string, characters: number): Promise<boolean>;
  refused(target: PageTarget): Promise<{ readonly code: number; readonly reasons: readonly string[] }>;
  /** The texts that a subscription brings while the page writes them one after the other, each waiting for the one before. */
  follow(target: PageTarget, path: string, count: number): Promise<readonly string[]>;
  /** Opens streams that stay until `abort`; resolves when each has brought something. */
  open(target: PageTarget, path: string, count: number): Promise<void>;
  /** How they ended. */
  abort(): Promise<readonly string[]>;
}

const opened: { readonly abort: AbortController; readonly end: Promise<string> }[] = [];

function clientOf({ protocol, url }: PageTarget): Client<typeof ContextService> {
  const transport: Transport =
    protocol === 'grpc-web'
      ? createGrpcWebTransport({ baseUrl: url })
      : createConnectTransport({ baseUrl: url, useBinaryFormat: protocol === 'connect' });
  return createClient(ContextService, transport);
}

async function put(client: Client<typeof ContextService>, path: string, text: string): Promise<void> {
  const value = { kind: { case: 'text' as const, value: text } };
  await client.publish({ operations: [{ path, action: { case: 'put', value } }] });
}

async function get(client: Client<typeof ContextService>, path: string): Promise<string> {
  const { node } = await client.get({ path });
  return textOf(node?.value);
}

const api: PageApi = {
  async writeAndRead(target, path, text) {
    const client = clientOf(target);
    await put(client, path, text);
    return get(client, path);
  },
  async big(target, path, characters) {
    const client = clientOf(target);
    const text = 'x'.repeat(characters);
    await put(client, path, text);
    return (await get(client, path)) === text;
  },
  async refused(target) {
    try {
      await put(clientOf(target), 'no path', 'x');
    } catch (failure) {
      const error = ConnectError.from(failure);
      return { code: error.code, reasons: error.findDetails(ErrorInfoSchema).map(({ reason }) => reason) };
    }
    return { code: 0, reasons: [] };
  },
  async follow(target, path, count) {
    const client = clientOf(target);
    await put(client, path, 'before');
    const texts: string[] = [];
    const over = new AbortController();
    for await (const response of client.subscribe({ patterns: [path] }, { signal: over.signal })) {
      const text = textOfMessage(response);
      if (text === undefined) continue;
      texts.push(text);
      if (texts.length > count) break;
      await put(client, path, `text ${texts.length}`);
    }
    over.abort();
    return texts;
  },
  async open(target, path, count) {
    const client = clientOf(target);
    await put(client, path, 'before');
    const begun = Array.from({ length: count }, () => {
      const abort = new AbortController();
      return new Promise<void>((begins) => {
        const end = (async () => {
          try {
            for await (const _ of client.subscribe({ patterns: [path] }, { signal: abort.signal })) begins();
            return 'it ended';
          } catch (error) {
            return String(ConnectError.from(error).code);
          }
        })();
        opened.push({ abort, end });
      });
    });
    await Promise.all(begun);
  },
  abort() {
    const all = opened.splice(0);
    for (const { abort } of all) abort.abort();
    return Promise.all(all.map(({ end }) => end));
  },
};

Object.assign(globalThis, { api });
