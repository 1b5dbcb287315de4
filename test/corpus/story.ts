/** What a chapter of the corpus is told with: clients of a real broker, and the ids of what is to live on. */
import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { setTimeout as sleep } from 'node:timers/promises';

import type {
  BeginGhostRequestSchema,
  PublishRequestSchema,
} from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { PublishResponse } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { Ghost } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import type { Lease } from '../../src/gen/hyperloom/v1/lease_pb.ts';
import type { GrantLeaseRequestSchema } from '../../src/gen/hyperloom/v1/lock_service_pb.ts';
import { refusalOf } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';

/** Long enough that nothing ends before the entry is packed. */
export const longTtl = { seconds: 86_400n };
export const shortTtl = { seconds: 3n };

/** A chapter: it is told once, in the order of the list, and leaves behind what the next ones or the reader find. */
export interface Chapter {
  readonly name: string;
  tell(story: Story): Promise<void>;
}

/** Fields of a request, as an object literal gives them. */
type Init<Schema extends DescMessage> = Exclude<MessageInitShape<Schema>, { readonly $typeName: string }>;

export class Story {
  #clients: TestClients;
  #requests = 0;
  /** What earlier chapters have left: names to ids. */
  readonly ids = new Map<string, string>();
  /** Calls that wait, and are cut off when the broker ends. */
  readonly hanging: Promise<unknown>[] = [];

  constructor(clients: TestClients) {
    this.#clients = clients;
  }

  get clients(): TestClients {
    return this.#clients;
  }

  /** The broker was restarted. */
  reconnect(clients: TestClients): void {
    this.#clients.cut();
    this.#clients = clients;
  }

  /** A request id that no other request of the story has. */
  requestId(): string {
    this.#requests += 1;
    return `request-${this.#requests}`;
  }

  publish(request: MessageInitShape<typeof PublishRequestSchema>): Promise<PublishResponse> {
    return this.clients.context.publish({ author: 'author', ...request });
  }

  /** A publish that must be refused with `reason`, and is remembered as such. */
  async refuse(reason: string, request: MessageInitShape<typeof PublishRequestSchema>): Promise<void> {
    await expectRefusal(reason, this.publish({ requestId: this.requestId(), ...request }));
  }

  async ghost(request: Init<typeof BeginGhostRequestSchema> = {}): Promise<Ghost> {
    const { ghost } = await this.clients.context.beginGhost({
      ttl: longTtl,
      author: 'ghostwriter',
      ...request,
    });
    if (ghost === undefined) throw new Error('no ghost in the answer');
    return ghost;
  }

  async lease(request: Init<typeof GrantLeaseRequestSchema> = {}): Promise<Lease> {
    const { lease } = await this.clients.locks.grantLease({ ttl: longTtl, author: 'holder', ...request });
    if (lease === undefined) throw new Error('no lease in the answer');
    return lease;
  }

  /** A call that is not answered before the broker ends. */
  leave(call: Promise<unknown>): void {
    this.hanging.push(call.catch(() => undefined));
  }

  id(name: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new Error(`no earlier chapter has left "${name}"`);
    return id;
  }
}

/** Fails where a call is not refused with `reason`. */
export async function expectRefusal(reason: string, call: Promise<unknown>): Promise<void> {
  const refusal = await refusalOf(call);
  if (refusal.reason !== reason)
    throw new Error(`${refusal.reason} instead of ${reason}: ${refusal.message}`);
}

/** Waits until something holds. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`it never came to this: ${what}`);
}
