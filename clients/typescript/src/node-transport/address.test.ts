/** Goal: every usual way to write an address is understood, and others are refused with words. Method: a table. */
import { expect, test } from 'vitest';
import { parseAddress, parseAddresses } from './address.ts';

test.each([
  ['127.0.0.1:7400', false, 'http://127.0.0.1:7400', false],
  ['localhost', false, 'http://localhost:7400', false],
  ['broker.example.com:443', true, 'https://broker.example.com', true],
  ['https://broker.example.com', false, 'https://broker.example.com:7400', true],
  ['http://[::1]:80/', false, 'http://[::1]', false],
  ['[::1]:9000', false, 'http://[::1]:9000', false],
])('%s (tls: %s) is %s', (address, tls, origin, secure) => {
  expect(parseAddress(address, tls)).toEqual({ origin, secure });
});

test.each(['', 'http://', 'host:port', 'a/b', 'http://user:secret@host', 'ftp://x'])(
  '%j is refused',
  (address) => {
    expect(() => parseAddress(address, false)).toThrow(TypeError);
  },
);

test('several addresses are a list, or a text with commas', () => {
  const both = [
    { origin: 'http://a:7400', secure: false },
    { origin: 'http://b:1', secure: false },
  ];
  expect(parseAddresses(['a', 'b:1'], false)).toEqual(both);
  expect(parseAddresses('a, b:1', false)).toEqual(both);
  expect(() => parseAddresses([], false)).toThrow(TypeError);
  expect(() => parseAddresses('a,,b', false)).toThrow(TypeError);
});
