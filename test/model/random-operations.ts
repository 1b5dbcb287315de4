/** Random operations on few paths, so that they meet. */
import type { Random } from '../../src/base/random.ts';
import type { NaiveOperation } from './naive-forest.ts';

export class RandomOperations {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One operation; copies are from one of the `revisions` revisions so far, or from what the diff sees. */
  operation(revisions: number): NaiveOperation {
    const path = this.#path();
    switch (this.#random.below(9)) {
      case 0:
        return { kind: 'put', path, type: 'json', data: this.#json() };
      case 1:
        return { kind: 'put', path, type: 'text', data: `t${this.#random.below(5)}é` };
      case 2:
        return { kind: 'append', path, type: 'items', data: this.#json() };
      case 3:
        return { kind: 'append', path, type: 'text', data: 'x' };
      case 4:
        return { kind: 'merge', path, patch: this.#json() };
      case 5:
        return { kind: 'increment', path, amount: BigInt(this.#random.below(9)) - 4n };
      case 6:
        return { kind: 'delete', path, scope: this.#random.below(2) === 0 ? 'node' : 'subtree' };
      case 7: {
        const sourceRevision =
          this.#random.below(2) === 0 ? 0 : 1 + this.#random.below(Math.max(1, revisions));
        return {
          kind: 'copy',
          path,
          source: this.#path(),
          sourceRevision: Math.min(sourceRevision, revisions),
        };
      }
      default:
        return { kind: 'put', path, type: 'json', data: '[1,2]' };
    }
  }

  #path(): string {
    const depth = 1 + this.#random.below(3);
    return Array.from({ length: depth }, () => `/${'abcdef'[this.#random.below(6)]}`).join('');
  }

  #json(): string {
    const n = this.#random.below(5);
    return (
      ['7', '{"k":1}', `{"k":{"l":${n}}}`, `{"m":null,"n":${n}}`, `{"o":"é","k":null}`][
        this.#random.below(5)
      ] ?? '0'
    );
  }
}
