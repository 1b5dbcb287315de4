/** Goal: a token in the address is used, and does not stay there. Method: a window of plain objects. */
import { expect, test } from 'vitest';
import { dropToken, keepToken, pageToken, type TokenFrame } from './page-token.ts';

function frame(hash: string, stored = new Map<string, string>()) {
  const shown: string[] = [];
  const made: TokenFrame = {
    location: { hash, pathname: '/', search: '?forest=a' },
    history: { state: null, replaceState: (_state, _title, address) => void shown.push(String(address)) },
    sessionStorage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
      removeItem: (key) => void stored.delete(key),
    },
  };
  return { made, shown, stored };
}

test('a token in the address is taken out of it and kept', () => {
  const { made, shown, stored } = frame('#token=hl_a_b');
  expect(pageToken(made)).toBe('hl_a_b');
  expect(shown).toEqual(['/?forest=a']);
  expect(pageToken(frame('', stored).made)).toBe('hl_a_b');
});

test('without one nothing is changed', () => {
  for (const hash of ['', '#', '#token=', '#other=1']) {
    const { made, shown } = frame(hash);
    expect([pageToken(made), shown]).toEqual([undefined, []]);
  }
});

test('one that was typed in is kept, and forgotten where it is not taken', () => {
  const { made, shown } = frame('');
  keepToken('hl_c_d', made);
  expect(pageToken(made)).toBe('hl_c_d');
  dropToken(made);
  expect([pageToken(made), shown]).toEqual([undefined, []]);
});
