/**
 * Streams of NATS that a forest is moved to:
 *
 *   an entry without commands in its log … parts of a snapshot behind that entry, read back … a state made of them: is its hash the same?
 *     … it is set aside where it was … the object that says what the snapshot consists of … the log is cut behind the entry, so
 *     that nobody can begin without the snapshot … `FORESTS` says that there is such a forest
 *
 * The forest `default` needs nobody to say that it is there, and its log may be older. So that is marked meanwhile, as that of a forest which is elsewhere:
 * brokers that start leave it alone. One that stood still finds it cut when it comes back, and begins anew.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { randomId, systemRandom } from '../base/random.ts';
import { Stopped } from '../cli/failure.ts';
import { decodeAgreedEntry, encodeAgreedEntry } from '../codec/agreed-entry.ts';
import { agreedFormat } from '../codec/agreed-format.ts';
import { encodeSharedSnapshot, type Part, type SharedSnapshot } from '../codec/shared-snapshot.ts';
import type { AgreedObjects } from '../journal/agreed-objects.ts';
import { DataFolder } from '../journal/embedded/data-folder.ts';
import type { Journal } from '../journal/journal.ts';
import type { JetStream } from '../journal/jetstream/jetstream.ts';
import { StreamHasGrown } from '../journal/jetstream/movable-stream.ts';
import type { Turn } from '../journal/jetstream/turn.ts';
import { putChunks, putRecords } from '../sequencer/agreed/snapshot-parts.ts';
import { manifestName, manifestsIn } from '../sequencer/agreed/snapshot-sharing.ts';
import { fillJournal } from '../sequencer/agreed/snapshot-start.ts';
import { defaultForest } from '../sequencer/local-forests.ts';
import { encodeInSlices } from '../sequencer/snapshots.ts';
import { differs, type Destination } from './destination.ts';
import { hashBehind, openRetained, piecesOf, type Leaving, type OnBytes } from './leaving.ts';
import type { Place } from './place.ts';
import { connectStreams, forestLogs, persistently, proposeForest, readLog } from './streams.ts';
import { assertTurn, takeTurn } from './turns.ts';

export interface StreamsDestinationOptions {
  readonly forest: string;
  /** The name of the place that it comes from. */
  readonly from: string;
  /** How long brokers that were just stopped may take to go, in milliseconds. */
  readonly leftMsMax: number;
}

export class StreamsDestination implements Destination {
  readonly #streams: JetStream;
  readonly #turn: Turn;
  readonly #forest: string;
  readonly #from: string;
  readonly #leftMsMax: number;
  /** Of a forest of that name that was moved from here: its log, and where it went. */
  #left: { readonly log: string; readonly to: string } | null = null;

  private constructor(
    streams: JetStream,
    turn: Turn,
    { forest, from, leftMsMax }: StreamsDestinationOptions,
  ) {
    this.#streams = streams;
    this.#turn = turn;
    this.#forest = forest;
    this.#from = from;
    this.#leftMsMax = leftMsMax;
  }

  static async open(
    place: Extract<Place, { kind: 'streams' }>,
    options: StreamsDestinationOptions,
  ): Promise<StreamsDestination> {
    const streams = await connectStreams(place);
    try {
      const turn = await takeTurn(streams, options.forest, options.leftMsMax);
      return new StreamsDestination(streams, turn, options);
    } catch (error) {
      await streams.close();
      throw error;
    }
  }

  async hasForest(): Promise<boolean> {
    const log = (await forestLogs(this.#streams)).get(this.#forest);
    if (log === undefined || !(await this.#streams.names()).includes(log)) return false;
    const to = await this.#streams.movedTo(log);
    if (to !== null) {
      this.#left = { log, to };
      return false;
    }
    if (this.#forest !== defaultForest) return true;
    const objects = await this.#streams.openObjects(log);
    return manifestsIn(await objects.names()).length > 0 || (await this.#hasCommands(log));
  }

  async take(leaving: Leaving, setAside: () => Promise<void>, onBytes: OnBytes): Promise<void> {
    const [streams, forest] = [this.#streams, this.#forest];
    const isDefault = forest === defaultForest;
    const logName = isDefault ? forest : `${forest}-M${randomId(systemRandom)}`;
    const log = await streams.openLog(logName);
    const objects = await streams.openObjects(logName);
    const { last } = await persistently(() => log.bounds());
    const sequence = await this.#begin(logName, last);
    let isAside = false;
    try {
      const { shared, object } = await this.#put(leaving, objects, sequence, onBytes);
      await this.#compare(leaving, objects, shared);
      await assertTurn(this.#turn, forest);
      await setAside();
      isAside = true;
      await this.#clear(objects, shared);
      await objects.put(object, encodeSharedSnapshot(shared));
      // Else whoever cannot read the snapshot would begin with nothing.
      await persistently(() => log.cut(sequence));
      if (isDefault) await streams.movable(logName).putBack();
      else await proposeForest(streams, 'restore', forest, logName);
    } catch (error) {
      // Where it is set aside, a marked log is the next run's business.
      if (!isDefault || !isAside) await this.#forget(logName).catch(() => undefined);
      throw error;
    }
    await this.#tidy(logName);
  }

  async close(): Promise<void> {
    await this.#turn.end();
    await this.#streams.close();
  }

  async #hasCommands(name: string): Promise<boolean> {
    const log = await readLog(this.#streams, name);
    const { first } = await persistently(() => log.bounds());
    for await (const { payload } of log.follow(first)) {
      const { commands, restored } = decodeAgreedEntry(payload);
      if (commands.length > 0 || restored !== null) return true;
    }
    return false;
  }

  /** Adds the entry that its snapshot is behind. The log of `default` is marked from here on. */
  async #begin(logName: string, last: number): Promise<number> {
    const forest = this.#forest;
    const stream = this.#streams.movable(logName);
    if (!(await stream.isLeft(this.#leftMsMax))) throw inUse(forest);
    try {
      if (forest !== defaultForest) return await stream.appendBehind(last, nothing());
      return await stream.setAside(this.#left?.to ?? this.#from, last, nothing());
    } catch (error) {
      throw error instanceof StreamHasGrown ? inUse(forest) : error;
    }
  }

  /** What a forest that was moved from here has left gives way, and what runs have left that were cut short. */
  async #clear(objects: AgreedObjects, shared: SharedSnapshot): Promise<void> {
    const { state, base, records, retained } = shared;
    const own = new Set([...state, ...base, ...records, ...retained].map(({ object }) => object));
    for (const name of await objects.names())
      if (!own.has(name)) await persistently(() => objects.remove(name));
    const left = this.#left;
    if (left === null || this.#forest === defaultForest) return;
    await proposeForest(this.#streams, 'delete', this.#forest, '');
    await persistently(() => this.#streams.remove(left.log));
  }

  /** Takes back what nobody was told of, and nobody else has begun with. */
  async #forget(logName: string): Promise<void> {
    const isDefault = this.#forest === defaultForest;
    if (isDefault && this.#left === null && (await this.#turn.isHeld()))
      await this.#streams.movable(logName).putBack();
    if (!isDefault && (await forestLogs(this.#streams)).get(this.#forest) !== logName)
      await this.#streams.remove(logName);
  }

  /** Removes logs of runs that were cut short: now that the forest is there, none of them can become it. */
  async #tidy(log: string): Promise<void> {
    for (const name of await this.#streams.names())
      if (name.startsWith(`${this.#forest}-M`) && name !== log) await this.#streams.remove(name);
  }

  /** Stores all parts. */
  async #put(
    { journal, state, stateHash, base: begin }: Leaving,
    objects: AgreedObjects,
    sequence: number,
    onBytes: OnBytes,
  ): Promise<{ readonly shared: SharedSnapshot; readonly object: string }> {
    const { position } = state;
    const { part, whole: object } = manifestName(position, randomId(systemRandom), sequence);
    const told = counted(objects, onBytes);
    const stored = await putChunks(told, `${part}-state`, encodeInSlices(state, systemClock));
    const basePosition = begin?.position ?? 0;
    const base =
      begin === null
        ? []
        : basePosition === position
          ? stored
          : await putChunks(told, `${part}-base`, begin.chunks);
    const records =
      basePosition === position
        ? []
        : await putRecords(told, `${part}-records`, journal.read(basePosition + 1, position));
    const kept = await putRetained(journal, told, `${part}-retained`);
    const bytes = bytesOf(stored);
    const storedBytes = bytesOf(new Set([...stored, ...base, ...records, ...kept.retained]));
    const taken = [{ sequence, object, stateHash, bytes, storedBytes }];
    const format = { format: agreedFormat, question: 0 };
    const nothingYet = { numbers: [], heard: [], openMark: null, grownBytes: 0, olderBytes: 0, timeMs: 0 };
    const table = { ...nothingYet, taken, format, restored: null };
    const shared = {
      ...{ sequence, position, stateHash, state: stored, basePosition, base, records },
      ...kept,
      table,
    };
    return { shared, object };
  }

  /** Makes of the parts what a broker makes of them. */
  async #compare({ stateHash }: Leaving, objects: AgreedObjects, shared: SharedSnapshot): Promise<void> {
    const forest = this.#forest;
    const path = await mkdtemp(join(tmpdir(), 'hyperloom-move-'));
    try {
      const store = await DataFolder.open(join(path, 'replica'));
      try {
        const onProgress = (): void => undefined;
        const found = await hashBehind(await fillJournal({ forest, objects, store, onProgress }, shared));
        if (found !== stateHash) throw differs(forest, stateHash, found);
      } finally {
        await store.close();
      }
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function bytesOf(parts: Iterable<Part>): number {
  let sum = 0;
  for (const { bytes } of parts) sum += bytes;
  return sum;
}

/** What compactions have kept of history, where there is anything. */
async function putRetained(
  journal: Journal,
  objects: AgreedObjects,
  name: string,
): Promise<Pick<SharedSnapshot, 'retainedName' | 'retained'>> {
  const kept = await openRetained(journal);
  if (kept === null) return { retainedName: '', retained: [] };
  try {
    return { retainedName: kept.name, retained: await putChunks(objects, name, piecesOf(kept.file)) };
  } finally {
    await kept.file.close();
  }
}

/** An entry that does nothing, of a format that everybody knows. */
function nothing(): Uint8Array {
  const replica = `move-${randomId(systemRandom)}`;
  const rest = { commands: [], living: [], marksSnapshot: false, taken: null, formats: null, restored: null };
  return encodeAgreedEntry({ replica, number: 1, ...rest }, 1);
}

function counted(objects: AgreedObjects, onBytes: OnBytes): AgreedObjects {
  return {
    objectBytesMax: objects.objectBytesMax,
    names: () => objects.names(),
    get: (name) => objects.get(name),
    remove: (name) => objects.remove(name),
    put: async (name, bytes) => {
      await objects.put(name, bytes);
      onBytes(bytes.length);
    },
  };
}

function inUse(forest: string): Stopped {
  return new Stopped(
    'usage',
    `brokers work on the forest ${forest} where it goes to: stop all of them first`,
  );
}
