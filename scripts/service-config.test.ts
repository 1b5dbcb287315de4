/** Goal: the service configs that are published name every RPC that may be repeated, and no other. Method: the API's descriptors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, repetitionOf, serviceConfigs, services, textOf } from './service-config.ts';

test('the files say what the API says', () => {
  for (const [name, config] of serviceConfigs())
    expect(readFileSync(join(folder, name), 'utf8'), 'npm run generate').toBe(textOf(config));
});

test('only streams of requests are never repeated', () => {
  const never = services.flatMap(({ methods }) =>
    methods.filter((method) => repetitionOf(method) === 'never').map(({ name }) => name),
  );
  expect(never).toEqual(['PublishStream', 'Restore']);
});
