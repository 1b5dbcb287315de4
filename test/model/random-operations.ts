/** Random operations on few paths, so that they meet. */
import type { Random } from '../../src/base/random.ts';
import { tallyText } from '../support/tally.ts';
import type { Tally } from '../support/tally.ts';
import type { NaiveOperation } from './naive-forest.ts';

export class RandomOperations {
  readonly #random: Random;

  readonly #hasMessages: boolean;

  constructor(random: Random, hasMessages: boolean) {
    this.#random = random;
    this.#hasMessages = hasMessages;
  }

  /** One operation; copies are from one of the `revisions` revisions so far, or from what the diff sees. */
  operation(revisions: number): NaiveOperation {
    if (this.#hasMessages && this.#random.below(3) === 0) return this.#onFields();
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
          path: this.#hasMessages && this.#random.below(4) === 0 ? this.#messagePath() : path,
          source: this.#hasMessages && this.#random.below(4) === 0 ? this.#messagePath() : this.#path(),
          sourceRevision: Math.min(sourceRevision, revisions),
        };
      }
      default:
        return { kind: 'put', path, type: 'json', data: '[1,2]' };
    }
  }

  /** Where messages are, as a rule. */
  #messagePath(): string {
    return ['/g', '/g/a', '/h', '/h/b', this.#path()][this.#random.below(5)] ?? '/g';
  }

  #onFields(): NaiveOperation {
    const path = this.#messagePath();
    const word = 'xyz'[this.#random.below(3)] ?? 'x';
    const merge = (patch: Tally, ...mask: string[]): NaiveOperation => ({
      kind: 'merge_message',
      path,
      patch,
      mask,
    });
    const part = this.#random.below(2) === 0 ? { state: word } : { count: 1 + this.#random.below(3) };
    switch (this.#random.below(13)) {
      case 0:
        return { kind: 'put', path, type: 'message', data: tallyText({ title: word, lines: [word] }) };
      case 1:
      case 2:
        return merge({ title: word });
      case 3:
        return merge({ part });
      case 4:
        return merge(
          { lines: [word, word] },
          'lines',
          ...(this.#random.below(2) === 0 ? ['part.state'] : []),
        );
      case 5:
        return merge({ lines: [word], marks: [this.#random.below(400) - 200], part: {} });
      case 6:
        return merge({}, ['title', 'part', 'part.count', 'total', 'marks'][this.#random.below(5)] ?? 'title');
      case 7:
        return merge({ part }, 'part');
      case 8:
      case 9:
        return { kind: 'append_message', path, patch: { lines: [word] }, mask: [] };
      case 10:
        return {
          kind: 'append_message',
          path,
          patch: { marks: [this.#random.below(400) - 200, 1] },
          mask: [],
        };
      default:
        return { kind: 'increment_field', path, amount: BigInt(this.#random.below(9)) - 4n };
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
