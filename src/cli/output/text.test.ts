/** Goal: stored texts reach a terminal readable and harmless. Method: texts with everything a terminal would act on. */
import { describe, expect, it } from 'vitest';

import { styleFor } from './style.ts';
import { tableLines } from './table.ts';
import { byteSize, counted, oneLine, visible, visibleLines } from './text.ts';
import { valueLine } from './values.ts';

describe('texts for people', () => {
  it('show control characters, C1 codes, line breaks and bidirectional overrides as escapes', () => {
    const text = 'a\u001B[31mb\u009Bc\u202Ed\re\nf\tg\u2028h';
    expect(visible(text)).toBe('a\\u001b[31mb\\u009bc\\u202ed\\u000de\\u000af\\u0009g\\u2028h');
    expect(visibleLines(text)).toBe('a\\u001b[31mb\\u009bc\\u202ed\\u000de\nf\tg\\u2028h');
  });

  it('fit into one line', () => {
    expect(oneLine('  two\n words ', 20)).toBe('two words');
    expect(oneLine('x'.repeat(1_000_000), 5)).toBe('xxxx…');
    expect(oneLine('exact', 5)).toBe('exact');
  });

  it('tell sizes and counts', () => {
    expect([0, 1_023, 1_024, 5 * 1_024 ** 3].map(byteSize)).toEqual(['0 B', '1023 B', '1.0 KiB', '5.0 GiB']);
    expect([counted(1, 'node'), counted(1_234, 'node')]).toEqual(['1 node', '1,234 nodes']);
  });

  it('tell values by their kind', () => {
    expect(valueLine({ kind: 'text', value: 'a "b"', json: undefined }, 20)).toBe('"a "b""');
    expect(valueLine({ kind: 'json', value: 1, json: '1.0' }, 20)).toBe('1.0');
    expect(valueLine({ kind: 'bytes', value: new Uint8Array(2_048), json: undefined }, 20)).toBe('<2.0 KiB>');
    expect(valueLine({ kind: 'none', value: undefined, json: undefined }, 20)).toBe('');
  });

  it('stand in columns, numbers to the right', () => {
    const columns = [
      { title: 'NAME', cell: (row: readonly string[]) => row[0] ?? '' },
      { title: 'N', cell: (row: readonly string[]) => row[1] ?? '', align: 'right' as const },
    ];
    const rows = [
      ['a', '1'],
      ['longer', '100'],
    ];
    expect(tableLines(columns, rows, styleFor(false))).toEqual(['NAME      N', 'a         1', 'longer  100']);
  });
});
