/**
 * Goal: speculation and races take back what is refused, tell what the broker told, and let exactly one alternative through.
 * Method: ghosts that follow a broker's rules in memory, so that every interleaving can be made by hand.
 */
import { describe, expect, test } from 'vitest';
import {
  ConflictError,
  makeError,
  RaceExhaustedError,
  RaceOverError,
  ReviewRejectedError,
} from './errors.ts';
import { RaceFailed, SpeculationFailed } from './failed-attempts.ts';
import type { GhostOptions } from './options.ts';
import type { Committed, Reverted } from './outcomes.ts';
import { race, type Alternative } from './race.ts';
import { speculate, type SpeculativeGhost } from './speculate.ts';

/** A race's place in the broker: attempts and a winner, counted as the API says. */
class Broker {
  attempts = 0;
  winner = '';
  begun = 0;
  readonly log: string[] = [];
  /** What commits are refused with, first to last. */
  readonly refusals: Error[] = [];

  readonly begin = async (options: GhostOptions): Promise<FakeGhost> => {
    this.attempt(options);
    this.begun += 1;
    this.log.push(`begin ${options.label ?? ''}`);
    return new FakeGhost(this, `ghost_${this.begun}`, options);
  };

  attempt({ race: membership }: GhostOptions): void {
    if (membership === undefined) return;
    if (this.winner !== '') throw overError(this.winner);
    if (this.attempts === membership.attemptsMax)
      throw makeError({ code: 'RESOURCE_EXHAUSTED', reason: 'RACE_EXHAUSTED', message: 'no attempts left' });
    this.attempts += 1;
  }
}

class FakeGhost implements SpeculativeGhost {
  readonly id: string;
  readonly #broker: Broker;
  readonly #options: GhostOptions;
  over = false;
  staged = 0;

  constructor(broker: Broker, id: string, options: GhostOptions) {
    this.#broker = broker;
    this.id = id;
    this.#options = options;
  }

  async checkpoint(): Promise<void> {
    expect(this.staged).toBe(0);
  }

  async state(): Promise<{ readonly stagedOperations: number }> {
    return { stagedOperations: this.staged };
  }

  async rewind({ reason }: { readonly reason: string }): Promise<Reverted> {
    this.#broker.attempt(this.#options);
    return this.#takeBack(`rewind ${this.id}: ${reason}`);
  }

  async revert(reason: string): Promise<Reverted> {
    this.over = true;
    return this.#takeBack(`revert ${this.id}: ${reason}`);
  }

  async commit(): Promise<Committed> {
    const refusal = this.#broker.refusals.shift();
    if (refusal instanceof ReviewRejectedError) this.staged = 0;
    if (refusal !== undefined) throw refusal;
    if (this.#broker.winner !== '') throw overError(this.#broker.winner);
    if (this.#options.race !== undefined) this.#broker.winner = this.id;
    this.over = true;
    this.#broker.log.push(`commit ${this.id}`);
    return { revision: 5, operations: this.staged, repeated: false, schemaVersion: 0 };
  }

  #takeBack(line: string): Reverted {
    this.#broker.log.push(line);
    const droppedOperations = this.staged;
    this.staged = 0;
    const rest = {
      revision: 0,
      checkpoint: undefined,
      attempts: [],
      brokerTimeMs: 0.01,
      repeated: false,
      edition: 0,
    };
    return { ...rest, droppedOperations };
  }
}

function overError(winner: string): Error {
  const metadata = { winner_ghost_id: winner };
  return makeError({ code: 'FAILED_PRECONDITION', reason: 'RACE_OVER', message: 'over', metadata });
}

const conflict = makeError({ code: 'ABORTED', reason: 'CONFLICT', message: 'somebody was faster' });
const rejection = makeError({
  code: 'ABORTED',
  reason: 'REVIEW_REJECTED',
  message: 'rejected',
  metadata: { reviewer: 'editor', review_reason: 'too long' },
});

describe('speculation', () => {
  test('tells each attempt what the broker told when the one before was taken back', async () => {
    const broker = new Broker();
    const dropped: (number | undefined)[] = [];
    const refused: unknown[] = [];
    const done = await speculate(broker.begin, {
      work: (ghost, { number, reverted }) => {
        dropped.push(reverted?.droppedOperations);
        ghost.staged += number;
        return number;
      },
      verify: (_ghost, number) => number === 3 || `${number} is too small`,
      onRefused: ({ number }, reason, reverted) =>
        refused.push([number, reason, reverted?.droppedOperations]),
    });
    expect(dropped).toEqual([undefined, 1, 2]);
    expect(refused).toEqual([
      [1, '1 is too small', 1],
      [2, '2 is too small', 2],
    ]);
    expect(done).toMatchObject({ result: 3, revision: 5, ghostId: 'ghost_1', attempts: 3 });
  });

  test('begins anew after a conflict, since the base of a ghost stays as it is', async () => {
    const broker = new Broker();
    broker.refusals.push(conflict);
    await speculate(broker.begin, { work: () => undefined, label: 'x' });
    expect(broker.log).toEqual([
      'begin x',
      'revert ghost_1: somebody was faster',
      'begin x',
      'commit ghost_2',
    ]);
  });

  test('takes a rejection as a reason; the broker has taken the ghost back already', async () => {
    const broker = new Broker();
    broker.refusals.push(rejection);
    const done = await speculate(broker.begin, { work: (ghost) => void (ghost.staged += 1) });
    expect(done.reasons).toEqual(['too long']);
    expect(broker.log).toEqual(['begin ', 'commit ghost_1']);
  });

  test('stops between its steps when its caller gives up, and leaves nothing behind', async () => {
    const broker = new Broker();
    const abort = new AbortController();
    const failing = speculate(broker.begin, {
      signal: abort.signal,
      work: () => abort.abort(new Error('enough')),
      verify: () => expect.fail('it was given up before'),
    });
    await expect(failing).rejects.toThrow('enough');
    expect(broker.log).toEqual(['begin ', 'revert ghost_1: enough']);
  });
});

describe('a race', () => {
  test('is won by the first that is accepted, and the others are told by their signals', async () => {
    const broker = new Broker();
    const { promise: lost, resolve: lose } = Promise.withResolvers<unknown>();
    const slow: Alternative<FakeGhost, string> = {
      label: 'slow',
      work: (_ghost, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            lose(signal.reason);
            reject(signal.reason as Error);
          });
        }),
    };
    const quick: Alternative<FakeGhost, string> = { label: 'quick', work: async () => 'done' };
    const won = await race(broker.begin, 'race', [slow, quick], {});
    expect(won).toMatchObject({ index: 1, label: 'quick', result: 'done', revision: 5, ghostId: 'ghost_2' });
    expect(await lost).toBeInstanceOf(RaceOverError);
    expect(await lost).toMatchObject({ winnerGhostId: 'ghost_2' });
    expect(broker.attempts).toBe(2);
  });

  test('lets alternatives try again until the attempts of all together are used up', async () => {
    const broker = new Broker();
    const tries: string[] = [];
    const stubborn = (name: string): Alternative<FakeGhost, void> => ({
      label: name,
      work: () => void tries.push(name),
      verify: () => `${name} is wrong`,
    });
    const failing = race(broker.begin, 'race', [stubborn('a'), stubborn('b')], { attemptsMax: 5 });
    const error = await failing.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RaceFailed);
    expect(tries).toHaveLength(5);
    const { errors } = error as RaceFailed;
    expect(errors).toEqual([expect.any(SpeculationFailed), expect.any(SpeculationFailed)]);
    expect(errors[0]).toMatchObject({
      cause: expect.any(RaceExhaustedError),
      reasons: expect.arrayContaining(['a is wrong']),
    });
    // Neither ghost is left behind.
    expect(broker.log.filter((line) => line.startsWith('revert'))).toHaveLength(2);
  });

  test('goes on with the others when the work of one fails', async () => {
    const broker = new Broker();
    const won = await race(
      broker.begin,
      'race',
      [
        { work: () => Promise.reject(new Error('broken')) },
        { work: async () => 'whole', verify: () => true },
      ],
      { verify: () => 'never' },
    );
    expect(won).toMatchObject({ index: 1, result: 'whole' });
    expect(broker.log).toContain('revert ghost_1: broken');
  });

  test('is won also where a loser learns of it before the winner does', async () => {
    const broker = new Broker();
    const { promise: isLost, resolve: tell } = Promise.withResolvers<void>();
    const won = await race(
      async (options) => {
        const ghost = await broker.begin(options);
        const commit = ghost.commit.bind(ghost);
        if (options.label === 'winner') {
          ghost.commit = async () => {
            const committed = await commit();
            await isLost;
            options.signal?.throwIfAborted();
            return committed;
          };
        }
        return ghost;
      },
      'race',
      [
        { label: 'winner', work: () => 'first' },
        {
          label: 'loser',
          work: async () => {
            await expect.poll(() => broker.winner).toBe('ghost_1');
            setImmediate(tell);
            const metadata = { race_id: 'race', winner_ghost_id: 'ghost_1' };
            throw makeError({ code: 'FAILED_PRECONDITION', reason: 'GHOST_OVER', message: 'over', metadata });
          },
        },
      ],
      {},
    );
    expect(won).toMatchObject({ index: 0, result: 'first' });
  });

  test('is over for all when another process has won it', async () => {
    const broker = new Broker();
    broker.winner = 'ghost_elsewhere';
    const failing = race(broker.begin, 'race', [{ work: () => 1 }, { work: () => 2 }], {});
    await expect(failing).rejects.toMatchObject({ winnerGhostId: 'ghost_elsewhere' });
    await expect(failing).rejects.toThrow(RaceOverError);
  });

  test('ends with the reason of its signal', async () => {
    const broker = new Broker();
    const abort = new AbortController();
    const failing = race(broker.begin, 'race', [{ work: () => abort.abort(new Error('enough')) }], {
      signal: abort.signal,
    });
    await expect(failing).rejects.toThrow('enough');
  });

  test('gives each alternative four attempts where nobody says how many', async () => {
    const broker = new Broker();
    const alternatives = [{ work: () => 1 }, { work: () => 2 }];
    await expect(race(broker.begin, 'race', alternatives, { verify: () => false })).rejects.toThrow(
      RaceFailed,
    );
    expect(broker.attempts).toBe(8);
    expect(conflict).toBeInstanceOf(ConflictError);
  });
});
