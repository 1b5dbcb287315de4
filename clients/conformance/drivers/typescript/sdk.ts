/** Calls verbs of the SDK by name, on handles that earlier calls have made. */
import { connect, ContextWindow, Ghost, Lease, Lock, type Client } from '../../../typescript/src/index.ts';
import type { Arguments } from './sdk-arguments.ts';
import { clientVerbs } from './sdk-clients.ts';
import { contextVerbs, windowVerbs } from './sdk-contexts.ts';
import { ghostVerbs } from './sdk-ghosts.ts';
import { Reviewing, Watching, type Given, type Handle } from './sdk-handles.ts';
import { leaseVerbs, lockVerbs } from './sdk-locks.ts';
import type { Result } from './sdk-results.ts';
import { schemaVerbs } from './sdk-schemas.ts';
import { Notes, WatchingNotes } from './sdk-typed.ts';
import { sharedVerbs as plainVerbs } from './sdk-verbs.ts';

const sharedVerbs = { ...plainVerbs, ...contextVerbs };

/** Which verb, of which handle, and the name of the handle that it makes. */
export interface Wanted {
  readonly target: string;
  readonly verb: string;
  readonly handle: string;
}

/** One program that uses the SDK. */
export class Session {
  readonly #address: string;
  readonly #handles = new Map<string, Handle>();
  readonly #clients: Client[] = [];
  /** What clients show, by their names. */
  readonly #tokens = new Map<string, string>();
  readonly #said = new Map<string, PromiseWithResolvers<void>>();

  constructor(address: string) {
    this.#address = address;
  }

  async call({ target, verb, handle }: Wanted, args: Arguments, signal: AbortSignal): Promise<Result> {
    if (verb === 'connect') return this.#connect(handle, args);
    if (verb === 'proceed') return this.#proceed(args.name ?? '');
    if (verb === 'show') return this.#show(target, args.token ?? '');
    const given: Given = {
      args,
      signal,
      keep: (made) => this.#handles.set(handle, made),
      lease: (name) => (name === undefined ? undefined : this.#lease(name)),
      said: (name) => this.#saying(name).promise,
      other: () => this.#other(),
    };
    return this.#verb(this.#find(target), verb, given);
  }

  /** Drops everything at once. */
  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  async #verb(on: Handle, verb: string, given: Given): Promise<Result> {
    if (on instanceof Watching || on instanceof Reviewing) {
      if (on instanceof Reviewing && (verb === 'approve' || verb === 'reject'))
        return on.decide(verb, given.args.reason ?? '');
      return verb === 'next' ? on.next() : on.close();
    }
    if (on instanceof Notes) return on.call(verb, given);
    if (on instanceof WatchingNotes) return verb === 'next' ? on.next() : on.close();
    if (on instanceof ContextWindow) return known(windowVerbs[verb], verb)(on, given);
    if (on instanceof Lease) return known(leaseVerbs[verb], verb)(on, given);
    if (on instanceof Ghost) return known(ghostVerbs[verb] ?? sharedVerbs[verb], verb)(on, given);
    if (on instanceof Lock) return known(lockVerbs[verb] ?? sharedVerbs[verb], verb)(on, given);
    return known(clientVerbs[verb] ?? schemaVerbs[verb] ?? sharedVerbs[verb], verb)(on, given);
  }

  #connect(name: string, { addresses, ...options }: Arguments): Result {
    const { author, forest, trackBasis, timeoutMs, loadBalancing, token } = options;
    const client = connect(addresses ?? this.#address, {
      author,
      forest,
      trackBasis,
      timeoutMs,
      loadBalancing,
      token: token === undefined ? undefined : () => this.#tokens.get(name),
    });
    if (token !== undefined) this.#tokens.set(name, token);
    this.#clients.push(client);
    this.#handles.set(name, client);
    return { author: client.author, forest: client.forest };
  }

  #show(client: string, token: string): Result {
    this.#tokens.set(client, token);
    return {};
  }

  #proceed(name: string): Result {
    this.#saying(name).resolve();
    return {};
  }

  #saying(name: string): PromiseWithResolvers<void> {
    const saying = this.#said.get(name) ?? Promise.withResolvers();
    this.#said.set(name, saying);
    return saying;
  }

  /** Somebody else, in the forest of the first client. */
  #other(): Client {
    const [first] = this.#clients;
    if (first === undefined) throw new Error('nobody has connected');
    return first.as({ author: 'other' });
  }

  #lease(name: string): Lease {
    const handle = this.#find(name);
    if (!(handle instanceof Lease)) throw new Error(`${name} is no lease`);
    return handle;
  }

  #find(name: string): Handle {
    const handle = this.#handles.get(name);
    if (handle === undefined) throw new Error(`no handle ${name}`);
    return handle;
  }
}

function known<Verb>(verb: Verb | undefined, name: string): Verb {
  if (verb === undefined) throw new Error(`no verb ${name}`);
  return verb;
}
