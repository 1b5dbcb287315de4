/** Goal: who wants to be traced is known by one character. Method: every digit that can stand there. */
import { expect, test } from 'vitest';
import { isSampled } from './tracing.ts';

test.each('0123456789abcdef'.split(''))('flags that end in %s', (digit) => {
  const traceParent = `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0${digit}`;
  expect(isSampled(traceParent)).toBe(Number.parseInt(digit, 16) % 2 === 1);
});

test('no trace context is not sampled', () => {
  expect(isSampled(undefined)).toBe(false);
});
