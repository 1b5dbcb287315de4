/** Goal: a token goes along with each call and stream, the newest one, and never into a message. Method: the real client and a broker that asks, and the function alone. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGuardedBroker, until, type GuardedBroker } from '../../../test/access/guarded-broker.ts';
import { connect as connectFromPage } from './browser.ts';
import { connect } from './index.ts';
import { tokenSource } from './token.ts';

let guarded: GuardedBroker;
beforeAll(async () => {
  guarded = await startGuardedBroker({ grants: [{ principals: 'planner', may: ['read', 'write'] }] });
});
afterAll(() => guarded.close());

test.each([
  ['Node', (token: () => string) => connect(guarded.broker.url, { token, retry: false })],
  ['a page', (token: () => string) => connectFromPage(guarded.broker.url, { token, retry: false })],
] as const)('a client in %s asks for its token at each call', async (_where, open) => {
  let token = 'hl_wrong';
  const client = open(() => token);
  await expect(client.get('/a')).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    reason: 'CREDENTIALS_INVALID',
  });
  token = guarded.token('planner');
  await until(() =>
    client.put('/a', 1).then(
      () => true,
      () => false,
    ),
  );
  expect((await client.get('/a')).author).toBe('planner');
  for await (const item of client.subscribe('/**')) if (item.kind !== 'event') break;
  client.destroy();
});

test('a token that cannot be told fails the call and not the program', async () => {
  let tell = (): string => {
    throw new Error('no token today');
  };
  const client = connect(guarded.broker.url, { token: () => tell(), retry: false });
  await expect(client.get('/a')).rejects.toThrow('no token today');
  await expect(client.put('/a', 1)).rejects.toThrow('no token today');
  const planner = guarded.token('planner');
  tell = () => planner;
  await until(() =>
    client.put('/a', 1).then(
      () => true,
      () => false,
    ),
  );
  client.destroy();
});

test('what no header can hold is refused without being told', () => {
  for (const wrong of ['secret\n', 'sec ret', 'sécret']) {
    expect(() => tokenSource(wrong)).toThrow(/characters that no token has/);
    expect(() => tokenSource(() => wrong)()).toThrow(/^the token holds/);
  }
});
