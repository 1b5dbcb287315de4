/**
 * One file of the simulated disk: what a process sees of it, what is on the platter, and for each sector written since
 * the last sync every content it has had, of which a crash leaves any one.
 */
import { unreachable } from '../../base/assert.ts';
import type { Random } from '../../base/random.ts';

/** The unit that a disk writes whole or not at all. */
export const simulatedSectorBytes = 512;

/** How much of what was not synced a crash keeps. `torn` decides for each sector by itself. */
export type CrashKeeps = 'nothing' | 'everything' | 'torn';

export class SimulatedFile {
  #content = new Uint8Array(0);
  #length = 0;
  #durable = new Uint8Array(0);
  #durableLength = 0;
  /** By sector index: its contents after each write since the last sync, oldest first. */
  readonly #unsynced = new Map<number, Uint8Array[]>();
  /** The same for sectors whose sync failed: the system takes them for clean, so no later sync writes them. */
  readonly #lost = new Map<number, Uint8Array[]>();

  get length(): number {
    return this.#length;
  }

  read(target: Uint8Array, offset: number): number {
    const part = this.#content.subarray(
      Math.min(offset, this.#length),
      Math.min(offset + target.length, this.#length),
    );
    target.set(part);
    return part.length;
  }

  write(source: Uint8Array, offset: number): void {
    if (source.length === 0) return;
    const end = offset + source.length;
    this.#content = grown(this.#content, end);
    this.#length = Math.max(this.#length, end);
    this.#content.set(source, offset);
    const last = Math.floor((end - 1) / simulatedSectorBytes);
    for (let sector = Math.floor(offset / simulatedSectorBytes); sector <= last; sector += 1) {
      const versions = this.#unsynced.get(sector);
      const version = sectorOf(this.#content, sector).slice();
      if (versions === undefined) this.#unsynced.set(sector, [version]);
      else versions.push(version);
    }
  }

  sync(): void {
    this.#durable = grown(this.#durable, this.#length);
    for (const sector of this.#unsynced.keys()) {
      sectorOf(this.#durable, sector).set(sectorOf(this.#content, sector));
      this.#lost.delete(sector);
    }
    this.#durableLength = this.#length;
    this.#unsynced.clear();
  }

  /** A sync that fails, as Linux does it: the error is told once, and what was written is no longer known as unwritten. */
  failSync(): void {
    for (const [sector, versions] of this.#unsynced) {
      this.#lost.set(sector, [...(this.#lost.get(sector) ?? []), ...versions]);
    }
    this.#unsynced.clear();
  }

  /** The machine stops: what a process sees from now on is what the crash left. */
  crash(keeps: CrashKeeps, random: Random): void {
    const length = this.#lengthAfterCrash(keeps, random);
    this.#durable = grown(this.#durable, Math.max(length, this.#durableLength));
    for (const [sector, versions] of [...this.#lost, ...this.#unsynced]) {
      const version = versions[choose(keeps, versions.length, random) - 1];
      if (version !== undefined && (sector + 1) * simulatedSectorBytes <= this.#durable.length) {
        sectorOf(this.#durable, sector).set(version);
      }
    }
    this.#durable.fill(0, length);
    this.#durableLength = length;
    this.#content = this.#durable.slice();
    this.#length = length;
    this.#unsynced.clear();
    this.#lost.clear();
  }

  /** Inverts one bit on the platter and in the cache, as bit rot does. */
  flipBit(offset: number, bit: number): void {
    for (const bytes of [this.#content, this.#durable]) {
      if (offset < bytes.length) bytes[offset] = (bytes[offset] ?? 0) ^ (1 << bit);
    }
  }

  /** Cuts the file off, as a failed copy or a careless tool does. */
  truncate(length: number): void {
    this.#content = this.#content.slice(0, Math.ceil(length / simulatedSectorBytes) * simulatedSectorBytes);
    this.#content.fill(0, length);
    this.#length = length;
    this.#unsynced.clear();
    this.#durable = this.#content.slice();
    this.#durableLength = length;
  }

  #lengthAfterCrash(keeps: CrashKeeps, random: Random): number {
    if (keeps === 'nothing') return this.#durableLength;
    if (keeps === 'everything' || this.#length === this.#durableLength) return this.#length;
    return this.#durableLength + random.below(this.#length - this.#durableLength + 1);
  }
}

/** How many of `count` successive changes survive. */
function choose(keeps: CrashKeeps, count: number, random: Random): number {
  switch (keeps) {
    case 'nothing':
      return 0;
    case 'everything':
      return count;
    case 'torn':
      return random.below(count + 1);
    default:
      return unreachable(keeps);
  }
}

function sectorOf(bytes: Uint8Array, sector: number): Uint8Array {
  return bytes.subarray(sector * simulatedSectorBytes, (sector + 1) * simulatedSectorBytes);
}

/** `bytes` with room for `length`, in whole sectors; doubled so that appending stays linear. */
function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= length) return bytes;
  const sectors = Math.ceil(Math.max(length, bytes.length * 2) / simulatedSectorBytes);
  const larger = new Uint8Array(sectors * simulatedSectorBytes);
  larger.set(bytes);
  return larger;
}
