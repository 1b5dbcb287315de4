/** Goal: histories hold what was written, and a padded text that came back damaged does not look whole. Method: texts as the workload writes them. */
import { expect, test } from 'vitest';

import { padded, unpadded } from './record.ts';

test('a text comes back as it was written, however long', () => {
  for (const [path, text] of [
    ['/big/1-0', 'ts1-w0.12'],
    ['/reg/1-0', 'ts1-w0.12'],
    ['/log/1-0', '[ts1-w0.12]'.repeat(1_000)],
  ] as const)
    expect(unpadded(padded(path, text))).toBe(text);
});

test('a padded text of which something is missing, or that has too much, is none that anybody wrote', () => {
  const whole = padded('/big/1-0', 'ts1-w0.12');
  for (const damaged of [whole.slice(1), whole.slice(0, -1), whole.slice(0, 20), `${whole}.`])
    expect(unpadded(damaged)).toBe(`${damaged.slice(0, 40)}: ${damaged.length} bytes`);
});
