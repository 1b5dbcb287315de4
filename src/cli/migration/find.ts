/** A node, or `undefined` where there is none. */
import { NotFoundError, type Client, type Node } from '../../../clients/typescript/src/index.ts';

export async function find(client: Client, path: string): Promise<Node | undefined> {
  try {
    return await client.get(path);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
