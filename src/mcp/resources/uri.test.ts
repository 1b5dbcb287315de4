/** Goal: addresses of nodes are read as they are written, and nothing else is. Method: examples, there and back. */
import { describe, expect, it } from 'vitest';

import { NodeUriTemplate, readUri, writeUri } from './uri.ts';

const now = { revision: undefined, ghostId: undefined };

describe('an address', () => {
  it.each([
    ['hyperloom://default', { forest: 'default', path: '/', ...now }],
    ['hyperloom://default/', { forest: 'default', path: '/', ...now }],
    ['hyperloom://team_1/a/b', { forest: 'team_1', path: '/a/b', ...now }],
    ['hyperloom://f/a%20b/%3F', { forest: 'f', path: '/a b/?', ...now }],
    ['hyperloom://f/a?revision=7', { forest: 'f', path: '/a', revision: 7, ghostId: undefined }],
    ['hyperloom://f/a?ghost=x1', { forest: 'f', path: '/a', revision: undefined, ghostId: 'x1' }],
  ])('%s is read', (uri, target) => {
    expect(readUri(uri)).toEqual(target);
    expect(new NodeUriTemplate().match(uri)).toEqual({});
  });

  it.each([
    ...['', 'no address', 'https://default/a', 'hyperloom:default', 'hyperloom:///a', 'hyperloom://f/a#b'],
    ...['hyperloom://f/a?other=1', 'hyperloom://f/a?revision=-1', 'hyperloom://f/a?revision=x'],
    ...['hyperloom://f/a%2Fb', 'hyperloom://f/%zz'],
  ])('%s is none', (uri) => {
    expect(readUri(uri)).toBeUndefined();
    expect(new NodeUriTemplate().match(uri)).toBeNull();
  });

  it.each(['/', '/a', '/a/b', '/ä ö/?x=1&y/#/%', '/👻'])('of %s is read as it was written', (path) => {
    expect(readUri(writeUri('f', path))).toEqual({ forest: 'f', path, ...now });
    expect(readUri(writeUri('f', path, { ghostId: 'g&h' }))).toMatchObject({ path, ghostId: 'g&h' });
    expect(readUri(writeUri('f', path, { revision: 7 }))).toMatchObject({ path, revision: 7 });
  });
});
