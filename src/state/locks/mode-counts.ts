/** How many of something hold each mode, and the weakest mode that gives the rights of all. */
import { supremum } from './lock-mode.ts';
import type { ModeNumber } from './lock-mode.ts';

export class ModeCounts {
  /** The supremum of all; -1: there is none. */
  mode: ModeNumber | -1 = -1;
  /** How many there are while all are of one mode, which is the rule. */
  #same = 0;
  /** How many hold each mode while they are of several. */
  #each: number[] | null = null;

  get isMixed(): boolean {
    return this.#each !== null;
  }

  count(mode: ModeNumber, by: 1 | -1): void {
    if (this.#each === null && (this.#same === 0 || mode === this.mode)) {
      this.#same += by;
      this.mode = this.#same === 0 ? -1 : mode;
      return;
    }
    const each = (this.#each ??= this.#apart());
    each[mode] = (each[mode] ?? 0) + by;
    let [sum, kinds, total]: [ModeNumber | -1, number, number] = [-1, 0, 0];
    for (const held of [0, 1, 2, 3, 4] as const) {
      const count = each[held] ?? 0;
      if (count === 0) continue;
      sum = sum === -1 ? held : supremum(sum, held);
      kinds += 1;
      total += count;
    }
    this.mode = sum;
    if (kinds > 1) return;
    this.#each = null;
    this.#same = total;
  }

  #apart(): number[] {
    const each = [0, 0, 0, 0, 0];
    if (this.mode !== -1) each[this.mode] = this.#same;
    return each;
  }
}
