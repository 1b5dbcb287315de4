/** Goal: a server of NATS that is away is not beaten on, and found soon when it is back. Method: many pauses of two brokers, each with its own seed. */
import { expect, test } from 'vitest';
import { natsDialMsMax, natsDialMsMin } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import { DialPauses } from './dial-pauses.ts';

test('pauses grow up to a second, differ between brokers, and begin anew behind a connection', () => {
  const [one, other] = [1, 2].map((seed) => new DialPauses(seededRandom(seed)));
  const all = Array.from({ length: 30 }, () => [one?.next() ?? 0, other?.next() ?? 0]);
  for (const pause of all.flat()) {
    expect(pause).toBeGreaterThanOrEqual(natsDialMsMin / 2);
    expect(pause).toBeLessThanOrEqual(natsDialMsMax);
  }
  for (const pause of all.slice(10).flat()) expect(pause).toBeGreaterThanOrEqual(natsDialMsMax / 2);
  expect(all.filter(([mine, its]) => mine === its).length).toBeLessThan(5);
  one?.reset();
  expect(one?.next()).toBeLessThanOrEqual(natsDialMsMin);
});
