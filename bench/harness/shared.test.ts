/** Goal: what subjects share is opened once and closed once, with the last of them. */
import { expect, it } from 'vitest';

import { shared } from './shared.ts';

it('opens with the first, closes with the last, and opens anew after that', async () => {
  const told: string[] = [];
  const open = (name: string): Promise<string> => {
    told.push(`open ${name}`);
    return Promise.resolve(name);
  };
  const close = (name: string): Promise<void> => {
    told.push(`close ${name}`);
    return Promise.resolve();
  };
  const opened = shared(open, close);
  const [one, other] = [opened('a'), opened('a')];
  expect(await Promise.all([one.take(), other.take()])).toEqual(['a', 'a']);
  await one.giveBack();
  expect(told).toEqual(['open a']);
  await other.giveBack();
  expect(await opened('b').take()).toBe('b');
  expect(told).toEqual(['open a', 'close a', 'open b']);
});
