/** The state that the airline runs work on: flights, reservations and users, a node each. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import {
  json,
  operation,
  precondition,
  type Client,
  type Operation,
} from '../../../../clients/typescript/src/index.ts';
import { UsageError } from '../../failure.ts';
import { objectMembers } from '../../json-parts.ts';
import { operationsBytes } from '../../../../clients/typescript/src/run-file/operation-bytes.ts';
import { emptyTally, type Tally } from '../run-report.ts';

export const airlineTree = '/airline';
const collections = ['flights', 'reservations', 'users'];
/** One diff: large enough to load quickly, far below the largest message. */
const batchBytesMax = 512 * 1024;

/** The loaded state. */
export interface LoadedAirline {
  /** The trunk revision that has all of it. */
  readonly revision: number;
  readonly tally: Tally;
}

/** Where the state lies beside the recorded runs. */
export function airlineFolderOf(file: string): string {
  return join(dirname(file), '..', 'airline-db');
}

/** Loads the state from a folder. Throws `PreconditionFailedError` where it is there already. */
export async function loadAirline(client: Client, folder: string): Promise<LoadedAirline> {
  const operations: Operation[] = [];
  for (const collection of collections) operations.push(...(await readCollection(folder, collection)));
  let revision = 0;
  let tally = emptyTally;
  for (const batch of batches(operations)) {
    const preconditions = revision === 0 ? [precondition.absent(airlineTree)] : [];
    const published = await client.publish(batch, {
      author: 'replay',
      label: 'the airline is loaded',
      preconditions,
    });
    revision = published.revision;
    // No bytes are counted: the state is there beforehand, whichever way the agents pass their messages on.
    tally = { ...tally, diffs: tally.diffs + 1, operations: tally.operations + batch.length };
  }
  return { revision, tally };
}

async function readCollection(folder: string, collection: string): Promise<readonly Operation[]> {
  const file = join(folder, `${collection}.json`);
  const text = await readFile(file, 'utf8');
  JSON.parse(text);
  const members = objectMembers(text);
  if (members === undefined) throw new UsageError(`${file} holds no object by id`);
  return members.map(({ name, start, end }) =>
    operation.put(`${airlineTree}/${collection}/${name}`, json(text.slice(start, end))),
  );
}

function* batches(operations: readonly Operation[]): Generator<readonly Operation[], void, void> {
  let batch: Operation[] = [];
  let bytes = 0;
  for (const operation of operations) {
    batch.push(operation);
    bytes += operationsBytes([operation]);
    if (bytes < batchBytesMax) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}
