/**
 * Imports one thread: each checkpoint as one context diff, in the order of their ids, so that a head names the newest that is there. An import that
 * was interrupted goes on behind that head; where somebody else has gone on, nothing is changed.
 */
import {
  json,
  precondition,
  type Client,
  type Precondition,
} from '../../../../clients/typescript/src/index.ts';
import { objectMembers } from '../../json-parts.ts';
import { find } from '../find.ts';
import { GoneOn, Unimportable } from '../segments.ts';
import type { CheckpointStore, SavedSpace } from './checkpoint-store.ts';
import { Draft } from './draft.ts';
import { checkpointPath, spacePath, threadPath } from './places.ts';
import type { SavedCheckpoint } from './saved-checkpoint.ts';
import { headJson, parseHead, SpaceMemory } from './space-memory.ts';
import { ThreadPublisher } from './thread-publisher.ts';
import { publishMissingWrites } from './missing-writes.ts';

export interface ThreadImport {
  readonly client: Client;
  readonly store: CheckpointStore;
  readonly root: string;
  readonly isDryRun: boolean;
  readonly signal: AbortSignal;
  /** Told how many checkpoints more are done with. */
  readonly onDone: (checkpoints: number) => void;
}

/** What became of a thread. */
export interface ThreadOutcome {
  readonly path: string;
  /** Checkpoints that this import has brought, or would bring. */
  readonly imported: number;
  /** Those that were there. */
  readonly present: number;
  /** What was left out, and why. */
  readonly problems: readonly string[];
}

/** Imports the namespaces of one thread. Throws {@link Unimportable}, {@link GoneOn}, and what the broker refuses. */
export async function importThread(
  threadId: string,
  spaces: readonly SavedSpace[],
  work: ThreadImport,
): Promise<ThreadOutcome> {
  const path = threadPath(work.root, threadId);
  const incarnation = (await find(work.client, `${path}/swept`))?.modifiedRevision ?? 0;
  const publisher = new ThreadPublisher(work.client, path, incarnation);
  const total = { imported: 0, present: 0, problems: [] as string[] };
  try {
    for (const space of spaces) {
      const importing = new SpaceImport(space, spacePath(path, space.namespace), publisher, work);
      await importing.run();
      total.imported += importing.imported;
      total.present += importing.present;
      total.problems.push(...importing.problems);
    }
  } finally {
    // Where a diff has failed, all behind it have too: the first of these failures is the one to tell.
    await publisher.settled();
  }
  return { path, ...total };
}

class SpaceImport {
  readonly #space: SavedSpace;
  readonly #path: string;
  readonly #publisher: ThreadPublisher;
  readonly #work: ThreadImport;
  imported = 0;
  present = 0;
  readonly problems: string[] = [];

  constructor(space: SavedSpace, path: string, publisher: ThreadPublisher, work: ThreadImport) {
    this.#space = space;
    this.#path = path;
    this.#publisher = publisher;
    this.#work = work;
  }

  async run(): Promise<void> {
    const { client, store, onDone } = this.#work;
    const headText = (await find(client, `${this.#path}/head`))?.json;
    if (headText === undefined) return this.#importBehind(undefined);
    const { id } = parseHead(headText);
    if (await store.has(this.#space, id)) {
      this.present = await store.countUpTo(this.#space, id);
      onDone(this.present);
      await this.#missingWrites(id);
      return this.#importBehind(headText);
    }
    const newest = checkpointPath(this.#path, this.#space.newestId);
    if ((await find(client, newest))?.json === undefined)
      throw new GoneOn(
        `others have gone on with it here, up to checkpoint ${id}, and so has the database: continue it in one of the two only`,
      );
    this.present = this.#space.count;
    onDone(this.present);
  }

  /** Writes that came to the newest checkpoint since it was imported. */
  async #missingWrites(id: string): Promise<void> {
    const { client, store, isDryRun } = this.#work;
    if (isDryRun) return;
    try {
      await publishMissingWrites(client, this.#publisher, this.#path, id, await store.tasks(this.#space, id));
    } catch (error) {
      this.#note(id, error);
    }
  }

  async #importBehind(before: string | undefined): Promise<void> {
    const { client, store, isDryRun, signal, onDone } = this.#work;
    const memory = new SpaceMemory(client, this.#path);
    let headText = before;
    let head = before === undefined ? undefined : parseHead(before);
    for await (const checkpoint of store.checkpoints(this.#space, head?.id)) {
      if (signal.aborted) return;
      onDone(1);
      if ('problem' in checkpoint) {
        this.problems.push(`checkpoint ${checkpoint.id}: ${checkpoint.problem}`);
        continue;
      }
      const draft = new Draft(this.#path, memory, head);
      try {
        head = await draft.checkpoint(checkpoint, head);
      } catch (error) {
        this.#note(checkpoint.id, error);
        continue;
      }
      const { operations, size, attached } = draft;
      const preconditions = [headCondition(this.#path, headText)];
      const label = labelOf(checkpoint);
      if (!isDryRun) await this.#publisher.publish({ operations, size, attached, preconditions, label });
      headText = headJson(head);
      this.imported += 1;
    }
  }

  #note(id: string, error: unknown): void {
    if (!(error instanceof Unimportable)) throw error;
    this.problems.push(`checkpoint ${id}: ${error.message}`);
  }
}

function headCondition(path: string, head: string | undefined): Precondition {
  const at = `${path}/head`;
  return head === undefined ? precondition.absent(at) : precondition.pointer(at, '', { equals: json(head) });
}

/** As the savers call the diffs of their puts. */
function labelOf({ metadata }: SavedCheckpoint): string {
  const text = (name: string): string => {
    const member = objectMembers(metadata)?.find((each) => each.name === name);
    return member === undefined ? '' : metadata.slice(member.start, member.end).replaceAll('"', '');
  };
  return `${text('source')} ${text('step')}`.trim().slice(0, 100);
}
