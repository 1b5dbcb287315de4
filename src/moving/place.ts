/** Where a forest can be: in a data folder, or on NATS. */
import { resolve } from 'node:path';
import { UsageError } from '../cli/failure.ts';
import { isJetStreamAddress, parseJetStreamAddress } from '../journal/jetstream/address.ts';
import type { JetStreamAddress } from '../journal/jetstream/address.ts';

export type Place =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'streams'; readonly address: JetStreamAddress };

/** Throws a `UsageError` where it is none. */
export function placeOf(text: string): Place {
  if (!isJetStreamAddress(text)) return { kind: 'folder', path: resolve(text) };
  try {
    return { kind: 'streams', address: parseJetStreamAddress(text) };
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${text}: ${error.message}`) : error;
  }
}

/** For people and for marks, so without what is secret in an address. */
export function placeName(place: Place): string {
  if (place.kind === 'folder') return place.path;
  const { isSecret, servers, prefix } = place.address;
  return `${isSecret ? 'tls' : 'nats'}://${servers.join(',')}?prefix=${prefix}`;
}
