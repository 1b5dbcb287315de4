/** `Backup` of what came behind one: entries of the journal, as they become durable. */
import { create } from '@bufbuild/protobuf';
import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Clock } from '../../base/clock.ts';
import { backupChunkBytesMax, bookmarkIntervalMsMax } from '../../base/limits.ts';
import { Slices } from '../../base/slices.ts';
import {
  type BackupResponse,
  BackupResponseSchema,
  type BackupTail,
} from '../../gen/hyperloom/v1/forest_service_pb.ts';
import type { TailEntry, TailPlace } from '../../sequencer/backup-tail.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { Rejection } from '../../state/outcome.ts';
import { HistoryGone } from '../../subscriptions/source.ts';
import { entryFrame } from '../backup-format.ts';
import { toNumber } from '../checks.ts';
import { orRefuse, Refused, violation } from '../errors.ts';
import type { Call, Sink } from '../transport.ts';

export async function sendTail(
  forest: Forest,
  asked: BackupTail,
  sink: Sink<BackupResponse>,
  call: Call,
  clock: Clock,
): Promise<void> {
  const place = placeOf(asked);
  const tail = await forest.backupTail(place);
  if (tail === null)
    violation('tail.time', `the entry at position ${place.position} is of another time: begin a new backup`);
  const behind = orRefuse(tail);
  const packer = new Packer(place, toNumber(asked.baseRevision));
  const slices = new Slices(clock);
  const waiting = new Waiting(forest, sink, call, clock);
  try {
    for (let from = place.position + 1; ;) {
      const { position } = forest.view();
      for await (const entries of behind.read(from, position))
        for (const piece of packer.pack(entries)) {
          if (call.cancelled) return;
          if (!sink.write(piece)) await waiting.forRoom();
          if (slices.isOver) await slices.pause();
        }
      from = position + 1;
      if (!asked.follow || call.cancelled) return;
      const isSilent = await waiting.forGrowth(() => forest.view().position >= from);
      if (isSilent) sink.write(packer.piece());
    }
  } catch (error) {
    if (error instanceof HistoryGone) throw new Refused(error.rejection);
    throw error;
  } finally {
    waiting.close();
  }
}

function placeOf({ position, time }: BackupTail): TailPlace {
  if (position > BigInt(Number.MAX_SAFE_INTEGER)) violation('tail.position', 'there is no such position');
  if (time === undefined && position > 0n) violation('tail.time', 'it is needed: the time of that entry');
  return { position: Number(position), timeMs: time === undefined ? 0 : timestampMs(time) };
}

/** Makes entries into pieces: each has whole entries, or a part of one that is larger. */
class Packer {
  #place: TailPlace;
  #revision = 0;
  readonly #baseRevision: number;

  constructor(place: TailPlace, baseRevision: number) {
    this.#place = place;
    this.#baseRevision = baseRevision;
  }

  *pack(entries: readonly TailEntry[]): Generator<BackupResponse> {
    let frames: Uint8Array[] = [];
    let bytes = 0;
    const packed = (): BackupResponse => {
      const piece = this.piece(frames.length === 1 ? frames[0] : Buffer.concat(frames));
      [frames, bytes] = [[], 0];
      return piece;
    };
    for (const entry of entries) {
      const needsBase = entry.oldestNeeded > 0 && entry.oldestNeeded < this.#baseRevision;
      const frame = entryFrame(entry.position, entry.record);
      if (frames.length > 0 && (needsBase || bytes + frame.length > backupChunkBytesMax)) yield packed();
      if (needsBase) yield this.piece(undefined, entry.position);
      const whole = Math.floor((frame.length - 1) / backupChunkBytesMax) * backupChunkBytesMax;
      for (let at = 0; at < whole; at += backupChunkBytesMax)
        yield this.piece(frame.subarray(at, at + backupChunkBytesMax));
      frames.push(frame.subarray(whole));
      bytes += frame.length - whole;
      this.#place = entry;
      if (entry.revision > 0) this.#revision = entry.revision;
      if (whole > 0) yield packed();
    }
    if (frames.length > 0) yield packed();
  }

  /** What says how far it is. */
  piece(chunk: Uint8Array = new Uint8Array(0), basePosition = 0): BackupResponse {
    const { position, timeMs } = this.#place;
    return create(BackupResponseSchema, {
      chunk,
      revision: BigInt(this.#revision),
      position: BigInt(position),
      basePosition: BigInt(basePosition),
      ...(position === 0 ? {} : { time: timestampFromMs(timeMs) }),
    });
  }
}

/** What such a stream waits for. Once its call is over, or its forest, it waits for nothing more. */
class Waiting {
  readonly #clock: Clock;
  readonly #stop: () => void;
  #ended: Rejection | null = null;
  #isOver = false;
  #hasRoom = true;
  #isSilent = false;
  #wake: (() => void) | undefined;

  constructor(forest: Forest, sink: Sink<BackupResponse>, call: Call, clock: Clock) {
    this.#clock = clock;
    const end = (rejection: Rejection | null): void => {
      this.#ended ??= rejection;
      this.#wake?.();
    };
    this.#stop = forest.growth.watch(end);
    sink.onDrain(() => {
      this.#hasRoom = true;
      this.#wake?.();
    });
    call.onLeave(end);
    call.onCancel(() => {
      this.#isOver = true;
      this.#wake?.();
    });
  }

  async forRoom(): Promise<void> {
    this.#hasRoom = false;
    while (!this.#hasRoom && !this.#isOver && this.#ended === null) await this.#woken();
    this.#throwEnded();
  }

  /** True where nothing came for so long that a sign of life is due. */
  async forGrowth(hasCome: () => boolean): Promise<boolean> {
    this.#isSilent = false;
    const timer = this.#clock.setTimer(bookmarkIntervalMsMax, () => {
      this.#isSilent = true;
      this.#wake?.();
    });
    try {
      while (!hasCome() && !this.#isSilent && !this.#isOver) {
        this.#throwEnded();
        await this.#woken();
      }
    } finally {
      timer.cancel();
    }
    this.#throwEnded();
    return this.#isSilent;
  }

  close(): void {
    this.#isOver = true;
    this.#stop();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #throwEnded(): void {
    if (this.#ended !== null && !this.#isOver) throw new Refused(this.#ended);
  }
}
