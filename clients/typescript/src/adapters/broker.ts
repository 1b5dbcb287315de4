/** What an adapter is given to work with: an address, for a connection of its own, or something that is connected already. */
import type { Client } from '../client.ts';
import type { Ghost } from '../ghost.ts';
import type { Lock } from '../lock.ts';
import { connect } from '../node-transport/connect.ts';

/** Where an adapter reads and writes: the trunk, a ghost, or the trunk under a lock. */
export type BrokerVerbs = Client | Ghost | Lock;

/** An address (or several), nothing for `HYPERLOOM_ADDRESS` or 127.0.0.1:7400, or a client, a ghost or a lock. */
export type Broker = BrokerVerbs | string | readonly string[] | undefined;

/** A broker that is connected, and the connection that goes with the adapter. */
export interface OpenedBroker {
  readonly verbs: BrokerVerbs;
  /** The adapter's own; `undefined` where it was given. */
  readonly owned: Client | undefined;
}

/** Connects where only an address is given. `author`: whose name is on what is written then. */
export function openBroker(broker: Broker, author: string | undefined): OpenedBroker {
  if (broker !== undefined && typeof broker !== 'string' && !isList(broker))
    return { verbs: broker, owned: undefined };
  const owned = connect(broker, { author });
  return { verbs: owned, owned };
}

function isList(broker: BrokerVerbs | readonly string[]): broker is readonly string[] {
  return Array.isArray(broker);
}
