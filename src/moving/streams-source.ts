/**
 * A forest in streams of NATS that no broker works on, to be moved from there. It is made again in a folder, as a broker does at its start, but for
 * saying anything in the stream.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { randomId, systemRandom } from '../base/random.ts';
import { Stopped } from '../cli/failure.ts';
import { encodeAgreedEntry } from '../codec/agreed-entry.ts';
import { AgreedRecords } from '../journal/agreed-records.ts';
import { DataFolder } from '../journal/embedded/data-folder.ts';
import type { JetStream } from '../journal/jetstream/jetstream.ts';
import { StreamHasGrown } from '../journal/jetstream/movable-stream.ts';
import type { Turn } from '../journal/jetstream/turn.ts';
import { readOnlyObjects } from '../journal/read-only-logs.ts';
import { SchemaCompiler } from '../schema/compile.ts';
import { SchemaJudge } from '../schema/judge.ts';
import { openForest, type OpenedForestOptions } from '../sequencer/agreed/opened-forest.ts';
import { LiveForest } from '../sequencer/live-forest.ts';
import { defaultForest } from '../sequencer/local-forests.ts';
import { connectStreams, forestLogs, persistently, proposeForest, readLog } from './streams.ts';
import { assertTurn, takeTurn } from './turns.ts';
import { leavingWith, type Leaving, type OnBytes } from './leaving.ts';
import type { Place } from './place.ts';
import type { Source } from './source.ts';

export class StreamsSource implements Source {
  readonly movedTo: string | null;
  readonly #streams: JetStream;
  readonly #turn: Turn;
  readonly #forest: string;
  /** The name of its log. */
  readonly #log: string;
  /** Where it is made again. */
  readonly #path: string;
  readonly #store: DataFolder;
  #lastSequence = 0;

  private constructor({ streams, turn, forest, log, path, store }: Parts, movedTo: string | null) {
    this.movedTo = movedTo;
    this.#streams = streams;
    this.#turn = turn;
    this.#forest = forest;
    this.#log = log;
    this.#path = path;
    this.#store = store;
  }

  static async open(
    place: Extract<Place, { kind: 'streams' }>,
    forest: string,
    leftMsMax: number,
  ): Promise<StreamsSource> {
    const streams = await connectStreams(place);
    let turn: Turn | null = null;
    try {
      const names = await streams.names();
      const logs = await forestLogs(streams);
      const log = logs.get(forest) ?? '';
      if (!names.includes(log))
        throw new Stopped(
          'not_found',
          `there is no forest ${forest}; there are ${[...logs.keys()].join(', ')}`,
        );
      turn = await takeTurn(streams, forest, leftMsMax);
      if (!(await streams.movable(log).isLeft(leftMsMax))) throw inUse(forest);
      const movedTo = await streams.movedTo(log);
      const path = await mkdtemp(join(tmpdir(), 'hyperloom-move-'));
      const store = await DataFolder.open(join(path, 'replica'));
      return new StreamsSource({ streams, turn, forest, log, path, store }, movedTo);
    } catch (error) {
      await turn?.end();
      await streams.close();
      throw error;
    }
  }

  async read(onBytes: OnBytes): Promise<Leaving> {
    const [forest, store] = [this.#forest, this.#store];
    const log = await readLog(this.#streams, this.#log);
    const objects = readOnlyObjects(await this.#streams.openObjects(this.#log));
    const faults: unknown[] = [];
    const onFault = (error: unknown): void => void faults.push(error);
    // A snapshot that cannot be read is passed over for the one before.
    const told = { onFailure: () => undefined, onFatal: onFault, onProgress: () => onBytes(0) };
    this.#lastSequence = (await persistently(() => log.bounds())).last;
    let compared = (): Promise<void> => Promise.resolve();
    const onComparing = (wait: typeof compared): void => {
      compared = wait;
    };
    const open: OpenedForestOptions['open'] = ({ journal, shared }, onRestored) => {
      const records = new AgreedRecords(journal);
      return LiveForest.open({
        name: forest,
        journal: records,
        clock: systemClock,
        random: systemRandom,
        judge: new SchemaJudge(new SchemaCompiler()),
        snapshotJournalBytes: Infinity,
        onWriteStop: (reason) => onFault(new Error(reason)),
        agreed: { log, objects, records, shared, ...told, onRestored, onComparing },
      });
    };
    const live = await openForest({ forest, store, log, objects, ...told, open });
    try {
      // What other brokers have said of its state on the way.
      await compared();
    } finally {
      await live.close();
    }
    if (faults.length > 0) throw faults[0];
    await store.closeForest(forest);
    return leavingWith(await store.openForest(forest));
  }

  async setAside(to: string): Promise<void> {
    const replica = `move-${randomId(systemRandom)}`;
    const nothing = { commands: [], living: [], marksSnapshot: false, taken: null, formats: null };
    const entry = encodeAgreedEntry({ replica, number: 1, ...nothing, restored: null }, 1);
    await assertTurn(this.#turn, this.#forest);
    try {
      await this.#streams.movable(this.#log).setAside(to, this.#lastSequence, entry);
    } catch (error) {
      throw error instanceof StreamHasGrown ? inUse(this.#forest) : error;
    }
  }

  putBack(): Promise<void> {
    return this.#streams.movable(this.#log).putBack();
  }

  async remove(): Promise<void> {
    await assertTurn(this.#turn, this.#forest);
    if (this.#forest !== defaultForest) await proposeForest(this.#streams, 'delete', this.#forest, '');
    await persistently(() => this.#streams.remove(this.#log));
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#turn.end();
    await this.#streams.close();
    await rm(this.#path, { recursive: true, force: true });
  }
}

interface Parts {
  readonly streams: JetStream;
  readonly turn: Turn;
  readonly forest: string;
  readonly log: string;
  readonly path: string;
  readonly store: DataFolder;
}

function inUse(forest: string): Stopped {
  return new Stopped('usage', `brokers work on the forest ${forest}: stop all of them first`);
}
