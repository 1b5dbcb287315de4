/** A client whose broker is one of several that share a journal, and behind the others. */
import type { Client, Consistency } from '@hyperloom/client';
import { vi } from 'vitest';

/** Reads see the state of that revision, or what this client has seen, unless they ask for whatever was acknowledged. For one saver or store. */
export function behind(client: Client, revision: number): Client {
  const own = client.as({ author: 'behind', trackBasis: false });
  const [find, list, batchGet] = [own.find.bind(own), own.list.bind(own), own.batchGet.bind(own)];
  const late = <Options extends { readonly consistency?: Consistency | undefined }>(options?: Options) =>
    options?.consistency === 'linearizable'
      ? options
      : { ...options, atRevision: Math.max(revision, own.newestRevision) };
  vi.spyOn(own, 'find').mockImplementation((path, options) => find(path, late(options)));
  vi.spyOn(own, 'list').mockImplementation((path, options) => list(path, late(options)));
  vi.spyOn(own, 'batchGet').mockImplementation((paths, options) => batchGet(paths, late(options)));
  vi.spyOn(client, 'as').mockReturnValueOnce(own);
  return client;
}
